package import JoblineProtocol

/// Who of those that can connect may read, and who may write.
///
/// A rule holds for everybody, root and the daemon's own user included.
package struct AccessRules: Sendable, Hashable {
    /// Users and groups by number; somebody belongs to them as a user or through any group.
    package struct Members: Sendable, Hashable {
        package var users: Set<UInt32>
        package var groups: Set<UInt32>

        package init(users: Set<UInt32> = [], groups: Set<UInt32> = []) {
            self.users = users
            self.groups = groups
        }
    }

    /// Who may call methods that read; nil: everybody.
    package var read: Members?
    /// Who may call methods that write; nil: everybody.
    package var write: Members?

    package init(read: Members? = nil, write: Members? = nil) {
        self.read = read
        self.write = write
    }

    /// What somebody may do.
    ///
    /// - Parameters:
    ///   - peer: User and main group.
    ///   - groups: Gives the other groups; called once at most, and only if they matter.
    package func rights(of peer: PeerCredentials, groups: () -> [UInt32]) -> AccessRights {
        var found: [UInt32]?
        func include(_ members: Members?) -> Bool {
            guard let members else { return true }
            if members.users.contains(peer.uid) || members.groups.contains(peer.gid) { return true }
            guard !members.groups.isEmpty else { return false }
            let others = found ?? groups()
            found = others
            return others.contains { members.groups.contains($0) }
        }
        var rights: AccessRights = []
        if include(read) { rights.insert(.read) }
        if include(write) { rights.insert(.write) }
        return rights
    }
}
