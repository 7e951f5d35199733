import JoblineProtocol
import Testing

@testable import Jobline

@Suite("Retry decision")
struct RetryDecisionTests {
    static func decide(
        _ failure: CallFailure, attempts: Int = 1, maximum: Int = 3,
        safety: MethodDescriptor.RetrySafety = .readonly, remaining: Duration = .seconds(60), random: Double = 0.5
    ) -> RetryDecision {
        RetryDecision(
            after: failure, attempts: attempts, policy: RetryPolicy(maximumAttempts: maximum), safety: safety,
            remaining: remaining, random: random)
    }

    static func server(_ code: WireError.Code, processed: Bool? = nil, hint: Int? = nil) -> CallFailure {
        var error = WireError(code, "no", processed: processed)
        error.retryAfterMilliseconds = hint
        return .server(error)
    }

    static func lost(written: Bool) -> CallFailure { CallFailure(.lost, "gone", written: written) }

    @Test(
        "Backoff is a random part of 50 ms, doubled with each attempt; of 1 s after throttling; up to 20 s",
        arguments: [
            (WireError.Code.internalError, 1, 0.5, Duration.milliseconds(25), 14),
            (.internalError, 2, 0.5, .milliseconds(50), 14),
            (.internalError, 3, 0.25, .milliseconds(50), 14),
            (.internalError, 1, 0, .zero, 14),
            (.internalError, 9, 0.5, .milliseconds(6400), 14),
            (.internalError, 10, 0.5, .seconds(10), 14),
            (.internalError, 100, 0.5, .seconds(10), 14),
            (.tooManyRequests, 1, 0.5, .milliseconds(500), 5),
            (.tooManyRequests, 2, 0.5, .seconds(1), 5),
            (.tooManyRequests, 5, 0.5, .seconds(8), 5),
            (.tooManyRequests, 6, 0.5, .seconds(10), 5),
            (.tooManyRequests, 1_000_000, 0.75, .seconds(15), 5),
        ])
    func pauses(code: WireError.Code, attempts: Int, random: Double, pause: Duration, cost: Int) {
        #expect(
            Self.decide(Self.server(code), attempts: attempts, maximum: .max, random: random)
                == .retry(after: pause, cost: cost))
    }

    @Test(
        "The server's hint counts between the own backoff and 5 s more",
        arguments: [
            (0, Duration.milliseconds(500)), (499, .milliseconds(500)), (501, .milliseconds(501)),
            (5499, .milliseconds(5499)), (5500, .milliseconds(5500)), (5501, .milliseconds(5500)),
            (.max, .milliseconds(5500)),
        ])
    func hint(hint: Int, pause: Duration) {
        #expect(Self.decide(Self.server(.tooManyRequests, hint: hint)) == .retry(after: pause, cost: 5))
    }

    @Test("A negative retryAfterMs forbids a retry")
    func negativeHint() {
        #expect(Self.decide(Self.server(.tooManyRequests, hint: -1)) == .giveUp)
        #expect(Self.decide(Self.server(.unavailable, processed: false, hint: -1)) == .giveUp)
    }

    @Test("Stops after three attempts")
    func maximum() {
        #expect(Self.decide(Self.server(.internalError), attempts: 2) != .giveUp)
        #expect(Self.decide(Self.server(.internalError), attempts: 3) == .giveUp)
        #expect(Self.decide(Self.server(.internalError), maximum: 1) == .giveUp)
        #expect(RetryPolicy(maximumAttempts: -3) == .disabled)
        #expect(RetryPolicy.standard.maximumAttempts == 3)
    }

    @Test("No backoff starts that exceeds the deadline")
    func deadline() {
        let failure = Self.server(.tooManyRequests, hint: 700)
        #expect(Self.decide(failure, remaining: .milliseconds(701)) == .retry(after: .milliseconds(700), cost: 5))
        #expect(Self.decide(failure, remaining: .milliseconds(700)) == .giveUp)
        #expect(Self.decide(failure, remaining: .seconds(-1)) == .giveUp)
    }

    @Test(
        "Requests are repeated as the contract allows",
        arguments: [
            // failure, readonly, token, name, never
            (server(.tooManyRequests, processed: false), true, true, true, true),
            (server(.tooManyRequests), true, true, true, true),
            (server(.internalError), true, true, false, false),
            (server(.internalError, processed: false), true, true, true, true),
            (server(.unavailable), true, true, false, false),
            (server(.unavailable, processed: false), true, true, true, true),
            (server(.deadlineExceeded), true, true, false, false),
            (lost(written: true), true, true, false, false),
            (lost(written: false), true, true, true, true),
            (CallFailure(.unreachable, "", written: false), true, true, true, true),
        ])
    func safety(failure: CallFailure, readonly: Bool, token: Bool, name: Bool, never: Bool) {
        #expect((Self.decide(failure, safety: .readonly) != .giveUp) == readonly)
        #expect((Self.decide(failure, safety: .token) != .giveUp) == token)
        #expect((Self.decide(failure, safety: .idempotent) != .giveUp) == token)
        #expect((Self.decide(failure, safety: .name) != .giveUp) == name)
        #expect((Self.decide(failure, safety: .never) != .giveUp) == never)
    }

    @Test(
        "Permanent errors are never repeated",
        arguments: [
            server(.parseError), server(.invalidRequest), server(.methodNotFound), server(.invalidParams),
            server(.refused), server(.forbidden), server(.notFound), server(.conflict), server(.replyTooLarge),
            server(.cancelled), server(WireError.Code(rawValue: 418)),
            CallFailure(.inaccessible, "", written: false), CallFailure(.violation, "", written: true),
            CallFailure(.timedOut, "", written: false), CallFailure(.cancelled, "", written: false),
            CallFailure(.closed, "", written: false), CallFailure(.overloaded, "", written: false),
            CallFailure(.tooLarge, "", written: false),
        ])
    func never(failure: CallFailure) {
        #expect(Self.decide(failure) == .giveUp)
    }

    @Test("An error without id guarantees that nothing was done only if the connection was refused")
    func refusedConnection() {
        func refused(_ code: WireError.Code, written: Bool = true) -> CallFailure {
            CallFailure(.refused(WireError(code, "no", processed: false)), "no", written: written)
        }
        #expect(Self.decide(refused(.unavailable), safety: .never) != .giveUp)
        #expect(Self.decide(refused(.tooManyRequests), safety: .never) != .giveUp)
        #expect(refused(.parseError).effect == .unknown)
        #expect(refused(.internalError).effect == .unknown)
        #expect(Self.decide(refused(.internalError), safety: .never) == .giveUp)
    }
}
