import Jobline
import JoblineTesting
import Testing

/// The code of the article "Testing your program", which is itself tests.
@Suite struct TestingArticleTests {
    private func startAndWait(_ client: JoblineClient) async throws -> Job {
        try await client.waitUntilTerminal(GettingStarted.start(client))
    }

    private func start(_ client: JoblineClient) async throws -> JobReference {
        try await GettingStarted.start(client)
    }

    @Test("A job step by step")
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

    @Test("Jobs that fail as scripted")
    func script() async throws {
        try await withJobline { jobline in
            try jobline.script(.rxNormInference, .immediately(.failed("the notes are empty")))
            let job = try await startAndWait(jobline.client)
            #expect(job.state == .failed)
            #expect(job.message == "the notes are empty")
        }
    }

    @Test("A throttled start and one whose response is lost start one job each")
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

    @Test("Input objects and output")
    func objects() async throws {
        try await withJobline { jobline in
            try jobline.put("aspirin 81 mg", at: "s3://notes/a.txt")
            let job = try await jobline.job(start(jobline.client))
            try await job.succeed(output: ["a.txt.out": "aspirin"])
            #expect(try await job.output()["a.txt.out"] == "aspirin")
        }
    }

    @Test("A restart, and the day on which a job is forgotten")
    func time() async throws {
        try await withJobline { jobline in
            let job = try await jobline.job(start(jobline.client))
            try await jobline.restart()
            try await job.succeed()
            jobline.clock.advance(by: .seconds(120 * 86_400))
            await #expect(throws: JoblineError.self) { try await jobline.client.job(job.reference) }
        }
    }

    @Test("The quotas of the services, without a failed call")
    func limits() async throws {
        try await withJobline(configuration: .init(limits: .aws)) { jobline in
            for _ in 1...20 { _ = try await jobline.client.comprehendMedical.listRxNormInferenceJobs() }
            #expect(jobline.outcomes(of: "ComprehendMedical.ListRxNormInferenceJobs")["429"] ?? 0 > 0)
        }
    }
}
