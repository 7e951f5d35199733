internal import JoblineProtocol

/// Time since the server's start, cheap to store and to subtract.
struct ServerInstant: Sendable, Hashable {
    let nanoseconds: Int64

    /// - Parameter origin: Start of the server.
    init(_ instant: ContinuousClock.Instant, since origin: ContinuousClock.Instant) {
        nanoseconds = origin.duration(to: instant).nanoseconds
    }

    /// - Parameter origin: Start of the server.
    func instant(since origin: ContinuousClock.Instant) -> ContinuousClock.Instant {
        origin.advanced(by: .nanoseconds(nanoseconds))
    }

    func microseconds(to later: ServerInstant) -> Int { Int((later.nanoseconds - nanoseconds) / 1000) }

    /// Whole minutes since the server's start.
    var minute: Int { Int(nanoseconds / 60_000_000_000) }
}
