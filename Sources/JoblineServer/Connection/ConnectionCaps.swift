internal import JoblineBackend

/// Maximum numbers of open connections.
struct ConnectionCaps: Sendable, Hashable {
    var total: Int
    /// Maximum of one caller.
    var perUser: Int

    /// Cap that one more connection exceeds.
    enum Exceeded: Sendable, Hashable {
        case all(Int)
        case user(Int, Caller)

        /// Name of the counter.
        var name: String {
            switch self {
            case .all: "total"
            case .user: "user"
            }
        }
    }

    /// Returns the cap that one more connection exceeds. The caller's own cap comes first, because the caller can act on it.
    ///
    /// - Parameters:
    ///   - open: Open connections of this caller.
    ///   - all: Open connections of all callers.
    func exceeded(by caller: Caller, open: Int, all: Int) -> Exceeded? {
        if open >= perUser { return .user(perUser, caller) }
        if all >= total { return .all(total) }
        return nil
    }
}
