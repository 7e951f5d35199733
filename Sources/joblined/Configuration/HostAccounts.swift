internal import Dispatch
internal import Glibc

/// Users and groups of this host.
enum HostAccounts {
    /// Kind of account.
    enum Kind: String {
        case user, group
    }

    /// Maximum bytes of an entry; the entry of a group contains all its members.
    private static let maximumBytes = 1 << 22

    /// Returns the numbers of users or groups. A number is returned unchanged, even if the host does not know it.
    ///
    /// Runs on its own thread, because the host can query other hosts and block.
    ///
    /// - Parameter key: Configuration key, for errors.
    /// - Throws: An error with the key and the first unknown name.
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
            // The kernel uses the largest value for "none".
            guard let number = UInt32(name), number != .max else {
                throw SettingsReader.invalid(key, "\(name) is not a valid \(kind) number")
            }
            return number
        }
        guard !name.isEmpty, !name.utf8.contains(0) else {
            throw SettingsReader.invalid(key, "expected names or numbers of \(kind)s, found \"\(name)\"")
        }
        do {
            guard let number = try lookUp(kind, name) else {
                throw SettingsReader.invalid(key, "there is no \(kind) \(name) on this host")
            }
            return number
        } catch let error as DaemonError {
            throw error
        } catch {
            throw SettingsReader.invalid(key, "\(kind) \(name) cannot be looked up: \(error)")
        }
    }

    /// Returns the number of a name; nil if the host does not know it.
    private static func lookUp(_ kind: Kind, _ name: String) throws -> UInt32? {
        var capacity = 1024
        while true {
            let (found, status) = withUnsafeTemporaryAllocation(of: CChar.self, capacity: capacity) { buffer in
                entry(kind, name, buffer)
            }
            switch status {
            // Hosts report an unknown name with different error numbers.
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
