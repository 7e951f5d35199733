internal import JoblineProtocol

/// A time, as those need it who count.
struct ServerInstant: Sendable, Hashable {
    /// From the server's start.
    let nanoseconds: Int64

    init(_ instant: ContinuousClock.Instant, since origin: ContinuousClock.Instant) {
        nanoseconds = origin.duration(to: instant).nanoseconds
    }

    /// - Parameter origin: The server's start.
    func instant(since origin: ContinuousClock.Instant) -> ContinuousClock.Instant {
        origin.advanced(by: .nanoseconds(nanoseconds))
    }

    func microseconds(to later: ServerInstant) -> Int { Int((later.nanoseconds - nanoseconds) / 1000) }

    /// Whole minutes from the server's start.
    var minute: Int { Int(nanoseconds / 60_000_000_000) }
}
