internal import Synchronization

/// Quota of concurrent retries per client; keeps retries from multiplying the load on a failing daemon.
final class RetryQuota: Sendable {
    /// Initial and maximum number of tokens.
    static let capacity = 500
    /// Tokens per retry.
    static let cost = 14
    /// Tokens per retry after throttling; lower, because the server is healthy and sent a retry hint.
    static let throttlingCost = 5
    /// Tokens added by a success without retries.
    static let reward = 1

    private let level = Mutex(RetryQuota.capacity)

    /// Tokens left.
    var available: Int { level.withLock { $0 } }

    /// Takes the tokens of a retry.
    ///
    /// - Returns: False, with nothing taken, if too few tokens are left.
    func take(_ cost: Int) -> Bool {
        level.withLock { level in
            guard level >= cost else { return false }
            level -= cost
            return true
        }
    }

    /// Returns tokens after a success.
    ///
    /// - Parameter taken: Tokens that the retries of this call took; 0 if there were none.
    func succeeded(taken: Int) {
        level.withLock { $0 = min(Self.capacity, $0 + (taken > 0 ? taken : Self.reward)) }
    }
}
