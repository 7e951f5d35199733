import Jobline
import TestSupport
import Testing

/// One job of each service, from start to end, run by the example executors on the sample input.
@Suite("Jobs, end to end", .timeLimit(.minutes(2)))
struct JobTests {
    @Test("finds the drugs of the sample notes")
    func rxNorm() async throws {
        try await TestDirectory.with { directory in
            try Samples.install(in: directory)
            try await DaemonProcess.with(in: directory, settings: Samples.settings()) { daemon in
                try await daemon.client { client in
                    let started = try await client.comprehendMedical.startRxNormInferenceJob(
                        inputDataConfig: .init(s3Bucket: "notes"),
                        outputDataConfig: .init(s3Bucket: "results", s3Key: "rx"),
                        dataAccessRoleARN: Samples.role, languageCode: .en, jobName: "notes")
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
                    #expect(output == "rx/000000000000-RxNormInference-\(id)/")
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

    @Test("segments the users of the sample interactions")
    func batchSegment() async throws {
        try await TestDirectory.with { directory in
            try Samples.install(in: directory)
            try await DaemonProcess.with(in: directory, settings: Samples.settings()) { daemon in
                try await daemon.client { client in
                    let created = try await client.personalize.createBatchSegmentJob(
                        jobName: "segments", solutionVersionARN: Samples.solution,
                        jobInput: .init(s3DataSource: .init(path: "s3://items/items.json")),
                        jobOutput: .init(s3DataDestination: .init(path: "s3://results/segments/")),
                        roleARN: Samples.role,
                        numResults: 5)
                    let arn = try #require(created.batchSegmentJobARN)
                    #expect(arn == "arn:aws:personalize:us-east-1:000000000000:batch-segment-job/segments")
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
                    #expect(listed.batchSegmentJobs?.map(\.jobName) == ["segments"])
                }
            }
        }
    }

    @Test("resolves the customers of the sample table")
    func matching() async throws {
        try await TestDirectory.with { directory in
            try Samples.install(in: directory)
            try await DaemonProcess.with(in: directory, settings: Samples.settings()) { daemon in
                try await daemon.client { client in
                    try await Samples.createWorkflow(client)
                    let id = try await client.entityResolution.startMatchingJob(workflowName: "customers").jobID
                    let job = try await Samples.untilEnded {
                        try await client.entityResolution.getMatchingJob(workflowName: "customers", jobID: id)
                    } ended: {
                        $0.endTime != nil
                    }
                    #expect(job.status == .succeeded, "\(job.errorDetails?.errorMessage ?? "")")
                    let metrics = try #require(job.metrics)
                    let (records, groups) = (try #require(metrics.inputRecords), try #require(metrics.matchIDs))
                    #expect(groups > 0 && groups < records)
                    #expect(!directory.list("state/buckets/results/matching/\(id)/success").isEmpty)
                    let listed = try await client.entityResolution.listMatchingJobs(workflowName: "customers")
                    #expect(listed.jobs?.map(\.jobID) == [id])
                }
            }
        }
    }

    @Test("says which key is missing where a family has no executor")
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
