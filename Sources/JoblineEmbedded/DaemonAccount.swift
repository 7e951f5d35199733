internal import LibC

/// Account that the daemon runs as, by name.
enum DaemonAccount {
    /// Name of the user, or its number if the host has no name for it.
    static let user = name(ofUser: geteuid())
    /// Name of the group of new files, or its number.
    static let group = name(ofGroup: getegid())

    static func name(ofUser id: uid_t) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: bufferBytes) { buffer in
            var entry = passwd()
            var found: UnsafeMutablePointer<passwd>?
            guard let start = buffer.baseAddress, getpwuid_r(id, &entry, start, buffer.count, &found) == 0,
                let name = found?.pointee.pw_name
            else { return "\(id)" }
            return String(cString: name)
        }
    }

    static func name(ofGroup id: gid_t) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: bufferBytes) { buffer in
            var entry = LibC.group()
            var found: UnsafeMutablePointer<LibC.group>?
            guard let start = buffer.baseAddress, getgrgid_r(id, &entry, start, buffer.count, &found) == 0,
                let name = found?.pointee.gr_name
            else { return "\(id)" }
            return String(cString: name)
        }
    }

    /// Maximum size of an entry; for a larger one the number is returned.
    private static let bufferBytes = 16 << 10
}
