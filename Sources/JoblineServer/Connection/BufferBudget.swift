internal import Synchronization

/// How many bytes the connections of each user hold all together, so that no number of connections makes one user's share of
/// the memory grow without bound.
final class BufferBudget: Sendable {
    /// Connections are charged in steps of this size, so that those that hold little never come here.
    static let grain = 16 << 10

    private let held = Mutex<[UInt32: Int]>([:])

    /// Changes what a user holds.
    ///
    /// - Returns: What the user holds now, in bytes.
    func charge(_ uid: UInt32, _ change: Int) -> Int {
        held.withLock { held in
            let bytes = held[uid, default: 0] + change
            held[uid] = bytes == 0 ? nil : bytes
            return bytes
        }
    }

    /// What all users hold, in bytes.
    var total: Int { held.withLock { $0.values.reduce(0, +) } }
}
