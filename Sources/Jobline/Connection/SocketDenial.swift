internal import LibC

/// Explanation of a denied connection: who may connect to the socket, and how the user obtains that permission.
enum SocketDenial {
    /// Returns the error message for a path; starts in lower case and has no final period.
    static func message(_ path: String) -> String {
        var status = stat()
        guard stat(path, &status) == 0 else {
            return "permission denied at \(path); the user \(thisUser) may not traverse a directory of that path"
        }
        let group = SocketGroup(
            name: name(ofGroup: status.st_gid), mayConnect: status.st_mode & S_IWGRP != 0,
            isOfProcess: groups.contains(status.st_gid),
            isOfAccount: name(ofUser: geteuid()).map { isMember($0, of: status.st_gid) } ?? false)
        let owner = name(ofUser: status.st_uid) ?? "\(status.st_uid)"
        return "permission denied at \(path); " + reason(thisUser, group, owner: owner)
    }

    /// Group of a socket and its relation to this process.
    struct SocketGroup {
        var name: String
        /// Whether members may connect.
        var mayConnect: Bool
        /// Whether this process has the group.
        var isOfProcess: Bool
        /// Whether the host's group database lists the user as a member.
        var isOfAccount: Bool
    }

    static func reason(_ user: String, _ group: SocketGroup, owner: String) -> String {
        guard group.mayConnect, !group.isOfProcess else {
            return "only the user \(owner) may connect, and this is \(user)"
        }
        if group.isOfAccount {
            return "the user \(user) is in the group \(group.name), whose members may connect, but was not at login: "
                + "log in again"
        }
        return "the user \(user) is not in the group \(group.name), whose members may connect: "
            + "sudo usermod -aG \(group.name) \(user), and log in again"
    }

    private static var thisUser: String { name(ofUser: geteuid()) ?? "\(geteuid())" }

    private static var groups: [gid_t] {
        let count = getgroups(0, nil)
        guard count > 0 else { return [getegid()] }
        return [getegid()]
            + [gid_t](unsafeUninitializedCapacity: Int(count)) { buffer, initialized in
                initialized = max(0, Int(getgroups(count, buffer.baseAddress)))
            }
    }

    /// Size in bytes of the buffer for a passwd or group entry: 64 KiB. Larger entries are shown by id.
    private static let bufferBytes = 64 << 10

    private static func name(ofUser id: uid_t) -> String? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: bufferBytes) { buffer in
            var entry = passwd()
            var found: UnsafeMutablePointer<passwd>?
            guard let start = buffer.baseAddress, getpwuid_r(id, &entry, start, buffer.count, &found) == 0 else {
                return nil
            }
            return found?.pointee.pw_name.map { String(cString: $0) }
        }
    }

    private static func name(ofGroup id: gid_t) -> String {
        withGroup(id) { $0.gr_name.map { String(cString: $0) } } ?? "\(id)"
    }

    private static func isMember(_ user: String, of id: gid_t) -> Bool {
        withGroup(id) { group in
            var member = group.gr_mem
            while let name = member?.pointee {
                if String(cString: name) == user { return true }
                member = member?.advanced(by: 1)
            }
            return false
        } ?? false
    }

    private static func withGroup<Value>(_ id: gid_t, _ body: (group) -> Value?) -> Value? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: bufferBytes) { buffer in
            var entry = group()
            var found: UnsafeMutablePointer<group>?
            guard let start = buffer.baseAddress, getgrgid_r(id, &entry, start, buffer.count, &found) == 0 else {
                return nil
            }
            return found.flatMap { body($0.pointee) }
        }
    }
}
