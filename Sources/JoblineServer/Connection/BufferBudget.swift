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
