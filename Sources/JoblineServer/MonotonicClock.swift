/// Clock of the server, independent of changes of the wall clock.
package struct MonotonicClock: Sendable {
    /// Returns the current time.
    package var now: @Sendable () -> ContinuousClock.Instant
    /// Waits for a duration; throws if its task is cancelled.
    package var sleep: @Sendable (Duration) async throws -> Void

    package init(
        now: @escaping @Sendable () -> ContinuousClock.Instant,
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        self.now = now
        self.sleep = sleep
    }

    /// The system's clock, which continues while the machine sleeps.
    package static let continuous = MonotonicClock { ContinuousClock.now }
}
