import JoblineProtocol
import SystemPackage
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

    @Test("rxnorm finds drugs in notes, and leaves out what is no note")
    func rxnorm() async throws {
        let bench = try bench(.rxNormInference, "rxnorm")
        let notes = "state/buckets/notes/june"
        try bench.sandbox.write("Take aspirin 81 mg daily. Denies taking ibuprofen.\n", to: "\(notes)/a.txt")
        try bench.sandbox.write(Array(repeating: 0x20, count: 40_001), to: "\(notes)/sub/long.txt")
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
                == #"{"Files":[{"Input":"binary.txt","ErrorMessage":"not UTF-8"},"#
                + #"{"Input":"sub/long.txt","ErrorMessage":"over 40 KB"}]}"# + "\n")
        let manifest = try #require(bench.sandbox.read("\(output)/Manifest"))
        #expect(manifest.contains(#""InputFileCount":3,"TotalMeteredCharacters":51,"UnprocessedFilesCount":2"#))
    }

    @Test("batch-segment ranks users by affinity")
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
            roleARN: "arn:aws:iam::123456789012:role/local", numResults: 2)
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

    @Test("matching joins records that share an e-mail address or a telephone number, and so on from one to the next")
    func matching() async throws {
        let bench = try bench(.matching, "matching")
        try bench.sandbox.write(
            "id,email,phone\n1,ann@example.com,\n2,Ann@Example.com,555-010-0101\n3,,(555) 010 0101\n4,bob@example.com,\n5,,\n",
            to: "state/tables/crm/people/part.csv")
        try bench.sandbox.write(
            """
            {"mappedInputFields": [{"fieldName": "id", "type": "UNIQUE_ID"},
             {"fieldName": "email", "type": "EMAIL_ADDRESS", "matchKey": "email"},
             {"fieldName": "phone", "type": "PHONE_NUMBER", "matchKey": "phone"}]}
            """, to: "state/schemas/people.json")
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
            roleARN: "arn:aws:iam::123456789012:role/local")
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
}
