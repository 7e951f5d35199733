/// How many connections there may be at a time.
struct ConnectionCaps: Sendable, Hashable {
    /// Of all users together.
    var total: Int
    /// Of one user.
    var perUser: Int

    /// The cap that one more connection is over.
    enum Exceeded: Sendable, Hashable {
        /// That of all users together.
        case all(Int)
        /// That of the connection's own user.
        case user(Int, uid: UInt32)

        /// Under which those over it are counted.
        var name: String {
            switch self {
            case .all: "total"
            case .user: "user"
            }
        }
    }

    /// What stands against one more connection; where both caps do, the one that the user can do something about.
    ///
    /// - Parameters:
    ///   - uid: Whose it is.
    ///   - open: Connections that this user has.
    ///   - all: Connections that all users have.
    func exceeded(by uid: UInt32, open: Int, all: Int) -> Exceeded? {
        if open >= perUser { return .user(perUser, uid: uid) }
        if all >= total { return .all(total) }
        return nil
    }
}
