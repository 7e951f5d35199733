internal import JoblineProtocol

/// Decision after a failed attempt; a pure function of its inputs, so that tests can tabulate every case.
enum RetryDecision: Sendable, Hashable {
    /// Retry after a pause, if the quota covers the cost.
    case retry(after: Duration, cost: Int)
    /// Fail the call.
    case giveUp

    /// Upper bound of the first backoff after a failure.
    static let base = Duration.milliseconds(50)
    /// Upper bound of the first backoff after throttling.
    static let throttlingBase = Duration.seconds(1)
    /// Upper bound of any backoff that the server did not request.
    static let maximumPause = Duration.seconds(20)
    /// Maximum time that a server's retry hint adds to the computed backoff.
    static let maximumExtension = Duration.seconds(5)

    /// Decides whether to retry a failed attempt.
    ///
    /// - Parameters:
    ///   - failure: Failure of the attempt.
    ///   - attempts: Number of attempts made so far; at least 1.
    ///   - policy: Maximum number of attempts.
    ///   - safety: Retry safety of the method in the contract.
    ///   - remaining: Time until the deadline of the call.
    ///   - random: Jitter, from 0 up to 1.
    init(
        after failure: CallFailure, attempts: Int, policy: RetryPolicy, safety: MethodDescriptor.RetrySafety,
        remaining: Duration, random: Double
    ) {
        guard attempts < policy.maximumAttempts, failure.mayPass, Self.isHarmless(failure, safety) else {
            self = .giveUp
            return
        }
        let base = failure.isThrottling ? Self.throttlingBase : Self.base
        // Either base exceeds the maximum before 2^20; the clamp prevents overflow.
        var pause = min(base * (1 << min(attempts - 1, 20)), Self.maximumPause) * random
        if let hint = failure.wireError?.retryAfterMilliseconds {
            guard hint >= 0 else {
                self = .giveUp
                return
            }
            pause = max(pause, min(.milliseconds(hint), pause + Self.maximumExtension))
        }
        guard pause < remaining else {
            self = .giveUp
            return
        }
        self = .retry(after: pause, cost: Self.cost(of: failure))
    }

    /// Quota cost of a retry. Lost connections and a draining daemon cost nothing: all calls fail at once for one
    /// reason, and the next connection admits them one window at a time.
    private static func cost(of failure: CallFailure) -> Int {
        switch failure.kind {
        case .lost, .unreachable: 0
        case .server(let error), .refused(let error):
            switch error.code {
            case .unavailable where error.processed == false: 0
            case .tooManyRequests: RetryQuota.throttlingCost
            default: RetryQuota.cost
            }
        case .violation, .inaccessible, .timedOut, .cancelled, .closed, .overloaded, .tooLarge: RetryQuota.cost
        }
    }

    private static func isHarmless(_ failure: CallFailure, _ safety: MethodDescriptor.RetrySafety) -> Bool {
        switch safety {
        case .readonly, .idempotent, .token: true
        case .name, .never: failure.effect == .nothing
        }
    }
}
