internal import JoblineBackend
internal import Synchronization

/// Bytes that the connections of each caller hold together: more connections give a caller no more memory.
final class BufferBudget: Sendable {
    /// Step in which connections are charged, in bytes. A connection that holds less never takes the lock.
    static let grain = 16 << 10

    private let held = Mutex<[Caller: Int]>([:])

    /// Changes the number of bytes that a caller holds.
    ///
    /// - Returns: Bytes that the caller holds now.
    func charge(_ caller: Caller, _ change: Int) -> Int {
        held.withLock { held in
            let bytes = held[caller, default: 0] + change
            held[caller] = bytes == 0 ? nil : bytes
            return bytes
        }
    }

    /// Bytes that all callers hold.
    var total: Int { held.withLock { $0.values.reduce(0, +) } }
}

/// Bytes of one connection in the budget of its caller.
///
/// Confined to the connection's event loop.
final class BufferCharge {
    private let budget: BufferBudget
    private let caller: Caller
    /// Bytes that the caller may hold.
    private let limit: Int
    private var charged = 0

    init(_ budget: BufferBudget, caller: Caller, limit: Int) {
        self.budget = budget
        self.caller = caller
        self.limit = limit
    }

    /// Charges the budget for the bytes that the connection holds.
    ///
    /// - Returns: Whether the caller now holds too many, and this connection holds more than before.
    func hold(_ held: Int) -> Bool {
        let charge = held / BufferBudget.grain * BufferBudget.grain
        guard charge != charged else { return false }
        let all = budget.charge(caller, charge - charged)
        defer { charged = charge }
        return all > limit && charge > charged
    }
}
