package import JoblineBackend
internal import JoblineProtocol

/// Users and groups that may read and that may write.
///
/// Rules apply to everybody, including root and the daemon's own user.
package struct AccessRules: Sendable, Hashable {
    /// Users and groups by number. A caller matches by its uid or by any of its groups.
    package struct Members: Sendable, Hashable {
        package var users: Set<UInt32>
        package var groups: Set<UInt32>

        package init(users: Set<UInt32> = [], groups: Set<UInt32> = []) {
            self.users = users
            self.groups = groups
        }
    }

    /// Callers of methods that read; nil for everybody.
    package var read: Members?
    /// Callers of methods that write; nil for everybody.
    package var write: Members?

    package init(read: Members? = nil, write: Members? = nil) {
        self.read = read
        self.write = write
    }

    /// Returns the rights of a user.
    package func rights(of peer: PeerCredentials) -> AccessRights {
        func include(_ members: Members?) -> Bool {
            guard let members else { return true }
            return members.users.contains(peer.uid) || members.groups.contains(peer.gid)
                || peer.groups.contains(where: members.groups.contains)
        }
        var rights: AccessRights = []
        if include(read) { rights.insert(.read) }
        if include(write) { rights.insert(.write) }
        return rights
    }
}
