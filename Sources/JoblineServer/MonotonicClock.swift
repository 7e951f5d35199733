/// Where the server takes its time from; a wall clock that is set changes nothing.
package struct MonotonicClock: Sendable {
    /// The present.
    package var now: @Sendable () -> ContinuousClock.Instant
    /// Waits for so long, or throws as soon as its task is cancelled.
    package var sleep: @Sendable (Duration) async throws -> Void

    package init(
        now: @escaping @Sendable () -> ContinuousClock.Instant,
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        self.now = now
        self.sleep = sleep
    }

    /// The system's clock, which goes on while the machine sleeps.
    package static let continuous = MonotonicClock { ContinuousClock.now }
}
