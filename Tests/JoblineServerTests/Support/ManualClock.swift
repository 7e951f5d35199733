import Synchronization

@testable import JoblineServer

/// A clock that stands still until the test moves it.
final class ManualClock: Sendable {
    private let instant = Mutex(ContinuousClock.now)

    var clock: MonotonicClock { MonotonicClock { self.instant.withLock { $0 } } }

    func advance(by duration: Duration) { instant.withLock { $0 = $0.advanced(by: duration) } }
}
