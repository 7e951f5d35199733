internal import JoblineProtocol

/// What follows a failed attempt. Decided from values alone, so that every case can be written down in a table.
enum RetryDecision: Sendable, Hashable {
    /// Try again after a pause, if the quota has as much as it costs.
    case retry(after: Duration, cost: Int)
    /// Tell the caller.
    case giveUp

    /// Ceiling of the first pause after a failure.
    static let base = Duration.milliseconds(50)
    /// Ceiling of the first pause after throttling.
    static let throttlingBase = Duration.seconds(1)
    /// Ceiling of any pause that the server did not ask for.
    static let maximumPause = Duration.seconds(20)
    /// How much longer than its own pause a call waits because the server asks for it.
    static let maximumExtension = Duration.seconds(5)

    /// Decides after an attempt.
    ///
    /// - Parameters:
    ///   - failure: Why the attempt failed.
    ///   - attempts: Attempts made so far; at least 1.
    ///   - policy: How many are allowed.
    ///   - safety: What the contract says about sending the request again.
    ///   - remaining: Time until the deadline of the call.
    ///   - random: From 0 up to 1; spreads the callers over time.
    init(
        after failure: CallFailure, attempts: Int, policy: RetryPolicy, safety: MethodDescriptor.RetrySafety,
        remaining: Duration, random: Double
    ) {
        guard attempts < policy.maximumAttempts, failure.mayPass, Self.isHarmless(failure, safety) else {
            self = .giveUp
            return
        }
        let base = failure.isThrottling ? Self.throttlingBase : Self.base
        // Beyond 2^20 the ceiling is reached from either base.
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

    /// What ends with its connection, or is turned down by a daemon on its way out, does so for all calls at once, and is one
    /// trouble, not as many: the next connection takes them one window at a time.
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
