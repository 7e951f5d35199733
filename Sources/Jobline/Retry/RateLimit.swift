/// Whether a client holds itself back before the daemon does.
public enum RateLimit: Sendable, Hashable {
    /// It sends as fast as it is called; what the daemon refuses is tried again after a pause.
    case none
    /// From the first refusal on it sends no faster than the daemon lets through: the rate falls to 0.7 of what it was, and comes
    /// back along a cubic curve. Calls wait for their turn within their timeouts, and fail as throttled at once where it would
    /// come too late.
    ///
    /// For programs that make as many calls as they can. Others only wait longer with it: one rate holds for all methods.
    case adaptive
}
