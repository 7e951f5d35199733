internal import Logging
internal import Synchronization

/// Minimum level of all loggers of the daemon; can change at any time.
final class LogThreshold: Sendable {
    // Stored, because `allCases` creates an array at each access.
    private static let levels = Logger.Level.allCases

    private let index: Atomic<Int>

    init(_ level: Logger.Level) { index = Atomic(Self.index(of: level)) }

    /// Minimum level.
    var level: Logger.Level {
        get { Self.levels[index.load(ordering: .relaxed)] }
        set { index.store(Self.index(of: newValue), ordering: .relaxed) }
    }

    private static func index(of level: Logger.Level) -> Int { levels.firstIndex(of: level) ?? 0 }
}
