import JoblineProtocol
import Logging
import NIOCore
import Testing

@testable import Jobline

@Suite("Rate limit of a client")
struct RateLimitTests {
    static let method = JoblineClientTests.readonly

    static func retrier(_ time: ManualDependencies, _ limit: RateLimit = .adaptive) -> Retrier {
        Retrier(
            quota: RetryQuota(), dependencies: time.dependencies, logger: Logger(label: "test"), rateLimit: limit)
    }

    static func call(
        _ retrier: Retrier, _ method: String = method, timeout: Duration = .seconds(30), failing failure: CallFailure?
    ) async -> JoblineError? {
        await JoblineClientTests.failure { () async throws(JoblineError) in
            try await retrier.run(method, safety: .readonly, policy: .disabled, timeout: timeout) {
                (_) throws(CallFailure) in
                if let failure { throw failure }
                return ByteBuffer(string: "{}")
            }
        }
    }

    @Test("After a refusal, calls are sent at the advised rate")
    func waits() async {
        let time = ManualDependencies()
        let retrier = Self.retrier(time)
        #expect(await Self.call(retrier, failing: nil) == nil)
        #expect(time.pauses.isEmpty)
        #expect(await Self.call(retrier, failing: RetrierTests.throttled())?.code == .throttled)
        #expect(await Self.call(retrier, failing: nil) == nil)
        #expect(time.pauses == [.seconds(2)])
    }

    @Test("A call whose slot is after its deadline fails at once and is not sent")
    func tooLate() async {
        let time = ManualDependencies()
        let retrier = Self.retrier(time)
        _ = await Self.call(retrier, failing: RetrierTests.throttled())
        let failure = await Self.call(retrier, timeout: .seconds(1), failing: nil)
        #expect(failure?.code == .throttled)
        #expect(failure?.attempts == 0)
        #expect(failure?.outcomeUnknown == false)
        #expect(
            failure?.message
                == "its turn comes in 2.0 s, after its deadline: the daemon asked for fewer requests")
        #expect(failure?.method == Self.method)
        #expect(time.pauses.isEmpty)
    }

    @Test("A cancelled call leaves its slot to the next call")
    func cancelled() async {
        let time = ManualDependencies()
        let retrier = Self.retrier(time)
        _ = await Self.call(retrier, failing: RetrierTests.throttled())
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return await Self.call(retrier, failing: nil)
        }
        #expect(await task.value?.code == .cancelled)
        #expect(await Self.call(retrier, failing: nil) == nil)
        #expect(time.pauses == [.seconds(2)])
    }

    @Test("Unlimited methods never wait")
    func unlimited() async {
        let time = ManualDependencies()
        let retrier = Self.retrier(time)
        _ = await Self.call(retrier, failing: RetrierTests.throttled())
        #expect(await Self.call(retrier, "rpc.ping", failing: nil) == nil)
        #expect(time.pauses.isEmpty)
    }

    @Test("Without the option, a client does not limit itself")
    func off() async {
        let time = ManualDependencies()
        let retrier = Self.retrier(time, .none)
        _ = await Self.call(retrier, failing: RetrierTests.throttled())
        #expect(await Self.call(retrier, failing: nil) == nil)
        #expect(time.pauses.isEmpty)
        #expect(JoblineClient.Configuration().rateLimit == .none)
    }
}
