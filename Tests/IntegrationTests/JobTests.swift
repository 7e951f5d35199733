import Jobline
import TestSupport
import Testing

/// One job of each service, from start to end, run by the example executors on the sample input.
@Suite("Jobs, end to end", .timeLimit(.minutes(2)))
struct JobTests {
    @Test("Finds the drugs of the sample notes")
    func rxNorm() async throws {
        try await TestDirectory.with { directory in
            try Samples.install(in: directory)
            try await DaemonProcess.with(in: directory, settings: Samples.settings()) { daemon in
                try await daemon.client { client in
                    let started = try await client.comprehendMedical.startRxNormInferenceJob(
                        inputDataConfig: .init(s3Bucket: "notes"),
                        outputDataConfig: .init(s3Bucket: "results", s3Key: Secret.word),
                        dataAccessRoleARN: Samples.role, languageCode: .en, jobName: Secret.word)
                    let id = try #require(started.jobID)
                    let job = try await Samples.untilEnded {
                        try #require(
                            try await client.comprehendMedical.describeRxNormInferenceJob(jobID: id).jobProperties)
                    } ended: {
                        $0.endTime != nil
                    }
                    #expect(job.jobStatus == .completed, "\(job.message ?? "")")
                    #expect(job.message == nil)
                    #expect(try #require(job.endTime) >= #require(job.submitTime))
                    let output = try #require(job.outputDataConfig?.s3Key)
                    #expect(output == "\(Secret.word)/000000000000-RxNormInference-\(id)/")
                    let files = directory.list("state/buckets/results/" + output)
                    for note in directory.list("state/buckets/notes") { #expect(files.contains(note + ".out")) }
                    #expect(files.contains("Manifest") && files.contains("success") && files.contains("unprocessed"))

                    let listed = try await client.comprehendMedical.listRxNormInferenceJobs()
                    #expect(listed.jobPropertiesList == [job])
                    let others = try await client.comprehendMedical.listSNOMEDCTInferenceJobs()
                    #expect(others.jobPropertiesList == [])
                }
            }
        }
    }

