internal import LibC

/// Groups of users by the user database of the host.
enum AccountGroups {
    /// Maximum number of groups of one user.
    private static let maximumGroups = 4096

    /// Returns all groups of a user; empty if the user database has no such user.
    ///
    /// TCP connections need it: the kernel knows their user, but not the groups of the process.
    static func groups(of uid: UInt32) -> [UInt32] {
        var entry = passwd()
        var buffer = [CChar](repeating: 0, count: 16 << 10)
        var found: UnsafeMutablePointer<passwd>?
        guard getpwuid_r(uid, &entry, &buffer, buffer.count, &found) == 0, found != nil else { return [] }
        var count = CInt(maximumGroups)
        var groups = [gid_t](repeating: 0, count: maximumGroups)
        guard getgrouplist(entry.pw_name, entry.pw_gid, &groups, &count) >= 0 else { return [entry.pw_gid] }
        return Array(groups.prefix(Int(count)))
    }
}
