import Jobline
import JoblineTesting
import Testing

@Suite("Time in the hands of a test", .timeLimit(.minutes(1)))
struct TestClockTests {
    @Test("Jobs have the clock's time, and expire by it")
    func expiry() async throws {
        try await withJobline { jobline in
            let job = try await jobline.job(try await jobline.client.startRxNorm())
            try await job.succeed()
            #expect(try await jobline.client.rxNorm(job)?.submitTime == Timestamp(milliseconds: 1_735_689_600_000))
            jobline.clock.advance(by: .seconds(121 * 86_400))
            let error = await failure { () throws(JoblineError) in try await jobline.client.rxNorm(job) }
            #expect(error?.code == .notFound)
            #expect(try await job.state == .gone)
        }
    }

    @Test("A client over a limit waits exactly the advised time of the test clock")
    func limits() async throws {
        let limits = TestServer.Limits.none.limiting(describeMethod, perSecond: 0.1)
        try await withJobline(configuration: .init(limits: limits)) { jobline in
            let job = try await jobline.job(try await jobline.client.startRxNorm())
            for _ in 1...3 { _ = try await jobline.client.rxNorm(job) }
            #expect(jobline.outcomes(of: describeMethod)["ok"] == 3)
            #expect(jobline.clock.elapsed >= .seconds(20))
        }
    }

    @Test("With a manual clock a client sleeps until the test advances it")
    func manual() async throws {
        try await withJobline(configuration: .init(clock: TestClock(.manual))) { jobline in
            let job = try await jobline.job(try await jobline.client.startRxNorm())
            try jobline.inject(.throttled(retryAfter: .seconds(3)), of: describeMethod)
            async let shown = jobline.client.rxNorm(job)
            try await jobline.clock.waitForSleepers()
            #expect(jobline.outcomes(of: describeMethod) == ["429": 1])
            jobline.clock.advance(by: .seconds(10))
            #expect(try await shown?.jobStatus == .submitted)
            #expect(jobline.clock.sleepers == 0)
        }
    }

    @Test("The deadline of a call passes when the test moves a manual clock")
    func manualDeadline() async throws {
        try await withJobline(configuration: .init(clock: TestClock(.manual))) { jobline in
            try jobline.inject(.unanswered, of: startMethod)
            async let error = failure { () throws(JoblineError) in try await jobline.client.startRxNorm() }
            try await jobline.clock.waitForSleepers()
            jobline.clock.advance(by: .seconds(31))
            #expect(await error?.code == .timeout)
        }
    }

    @Test("A cancelled sleeper is removed")
    func cancellation() async throws {
        let clock = TestClock(.manual)
        let sleeper = Task { try await clock.sleep(for: .seconds(1)) }
        try await clock.waitForSleepers()
        sleeper.cancel()
        await #expect(throws: CancellationError.self) { try await sleeper.value }
        #expect(clock.sleepers == 0)
        #expect(clock.elapsed == .zero)
    }

    @Test("Concurrent sleeps on an automatic clock do not add up")
    func automatic() async throws {
        let clock = TestClock()
        try await clock.sleep(for: .seconds(2))
        clock.advance(by: .seconds(-1))
        #expect(clock.elapsed == .seconds(2))
    }
}
