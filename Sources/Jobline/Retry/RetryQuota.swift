internal import Synchronization

/// How many retries one client may have out at a time, so that a daemon in trouble is not asked three times as often.
final class RetryQuota: Sendable {
    /// What there is at first and at most.
    static let capacity = 500
    /// What a retry takes.
    static let cost = 14
    /// What a retry after throttling takes; less, because the server answered and said when.
    static let throttlingCost = 5
    /// What a success without any retry brings.
    static let reward = 1

    private let level = Mutex(RetryQuota.capacity)

    /// What is left.
    var available: Int { level.withLock { $0 } }

    /// Takes what a retry costs.
    ///
    /// - Returns: False, with nothing taken, if there is not as much.
    func take(_ cost: Int) -> Bool {
        level.withLock { level in
            guard level >= cost else { return false }
            level -= cost
            return true
        }
    }

    /// Notes a success.
    ///
    /// - Parameter taken: What the retries of this call took, which comes back; 0 if there were none.
    func succeeded(taken: Int) {
        level.withLock { $0 = min(Self.capacity, $0 + (taken > 0 ? taken : Self.reward)) }
    }
}
