import JoblineBackend
import JoblineProtocol
import Subprocess
import SystemPackage
import TestSupport
import Testing

@testable import JoblineEmbedded

/// The executors of `deploy/executors`, each on input whose result is known beforehand.
@Suite("The example executors", .timeLimit(.minutes(1)))
struct ExampleExecutorTests {
    private static let folder: FilePath = {
        var path = FilePath(#filePath)
        for _ in 0..<3 { path.removeLastComponent() }
        return path.appending("deploy").appending("executors")
    }()

    private func bench(_ family: JobFamily, _ name: String, _ arguments: String...) throws -> Bench {
        try Bench([family: ExecutorConfiguration(command: [Self.folder.appending(name).string] + arguments)])
    }

    @Test("Hello, as the README shows it, does files of every name")
    func hello() async throws {
        let readme = try Project.text("deploy/executors/README.md")
        let block = try #require(readme.split(separator: "```python\n").dropFirst().first)
        let program = try #require(block.split(separator: "```").first)
        let sandbox = try Sandbox()
        try sandbox.write(String(program), to: "hello")
        try sandbox.write(Project.text("deploy/executors/jobline_executor.py"), to: "jobline_executor.py")
        let hello = ExecutorConfiguration(command: [sandbox.path.appending("hello").string])
        let bench = try Bench([.rxNormInference: hello])
        let names = [#"a "quoted" name's \ end"#, "two\nlines\t", "नाम/ü", "-n", "%s", "$(x)"]
        for name in names { try bench.sandbox.write("two words", to: "state/buckets/notes/june/\(name)") }
        let job = try await bench.finished()
        #expect(job.jobStatus == .completed, "\(job.message ?? "")")
        let output = bench.output(try #require(job.jobID))
        for name in names { #expect(bench.sandbox.read("\(output)/\(name).out") == "2\n", "\(name)") }
    }

    @Test("rxnorm finds drugs in notes, and skips other files")
    func rxnorm() async throws {
        let bench = try bench(.rxNormInference, "rxnorm")
        let notes = "state/buckets/notes/june"
        try bench.sandbox.write("Take aspirin 81 mg daily. Denies taking ibuprofen.\n", to: "\(notes)/a.txt")
        try bench.sandbox.write(Array(repeating: 0x20, count: 40_961), to: "\(notes)/sub/long.txt")
        try bench.sandbox.write([0x61, 0xFF], to: "\(notes)/binary.txt")
        let job = try await bench.finished()
        let id = try #require(job.jobID)
        #expect(job.jobStatus == .partialSuccess)
        #expect(job.message == "2 of 3 files were not processed")
        let output = bench.output(id)
        #expect(try bench.sandbox.files(output) == ["Manifest", "a.txt.out", "success", "unprocessed"])
        let found = try #require(bench.sandbox.read("\(output)/a.txt.out"))
        #expect(found.contains(#""Text": "aspirin""#) && found.contains(#""BeginOffset": 5, "EndOffset": 12"#))
        #expect(found.contains(#""RxNormConcepts": [{"Description": "aspirin", "Code": "1191""#))
        #expect(found.contains(#""Traits": [{"Name": "NEGATION""#) && found.contains(#""Code": "5640""#))
        #expect(
            bench.sandbox.read("\(output)/unprocessed")
                == #"{"Files":[{"Input":"sub/long.txt","ErrorMessage":"over 40 KB"},"#
                + #"{"Input":"binary.txt","ErrorMessage":"not UTF-8"}]}"# + "\n")
        let manifest = try #require(bench.sandbox.read("\(output)/Manifest"))
        #expect(manifest.contains(#""InputFileCount":3,"TotalMeteredCharacters":51,"UnprocessedFilesCount":2"#))
    }

    @Test("Batch-segment ranks users by affinity")
    func batchSegment() async throws {
        let sandbox = try Sandbox()
        try sandbox.write(
            "USER_ID,ITEM_ID,TIMESTAMP\nann,1,1\nann,1,2\nbob,1,3\nbob,2,4\ncid,2,5\ndee,3,6\n", to: "interactions.csv")
        let bench = try bench(
            .batchSegment, "batch-segment", "--interactions", sandbox.path.appending("interactions.csv").string)
        try bench.sandbox.write(
            #"{"itemId":"1"}"# + "\n" + #"{"itemId":"9"}"# + "\n", to: "state/buckets/items/in.json")
        let request = Personalize.CreateBatchSegmentJobRequest(
            jobName: "june", solutionVersionARN: "arn:aws:personalize:eu-central-1:123456789012:solution/items/1",
            jobInput: .init(s3DataSource: .init(path: "s3://items/in.json")),
            jobOutput: .init(s3DataDestination: .init(path: "s3://segments/june/")),
            roleARN: "arn:aws:iam::123456789012:role/\(Secret.word)", numResults: 2)
        try await bench.run { backend in
            let changes = backend.changes()
            _ = try await backend.personalize.createBatchSegmentJob(request, context: bench.context)
            for await change in changes where change.isFinal {
                #expect(change.status == "ACTIVE")
                break
            }
        }
        // ann: 1 + ln 2, bob: 1 + cos(1,2), cid: cos(1,2), of whom two were asked for; dee has none.
        #expect(
            bench.sandbox.read("state/buckets/segments/june/in.json.out")
                == #"{"input": {"itemId": "1"}, "output": {"usersList": ["ann", "bob"]}, "error": null}"# + "\n"
                + #"{"input": {"itemId": "9"}, "output": null, "error": "no interactions with item 9"}"# + "\n")
    }

    @Test("batch-inference recommends new items for a user, and similar items for an item")
    func batchInference() async throws {
        let sandbox = try Sandbox()
        try sandbox.write(
            "USER_ID,ITEM_ID,TIMESTAMP\nann,1,1\nann,1,2\nbob,1,3\nbob,2,4\ncid,2,5\ncid,4,6\ndee,3,7\nfay,2,8\n",
            to: "interactions.csv")
        let bench = try bench(
            .batchInference, "batch-inference", "--interactions", sandbox.path.appending("interactions.csv").string)
        let asked = [#""userId": "fay""#, #""itemId": "2""#, #""userId": "dee""#, #""userId": "zoe""#]
        try bench.sandbox.write(asked.map { "{\($0)}\n" }.joined(), to: "state/buckets/users/in.json")
        let status = try await finished(bench, .init(path: "s3://users/in.json"))
        #expect(status == "ACTIVE")
        // cos(2,4) = 1/√3, and cos(1,2) = 1/(√3 |(1 + ln 2, 1)|); dee alone has item 3.
        let outputs = [
            #""output": {"recommendedItems": ["4", "1"], "scores": [0.6628916, 0.3371084]}, "error": null"#,
            #""output": {"recommendedItems": ["4", "1"]}, "error": null"#,
            #""output": {"recommendedItems": [], "scores": []}, "error": null"#,
            #""output": null, "error": "no interactions with user zoe""#,
        ]
        #expect(
            bench.sandbox.read("state/buckets/items/june/in.json.out")
                == zip(asked, outputs).map { #"{"input": {\#($0)}, \#($1)}"# + "\n" }.joined())
    }

    /// Outcome of a batch inference job.
    private func finished(_ bench: Bench, _ input: Personalize.S3DataConfig) async throws -> String? {
        let request = Personalize.CreateBatchInferenceJobRequest(
            jobName: "june", solutionVersionARN: "arn:aws:personalize:eu-central-1:123456789012:solution/users/1",
            jobInput: .init(s3DataSource: input),
            jobOutput: .init(s3DataDestination: .init(path: "s3://items/june/")),
            roleARN: "arn:aws:iam::123456789012:role/\(Secret.word)")
        return try await bench.run { backend in
            let changes = backend.changes()
            _ = try await backend.personalize.createBatchInferenceJob(request, context: bench.context)
            for await change in changes where change.isFinal { return change.status }
            return nil
        }
    }

    private static let peopleSchema = """
        {"mappedInputFields": [{"fieldName": "id", "type": "UNIQUE_ID"},
         {"fieldName": "email", "type": "EMAIL_ADDRESS", "matchKey": "email"},
         {"fieldName": "phone", "type": "PHONE_NUMBER", "matchKey": "phone"}]}
        """

    @Test("matching joins records that share an e-mail address or a telephone number, transitively")
    func matching() async throws {
        let bench = try bench(.matching, "matching")
        try bench.sandbox.write(
            "id,email,phone\n1,ann@example.com,\n2,Ann@Example.com,555-010-0101\n3,,(555) 010 0101\n4,bob@example.com,\n5,,\n",
            to: "state/tables/crm/people/part.csv")
        try bench.sandbox.write(Self.peopleSchema, to: "state/schemas/people.json")
        let workflow = EntityResolution.CreateMatchingWorkflowRequest(
            workflowName: "people",
            inputSourceConfig: [
                .init(
                    inputSourceARN: "arn:aws:glue:eu-central-1:123456789012:table/crm/people", schemaName: "people",
                    applyNormalization: true)
            ],
            outputSourceConfig: [.init(output: [.init(name: "email")], outputS3Path: "s3://matches")],
            resolutionTechniques: .init(
                resolutionType: .ruleMatching,
                ruleBasedProperties: .init(
                    rules: [
                        .init(ruleName: "email", matchingKeys: ["email"]),
                        .init(ruleName: "phone", matchingKeys: ["phone"]),
                    ], attributeMatchingModel: .oneToOne)),
            roleARN: "arn:aws:iam::123456789012:role/\(Secret.word)")
        let job = try await bench.run { backend in
            _ = try await backend.entityResolution.createMatchingWorkflow(workflow, context: bench.context)
            let changes = backend.changes()
            let id = try await backend.entityResolution.startMatchingJob(
                .init(workflowName: "people"), context: bench.context
            ).jobID
            for await change in changes where change.isFinal { break }
            return try await backend.entityResolution.getMatchingJob(
                .init(workflowName: "people", jobID: id), context: bench.context)
        }
        #expect(job.status == .succeeded)
        #expect(job.errorDetails == nil)
        #expect(
            job.metrics
                == EntityResolution.JobMetrics(
                    inputRecords: 5, totalRecordsProcessed: 4, recordsNotProcessed: 1, matchIDs: 2))
        let lines = try #require(bench.sandbox.read("state/buckets/matches/\(job.jobID)/success/part-00000.csv"))
            .split(separator: "\n").dropFirst().map { $0.split(separator: ",", omittingEmptySubsequences: false) }
        // The record's own id comes last, the id of its group before it.
        let groups = Dictionary(grouping: lines, by: { $0[$0.count - 2] }).mapValues { $0.compactMap(\.last).sorted() }
        #expect(Set(groups.values) == [["1", "2", "3"], ["4"]])
        #expect(bench.sandbox.read("state/buckets/matches/\(job.jobID)/error/part-00000.csv")?.contains(",5,") == true)
    }

    /// An ID mapping job, ended, of people who wrote to people who are known.
    private func mapped(
        _ bench: Bench, _ model: EntityResolution.RecordMatchingModel, _ jobType: EntityResolution.JobType? = nil
    ) async throws -> EntityResolution.GetIdMappingJobResponse {
        try bench.sandbox.write(
            "id,email,phone\nl1,Ann@Example.com,\nl2,ann@example.com,\nl3,,(555) 010-0101\nl4,new@example.com,\nl5,,\n",
            to: "state/tables/crm/leads/part.csv")
        try bench.sandbox.write(
            "id,email,phone\nc1,ann@example.com,\nc2,,555.010.0101\nc3,bob@example.com,\n,nameless@example.com,\n",
            to: "state/tables/crm/people/part.csv")
        try bench.sandbox.write(Self.peopleSchema, to: "state/schemas/people.json")
        let workflow = EntityResolution.CreateIdMappingWorkflowRequest(
            workflowName: "leads",
            inputSourceConfig: [("leads", EntityResolution.IdNamespaceType.source), ("people", .target)].map {
                .init(
                    inputSourceARN: "arn:aws:glue:eu-central-1:123456789012:table/crm/\($0)", schemaName: "people",
                    type: $1)
            },
            idMappingTechniques: .init(
                idMappingType: .ruleBased,
                ruleBasedProperties: .init(
                    ruleDefinitionType: .target, attributeMatchingModel: .oneToOne, recordMatchingModel: model,
                    rules: [
                        .init(ruleName: "email", matchingKeys: ["email"]),
                        .init(ruleName: "phone", matchingKeys: ["phone"]),
                    ])),
            outputSourceConfig: [.init(outputS3Path: "s3://mapped")])
        return try await bench.run { backend in
            _ = try await backend.entityResolution.createIDMappingWorkflow(workflow, context: bench.context)
            let changes = backend.changes()
            let id = try await backend.entityResolution.startIDMappingJob(
                .init(workflowName: "leads", jobType: jobType), context: bench.context
            ).jobID
            for await change in changes where change.isFinal { break }
            return try await backend.entityResolution.getIDMappingJob(
                .init(workflowName: "leads", jobID: id), context: bench.context)
        }
    }

    @Test(
        "id-mapping maps sources to targets by the first rule that does, many to one or one to one",
        arguments: [
            (
                EntityResolution.RecordMatchingModel.manySourceToOneTarget,
                ["l1,c1,email", "l2,c1,email", "l3,c2,phone"]
            ),
            (.oneSourceToOneTarget, ["l1,c1,email", "l3,c2,phone"]),
        ])
    func idMapping(model: EntityResolution.RecordMatchingModel, pairs: [String]) async throws {
        let bench = try bench(.idMapping, "id-mapping")
        let job = try await mapped(bench, model)
        #expect(job.status == .succeeded, "\(job.errorDetails?.errorMessage ?? "")")
        #expect(
            job.metrics
                == EntityResolution.IdMappingJobMetrics(
                    inputRecords: 9, totalRecordsProcessed: 7, recordsNotProcessed: 2,
                    totalMappedRecords: pairs.count + 2, totalMappedSourceRecords: pairs.count,
                    totalMappedTargetRecords: 2, uniqueRecordsLoaded: 7))
        let table = "arn:aws:glue:eu-central-1:123456789012:table/crm/"
        let lines =
            ["SourceId,TargetId,MatchRule,SourceInputSourceARN,TargetInputSourceARN"]
            + pairs.map { "\($0),\(table)leads,\(table)people" }
        #expect(
            bench.sandbox.read("state/buckets/mapped/\(job.jobID)/success/part-00000.csv")
                == lines.joined(separator: "\n") + "\n")
        let errors = try #require(bench.sandbox.read("state/buckets/mapped/\(job.jobID)/error/part-00000.csv"))
        #expect(errors.contains(",part.csv,6,l5,no value for any match key"))
        #expect(errors.contains(",part.csv,5,,no unique id in id"))
    }

    @Test("id-mapping reports that it keeps no state between jobs")
    func incrementalIDMapping() async throws {
        let bench = try bench(.idMapping, "id-mapping")
        let job = try await mapped(bench, .manySourceToOneTarget, .incremental)
        #expect(job.status == .failed)
        #expect(job.errorDetails?.errorMessage?.contains("BATCH only, not INCREMENTAL") == true)
        #expect(!bench.sandbox.exists("state/buckets/mapped/\(job.jobID)"))
    }
}

/// The tests that are written in the executors' own language, in the folder `ExampleExecutors`.
@Suite("The example executors in Python", .timeLimit(.minutes(5)))
struct ExampleExecutorPythonTests {
    @Test(
        "Text of every script is compared, and only invalid rows are skipped",
        arguments: ["test_text", "test_csv", "test_notes", "test_batch", "test_records"])
    func python(_ name: String) async throws {
        let folder = Project.file("Tests/JoblineEmbeddedTests/ExampleExecutors")
        // The interpreter that the executors name in their first line.
        let outcome = try await Command.run("/usr/bin/python3", ["-B", "-W", "error", "\(folder)/\(name).py"])
        #expect(outcome.status == .exited(0), "\(outcome.error)")
    }
}
