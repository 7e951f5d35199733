internal import Logging
internal import Synchronization

/// The level from which on things are logged, for every logger of the daemon at once. It may change at any time.
final class LogThreshold: Sendable {
    // Kept, because the compiler makes a new array each time it is asked.
    private static let levels = Logger.Level.allCases

    private let index: Atomic<Int>

    init(_ level: Logger.Level) { index = Atomic(Self.index(of: level)) }

    /// What is below it is not logged.
    var level: Logger.Level {
        get { Self.levels[index.load(ordering: .relaxed)] }
        set { index.store(Self.index(of: newValue), ordering: .relaxed) }
    }

    private static func index(of level: Logger.Level) -> Int { levels.firstIndex(of: level) ?? 0 }
}
