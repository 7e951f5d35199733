import Jobline
import JoblineTesting
import Testing

/// The code of the article "Testing your program", which is itself tests.
@Suite struct TestingArticleTests {
    private func startAndWait(_ client: JoblineClient) async throws -> Job {
        let reference = try #require(try await GettingStarted.start(client))
        return try await client.waitUntilTerminal(reference)
    }

    @Test("a job step by step")
    func steps() async throws {
        try await withJobline { jobline in
            let started = try await jobline.client.comprehendMedical.startRxNormInferenceJob(
                inputDataConfig: .init(s3Bucket: "notes"), outputDataConfig: .init(s3Bucket: "results"),
                dataAccessRoleARN: "arn:aws:iam::000000000000:role/jobline", languageCode: .en)
            let job = try await jobline.job(started)
            try await job.run()
            try await job.report(progress: 0.5)
            try await job.succeed(output: ["note.txt.out": "aspirin"])
            let ended = try await jobline.client.waitUntilTerminal(job.reference)
            #expect(ended.state == .succeeded)
        }
    }

    @Test("jobs that fail as it was said ahead")
    func script() async throws {
        try await withJobline { jobline in
            try jobline.script(.rxNormInference, .immediately(.failed("the notes are empty")))
            let job = try await startAndWait(jobline.client)
            #expect(job.state == .failed)
            #expect(job.message == "the notes are empty")
        }
    }

    @Test("a start that is throttled, and one whose answer is lost, start one job")
    func faults() async throws {
        try await withJobline { jobline in
            try jobline.script(.rxNormInference, .immediately(.succeeded))
            try jobline.inject(.throttled(), of: "ComprehendMedical.StartRxNormInferenceJob")
            try jobline.inject(.dropped(.after), of: "ComprehendMedical.StartRxNormInferenceJob")
            let job = try await startAndWait(jobline.client)
            #expect(job.state == .succeeded)
            #expect(try await jobline.jobs().count == 1)
        }
    }
}
