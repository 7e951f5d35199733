import Jobline
import JoblineTesting
import Testing

@Suite("Test server", .timeLimit(.minutes(1)))
struct TestServerTests {
    @Test("a job goes step by step")
    func steps() async throws {
        try await withJobline { jobline in
            let started = try await jobline.start()
            let job = try await jobline.job(started)
            #expect(try await jobline.describe(job)?.jobStatus == .submitted)
            try await job.run()
            #expect(try await jobline.describe(job)?.jobStatus == .inProgress)
            try await job.succeed(output: ["input-1.txt.out": "found"])
            let shown = try await jobline.describe(job)
            #expect(shown?.jobStatus == .completed)
            #expect(shown?.endTime == jobline.clock.now)
            let output = try await job.output()
            #expect(output["input-1.txt.out"] == "found")
            #expect(
                output.keys.sorted() == ["Manifest", "input-1.txt.out", "input-2.txt.out", "success", "unprocessed"])
        }
    }
}

extension TestServer {
    func start(_ client: JoblineClient? = nil, token: String? = nil) async throws -> ComprehendMedical.StartJobResponse
    {
        try await (client ?? self.client).comprehendMedical.startRxNormInferenceJob(
            inputDataConfig: .init(s3Bucket: "notes"), outputDataConfig: .init(s3Bucket: "results"),
            dataAccessRoleARN: "arn:aws:iam::000000000000:role/jobline", languageCode: .en, clientRequestToken: token)
    }

    func describe(_ job: TestJob) async throws -> ComprehendMedical.JobProperties? {
        try await client.comprehendMedical.describeRxNormInferenceJob(jobID: job.id).jobProperties
    }
}
