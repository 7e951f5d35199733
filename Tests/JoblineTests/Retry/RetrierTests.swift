import JoblineProtocol
import Logging
import NIOCore
import Testing

@testable import Jobline

@Suite("Retrier")
struct RetrierTests {
    /// Runs a call whose attempts end as scripted, each after a second.
    struct Run {
        let time: ManualDependencies
        let quota = RetryQuota()
        var remaining: [Duration] = []
        var error: JoblineError?
        var result: String?

        init(
            _ outcomes: [CallFailure?], safety: MethodDescriptor.RetrySafety = .readonly,
            policy: RetryPolicy = .standard,
            timeout: Duration = .seconds(30), spent: Int = 0
        ) async {
            let time = ManualDependencies()
            self.time = time
            _ = quota.take(spent)
            let retrier = Retrier(quota: quota, dependencies: time.dependencies, logger: Logger(label: "test"))
            var outcomes = outcomes
            var remaining: [Duration] = []
            do throws(JoblineError) {
                let buffer = try await retrier.run("A.B", safety: safety, policy: policy, timeout: timeout) {
                    (left) throws(CallFailure) in
                    remaining.append(left)
                    time.advance(by: .seconds(1))
                    if let failure = outcomes.removeFirst() { throw failure }
                    return ByteBuffer(string: "{}")
                }
                result = String(buffer: buffer)
            } catch {
                self.error = error
            }
            self.remaining = remaining
        }
    }

    static func throttled(hint: Int? = nil) -> CallFailure {
        RetryDecisionTests.server(.tooManyRequests, processed: false, hint: hint)
    }

    @Test("A success leaves the quota at most one higher")
    func success() async {
        let run = await Run([nil], spent: 10)
        #expect(run.result == "{}")
        #expect(run.time.pauses.isEmpty)
        #expect(run.quota.available == 491)
    }

    @Test("A throttled call waits for the advised time, succeeds, and returns its quota")
    func throttling() async {
        let run = await Run([Self.throttled(hint: 800), Self.throttled(), nil])
        #expect(run.result == "{}")
        #expect(run.time.pauses == [.milliseconds(800), .seconds(1)])
        #expect(run.quota.available == 500)
    }

    @Test("One deadline spans all attempts and pauses")
    func deadline() async {
        let failure = RetryDecisionTests.server(.internalError)
        let run = await Run([failure, failure, nil], timeout: .seconds(10))
        #expect(run.result == "{}")
        #expect(run.time.pauses == [.milliseconds(25), .milliseconds(50)])
        #expect(run.remaining == [.seconds(10), .milliseconds(8975), .milliseconds(7925)])
        let short = await Run([Self.throttled(hint: 4000)], timeout: .seconds(5))
        #expect(short.error?.code == .throttled)
        #expect(short.time.pauses.isEmpty)
    }

    @Test("A failure has the last error and the number of attempts, and has spent quota")
    func failure() async {
        let failure = RetryDecisionTests.server(.internalError, processed: false)
        let run = await Run([failure, failure, failure], safety: .never)
        #expect(run.error?.code == .server)
        #expect(run.error?.attempts == 3)
        #expect(run.error?.outcomeUnknown == false)
        #expect(run.quota.available == 472)
    }

    @Test(
        "A lost or drained connection is one failure for all its calls, and takes nothing from the quota",
        arguments: [
            RetryDecisionTests.server(.unavailable, processed: false),
            CallFailure(.lost, "the connection ended", written: true),
        ])
    func connection(failure: CallFailure) async {
        let run = await Run([failure, failure, failure])
        #expect(run.error?.attempts == 3)
        #expect(run.quota.available == 500)
    }

    @Test("An empty quota ends the retries")
    func emptyQuota() async {
        let run = await Run([RetryDecisionTests.server(.internalError)], spent: 490)
        #expect(run.error?.code == .server)
        #expect(run.error?.attempts == 1)
        #expect(run.quota.available == 10)
        let throttled = await Run([Self.throttled(), nil], spent: 490)
        #expect(throttled.result == "{}")
    }

    @Test("Cancelling the task ends the backoff")
    func cancelled() async {
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return await Run([Self.throttled()])
        }
        let run = await task.value
        #expect(run.error?.code == .cancelled)
        #expect(run.error?.attempts == 1)
        #expect(run.error?.earlierReasons.map(\.code) == [.throttled])
    }

    @Test("An error after a possible change says that the outcome is unknown, and how to check it")
    func outcome() async {
        let lost = RetryDecisionTests.lost(written: true)
        let never = await Run([lost], safety: .never)
        #expect(never.error?.code == .connectionLost)
        #expect(never.error?.outcomeUnknown == true)
        #expect(
            never.error?.message == "gone; it may have been carried out: list what is there before sending it again")
        let name = await Run([lost], safety: .name)
        #expect(name.error?.outcomeUnknown == true)
        #expect(name.error?.message.contains("look the name up") == true)
        let readonly = await Run([lost, lost, lost])
        #expect(readonly.error?.attempts == 3)
        #expect(readonly.error?.outcomeUnknown == false)
        let unsent = await Run(
            [RetryDecisionTests.lost(written: false), RetryDecisionTests.server(.notFound)], safety: .never)
        #expect(unsent.error?.code == .notFound)
        #expect(unsent.error?.outcomeUnknown == false)
    }

    @Test("An attempt that may have taken effect is remembered until the service refuses the same request")
    func memory() async {
        let lost = RetryDecisionTests.lost(written: true)
        let throttled = await Run([lost, Self.throttled(hint: -1)], safety: .token)
        #expect(throttled.error?.code == .throttled)
        #expect(throttled.error?.outcomeUnknown == true)
        let refused = await Run([lost, RetryDecisionTests.server(.refused)], safety: .token)
        #expect(refused.error?.code == .refused)
        #expect(refused.error?.outcomeUnknown == false)
    }

    @Test("A call that failed after retries reports attempts, duration and earlier errors")
    func description() async {
        let server = RetryDecisionTests.server(.unavailable)
        let lost = RetryDecisionTests.lost(written: true)
        let read = await Run([lost, lost, server])
        #expect(read.error?.attempts == 3)
        #expect(read.error?.duration == .milliseconds(3075))
        #expect(read.error?.earlierReasons.map(\.description) == ["connectionLost: gone"])
        #expect(
            read.error?.description
                == "unavailable: A.B: after 3 attempts over 3.1 s: no; before that: connectionLost: gone")
        let same = await Run([lost, lost, lost])
        #expect(same.error?.description == "connectionLost: A.B: after 3 attempts over 3.1 s: gone")
        let once = await Run([RetryDecisionTests.server(.notFound)])
        #expect(once.error?.description == "notFound: A.B: no")
    }

    @Test("The message of a failure begins with the unknown outcome")
    func unknownOutcome() async {
        let write = await Run([RetryDecisionTests.lost(written: true)], safety: .never)
        let beginning = "outcome unknown: connectionLost: A.B: gone; it may have been"
        #expect(write.error?.description.hasPrefix(beginning) == true)
    }

    @Test("A failure keeps at most eight reasons")
    func manyReasons() async {
        let failures = (0..<20).map { CallFailure(.lost, "gone \($0)", written: true) }
        let run = await Run(failures, policy: RetryPolicy(maximumAttempts: 20), timeout: .seconds(600))
        #expect(run.error?.attempts == 20)
        #expect(run.error?.earlierReasons.count == 8)
    }
}
