/// Rate limiting on the client's side, ahead of the daemon's own limits.
public enum RateLimit: Sendable, Hashable {
    /// No client-side limit; requests that the daemon throttles are retried after a backoff.
    case none
    /// Adaptive limit: after the first throttled request the rate drops to 0.7 of its value and recovers along a cubic
    /// curve. Calls wait for their turn within their timeouts. A call whose turn comes after its deadline fails as
    /// throttled at once.
    ///
    /// Intended for programs that make as many calls as they can. One rate applies to all methods, so other programs
    /// only wait longer.
    case adaptive
}
