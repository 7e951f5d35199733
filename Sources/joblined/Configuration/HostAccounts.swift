internal import Dispatch
internal import Glibc

/// The users and groups that this host knows, by name.
enum HostAccounts {
    /// Whose names are looked up.
    enum Kind: String {
        case user, group
    }

    /// Largest entry that is read, in bytes; a group's has all of its members.
    private static let maximumBytes = 1 << 22

    /// The numbers of users or groups; a number stands for itself, whether the host knows it or not.
    ///
    /// The host may ask other hosts, and wait for them: that is done on a thread of its own.
    ///
    /// - Parameter key: Where they stand in the configuration.
    /// - Throws: For the first name that the host does not know, naming it and the key.
    static func numbers(_ kind: Kind, _ names: [String], _ key: String) async throws(DaemonError) -> Set<UInt32> {
        let result: Result<Set<UInt32>, DaemonError> = await withCheckedContinuation { continuation in
            DispatchQueue(label: "jobline.accounts").async {
                continuation.resume(
                    returning: Result { () throws(DaemonError) in
                        var numbers: Set<UInt32> = []
                        for name in names { numbers.insert(try number(kind, name, key)) }
                        return numbers
                    })
            }
        }
        return try result.get()
    }

    private static func number(_ kind: Kind, _ name: String, _ key: String) throws(DaemonError) -> UInt32 {
        if !name.isEmpty, name.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            // The last one means "none" to the kernel.
            guard let number = UInt32(name), number != .max else {
                throw SettingsReader.bad(key, "\(name) is no number of a \(kind)")
            }
            return number
        }
        guard !name.isEmpty, !name.utf8.contains(0) else {
            throw SettingsReader.bad(key, "expected names or numbers of \(kind)s, found \"\(name)\"")
        }
        do {
            guard let number = try lookUp(kind, name) else {
                throw SettingsReader.bad(key, "there is no \(kind) \(name) on this host")
            }
            return number
        } catch let error as DaemonError {
            throw error
        } catch {
            throw SettingsReader.bad(key, "\(kind) \(name) cannot be looked up: \(error)")
        }
    }

    /// - Returns: nil where the host has no such name.
    private static func lookUp(_ kind: Kind, _ name: String) throws -> UInt32? {
        var capacity = 1024
        while true {
            let (found, status) = withUnsafeTemporaryAllocation(of: CChar.self, capacity: capacity) { buffer in
                entry(kind, name, buffer)
            }
            switch status {
            // Which of them a host gives for an unknown name is up to it.
            case 0, ENOENT, ESRCH, EBADF, EPERM: return found
            case EINTR: continue
            case ERANGE where capacity < maximumBytes: capacity *= 4
            default: throw LookUpFailure(status: status)
            }
        }
    }

    private static func entry(
        _ kind: Kind, _ name: String, _ buffer: UnsafeMutableBufferPointer<CChar>
    ) -> (UInt32?, status: CInt) {
        guard let start = buffer.baseAddress else { return (nil, ERANGE) }
        switch kind {
        case .user:
            var user = passwd()
            var found: UnsafeMutablePointer<passwd>?
            let status = getpwnam_r(name, &user, start, buffer.count, &found)
            return (found?.pointee.pw_uid, status)
        case .group:
            var group = group()
            var found: UnsafeMutablePointer<group>?
            let status = getgrnam_r(name, &group, start, buffer.count, &found)
            return (found?.pointee.gr_gid, status)
        }
    }

    private struct LookUpFailure: Error, CustomStringConvertible {
        let status: CInt
        var description: String { strerror(status).map { String(cString: $0) } ?? "error \(status)" }
    }
}