    @Test("Segments the users of the sample interactions")
    func batchSegment() async throws {
        try await TestDirectory.with { directory in
            try Samples.install(in: directory)
            try await DaemonProcess.with(in: directory, settings: Samples.settings()) { daemon in
                try await daemon.client { client in
                    let created = try await client.personalize.createBatchSegmentJob(
                        jobName: Secret.word, solutionVersionARN: Samples.solution,
                        jobInput: .init(s3DataSource: .init(path: "s3://items/items.json")),
                        jobOutput: .init(s3DataDestination: .init(path: "s3://results/segments/")),
                        roleARN: Samples.role,
                        numResults: 5)
                    let arn = try #require(created.batchSegmentJobARN)
                    #expect(arn == "arn:aws:personalize:us-east-1:000000000000:batch-segment-job/\(Secret.word)")
                    let job = try await Samples.untilEnded {
                        try #require(
                            try await client.personalize.describeBatchSegmentJob(batchSegmentJobARN: arn)
                                .batchSegmentJob)
                    } ended: {
                        $0.status == .active || $0.status == .createFailed
                    }
                    #expect(job.status == .active, "\(job.failureReason ?? "")")
                    let lines = try directory.read("state/buckets/results/segments/items.json.out").split(
                        separator: "\n")
                    // One item of the sample is in no interaction.
                    #expect(lines.count { $0.contains("usersList") } == 5)
                    #expect(lines.count { $0.contains("\"999\"") && $0.contains("error") } == 1)
                    let listed = try await client.personalize.listBatchSegmentJobs()
                    #expect(listed.batchSegmentJobs?.map(\.jobName) == [Secret.word])
                }
            }
        }
    }

    @Test("Recommends items to the users of the sample interactions")
    func batchInference() async throws {
        try await TestDirectory.with { directory in
            try Samples.install(in: directory)
            try await DaemonProcess.with(in: directory, settings: Samples.settings()) { daemon in
                try await daemon.client { client in
                    let created = try await client.personalize.createBatchInferenceJob(
                        jobName: Secret.word, solutionVersionARN: Samples.solution,
                        jobInput: .init(s3DataSource: .init(path: "s3://items/users.json")),
                        jobOutput: .init(s3DataDestination: .init(path: "s3://results/items/")),
                        roleARN: Samples.role)
                    let arn = try #require(created.batchInferenceJobARN)
                    #expect(arn == "arn:aws:personalize:us-east-1:000000000000:batch-inference-job/\(Secret.word)")
                    let job = try await Samples.untilEnded {
                        try #require(
                            try await client.personalize.describeBatchInferenceJob(batchInferenceJobARN: arn)
                                .batchInferenceJob)
                    } ended: {
                        $0.status == .active || $0.status == .createFailed
                    }
                    #expect(job.status == .active, "\(job.failureReason ?? "")")
                    let lines = try directory.read("state/buckets/results/items/users.json.out").split(separator: "\n")
                    // One user of the sample is in no interaction, and one line asks for items like another.
                    #expect(lines.count { $0.contains("recommendedItems") && $0.contains("scores") } == 3)
                    #expect(lines.count { $0.contains("\"u99\"") && $0.contains("error") } == 1)
                    #expect(lines.count { $0.contains("\"itemId\"") && $0.contains("recommendedItems") } == 1)
                    let listed = try await client.personalize.listBatchInferenceJobs()
                    #expect(listed.batchInferenceJobs?.map(\.jobName) == [Secret.word])
                }
            }
        }
    }

    @Test("Resolves the customers of the sample table")
    func matching() async throws {
        try await TestDirectory.with { directory in
            try Samples.install(in: directory)
            try await DaemonProcess.with(in: directory, settings: Samples.settings()) { daemon in
                try await daemon.client { client in
                    try await Samples.createWorkflow(client, named: Secret.word)
                    let id = try await client.entityResolution.startMatchingJob(workflowName: Secret.word).jobID
                    let job = try await Samples.untilEnded {
                        try await client.entityResolution.getMatchingJob(workflowName: Secret.word, jobID: id)
                    } ended: {
                        $0.endTime != nil
                    }
                    #expect(job.status == .succeeded, "\(job.errorDetails?.errorMessage ?? "")")
                    let metrics = try #require(job.metrics)
                    let (records, groups) = (try #require(metrics.inputRecords), try #require(metrics.matchIDs))
                    #expect(groups > 0 && groups < records)
                    #expect(!directory.list("state/buckets/results/matching/\(id)/success").isEmpty)
                    let listed = try await client.entityResolution.listMatchingJobs(workflowName: Secret.word)
                    #expect(listed.jobs?.map(\.jobID) == [id])
                }
            }
        }
    }

    @Test("Maps the sample subscribers to the customers that a matching job has found")
    func idMapping() async throws {
        try await TestDirectory.with { directory in
            try Samples.install(in: directory)
            try await DaemonProcess.with(in: directory, settings: Samples.settings()) { daemon in
                try await daemon.client { client in
                    for (operation, name) in [("CreateMatching", "people"), ("CreateIdMapping", "subscribers")] {
                        _ = try await client.call(
                            "EntityResolution.\(operation)Workflow",
                            json: try Project.text("deploy/samples/workflows/\(name).json"))
                    }
                    let people = try await client.entityResolution.startMatchingJob(workflowName: "people").jobID
                    let matching = try await Samples.untilEnded {
                        try await client.entityResolution.getMatchingJob(workflowName: "people", jobID: people)
                    } ended: {
                        $0.endTime != nil
                    }
                    #expect(matching.status == .succeeded, "\(matching.errorDetails?.errorMessage ?? "")")
                    let id = try await client.entityResolution.startIDMappingJob(workflowName: "subscribers").jobID
                    let job = try await Samples.untilEnded {
                        try await client.entityResolution.getIDMappingJob(workflowName: "subscribers", jobID: id)
                    } ended: {
                        $0.endTime != nil
                    }
                    #expect(job.status == .succeeded, "\(job.errorDetails?.errorMessage ?? "")")
                    #expect(
                        job.metrics
                            == EntityResolution.IdMappingJobMetrics(
                                inputRecords: 36, totalRecordsProcessed: 35, recordsNotProcessed: 1,
                                totalMappedRecords: 9, totalMappedSourceRecords: 5, totalMappedTargetRecords: 4,
                                uniqueRecordsLoaded: 27))
                    // Each subscriber has the id of the group that the matching job put the same customer into.
                    let groups = try column("MatchID", by: "RecordId", of: "people/\(people)", in: directory)
                    let mapped = try column("TargetId", by: "SourceId", of: "subscribers/\(id)", in: directory)
                    #expect(
                        mapped == [
                            "N-1": groups["C-1001"], "N-2": groups["W-2002"], "N-3": groups["C-1005"],
                            "N-7": groups["C-1001"], "N-8": groups["C-1013"],
                        ])
                    let errors = try directory.read("state/buckets/results/subscribers/\(id)/error/part-00000.csv")
                    #expect(errors.contains(",N-6,"))
                    let listed = try await client.entityResolution.listIDMappingJobs(workflowName: "subscribers")
                    #expect(listed.jobs?.map(\.jobID) == [id])
                }
            }
        }
    }

    /// The values of one column by those of another, of the table that a job has written below `s3://results/`.
    private func column(
        _ name: String, by key: String, of job: String, in directory: TestDirectory
    ) throws -> [String: String] {
        let lines = try directory.read("state/buckets/results/\(job)/success/part-00000.csv").split(separator: "\n")
        // Quoted columns of the samples come first, so count columns from the end.
        let rows = lines.map { Array($0.split(separator: ",", omittingEmptySubsequences: false).reversed()) }
        let header = try #require(rows.first)
        let column = try #require(header.firstIndex { $0 == name })
        let keyColumn = try #require(header.firstIndex { $0 == key })
        return Dictionary(
            uniqueKeysWithValues: rows.dropFirst().map { (String($0[keyColumn]), String($0[column])) })
    }

    @Test("The error for a family without executor names the missing key")
    func noExecutor() async throws {
        try await TestDirectory.with { directory in
            try await DaemonProcess.with(in: directory) { daemon in
                try await daemon.client { client in
                    let error = await #expect(throws: JoblineError.self) {
                        try await client.comprehendMedical.startSNOMEDCTInferenceJob(
                            inputDataConfig: .init(s3Bucket: "notes"), outputDataConfig: .init(s3Bucket: "results"),
                            dataAccessRoleARN: Samples.role, languageCode: .en)
                    }
                    #expect(error?.wire?.code == .refused)
                    #expect(error?.wire?.type == "InvalidRequestException")
                    #expect(error?.message.contains("executors.snomedctInference.command") == true)
                }
            }
        }
    }
}
