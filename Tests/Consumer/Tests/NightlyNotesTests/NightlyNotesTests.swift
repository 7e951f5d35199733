import JoblineTesting
import NightlyNotes
import Testing

@Suite("Nightly notes", .timeLimit(.minutes(1)))
struct NightlyNotesTests {
    @Test("A night goes well")
    func complete() async throws {
        try await withJobline { jobline in
            let notes = NightlyNotes(client: jobline.client)
            let reference = try await notes.start(night: "2025-06-01")
            #expect(try await notes.report(reference) == .pending)
            let job = try await jobline.job(reference)
            try await job.run()
            #expect(try await notes.report(reference) == .pending)
            try await job.succeed()
            #expect(try await notes.report(reference) == .complete)
        }
    }

    @Test("One note cannot be read")
    func incomplete() async throws {
        try await withJobline { jobline in
            try jobline.put("aspirin 81 mg", at: "s3://notes/2025-06-01/a.txt")
            try jobline.put("???", at: "s3://notes/2025-06-01/b.txt")
            let notes = NightlyNotes(client: jobline.client)
            let job = try await jobline.job(try await notes.start(night: "2025-06-01"))
            try await job.partial(unprocessed: ["b.txt": "unreadable"])
            #expect(try await notes.report(job.reference) == .incomplete("1 of 2 files were not processed"))
        }
    }

    @Test("A night fails with the reason")
    func failed() async throws {
        try await withJobline { jobline in
            try jobline.script(.rxNormInference, .immediately(.failed("no model")))
            let notes = NightlyNotes(client: jobline.client)
            let job = try await jobline.job(try await notes.start(night: "2025-06-01"))
            try await job.waitUntil(.failed)
            #expect(try await notes.report(job.reference) == .failed("no model"))
        }
    }

    @Test("A start whose response is lost starts one job")
    func lostAnswer() async throws {
        try await withJobline { jobline in
            try jobline.inject(.dropped(.after), of: "ComprehendMedical.StartRxNormInferenceJob")
            let notes = NightlyNotes(client: jobline.client)
            let first = try await notes.start(night: "2025-06-01")
            #expect(try await notes.start(night: "2025-06-01") == first)
            #expect(try await jobline.jobs().count == 1)
        }
    }

    @Test("A throttled report is retried without real waiting")
    func throttled() async throws {
        try await withJobline { jobline in
            let notes = NightlyNotes(client: jobline.client)
            let reference = try await notes.start(night: "2025-06-01")
            try jobline.inject(
                .throttled(retryAfter: .seconds(5)), next: 2, of: "ComprehendMedical.DescribeRxNormInferenceJob")
            #expect(try await notes.report(reference) == .pending)
            #expect(jobline.calls(of: "ComprehendMedical.DescribeRxNormInferenceJob") == 3)
        }
    }

    @Test("A restart of the daemon and 120 days later")
    func longRun() async throws {
        try await withJobline { jobline in
            let notes = NightlyNotes(client: jobline.client)
            let job = try await jobline.job(try await notes.start(night: "2025-06-01"))
            try await jobline.restart()
            try await job.succeed()
            #expect(try await notes.report(job.reference) == .complete)
            jobline.clock.advance(by: .seconds(120 * 86_400))
            #expect(try await notes.report(job.reference) == .unknown)
        }
    }
}
