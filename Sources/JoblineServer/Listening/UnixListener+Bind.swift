internal import LibC

extension UnixListener {
    /// Permissions of a socket's file: read and write for its user and group.
    package static let defaultMode: UInt32 = 0o660

    /// Creates a socket and listens on it.
    ///
    /// Replaces a stale socket file of the same user. Any other file at the path is kept.
    ///
    /// - Parameters:
    ///   - path: Path of the socket file: at most 107 bytes, in an existing directory.
    ///   - mode: Permissions, independent of the umask. Connecting needs write permission.
    ///   - group: Group of the file; nil for the group of the process, or of a setgid directory.
    ///   - backlog: Length of the kernel's queue of clients that are not accepted yet.
    /// - Throws: If the path is invalid or in use, or has a file that must not be replaced.
    package static func bind(
        path: String, mode: UInt32 = defaultMode, group: UInt32? = nil, backlog: CInt = 4096
    ) throws(ListenerError) -> UnixListener {
        let address = try SocketPath(path)
        let lock = try SocketLock(of: path)
        defer { lock.release() }
        try removeStale(address)
        let descriptor = try makeSocket()
        do throws(ListenerError) {
            guard address.bind(descriptor) == 0 else {
                if errno == EADDRINUSE { throw ListenerError(.inUse, "socket \(path) is in use") }
                throw .system("cannot bind socket \(path)")
            }
            let binding = try identify(path)
            do throws(ListenerError) {
                // Nobody can connect before listen(2), so the permissions from the umask do no harm.
                try give(path, to: group)
                guard chmod(path, mode_t(truncatingIfNeeded: mode)) == 0, listen(descriptor, backlog) == 0 else {
                    throw .system("cannot listen on socket \(path)")
                }
            } catch {
                LibC.unlink(path)
                throw error
            }
            return UnixListener(descriptor, binding)
        } catch {
            LibC.close(descriptor)
            throw error
        }
    }

    private static func give(_ path: String, to group: UInt32?) throws(ListenerError) {
        guard let group, chown(path, uid_t.max, group) != 0 else { return }
        throw .system("socket \(path) cannot be given to gid \(group), of which uid \(geteuid()) has to be a member")
    }

    /// Sets the length of the queue of a listening socket.
    static func setBacklog(of descriptor: CInt, _ backlog: CInt) { _ = listen(descriptor, backlog) }

    private static func makeSocket() throws(ListenerError) -> CInt {
        #if canImport(Glibc)
            let type = CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        #elseif os(Linux)
            let type = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK
        #else
            let type = SOCK_STREAM
        #endif
        let descriptor = socket(AF_UNIX, type, 0)
        guard descriptor >= 0 else { throw .system("cannot make a socket") }
        #if !os(Linux)
            // Only Linux accepts these flags in socket(2).
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        #endif
        return descriptor
    }

    private static func identify(_ path: String) throws(ListenerError) -> Binding {
        var made = stat()
        guard lstat(path, &made) == 0 else { throw .system("socket \(path) is gone right after it was bound") }
        return Binding(path: path, device: made.st_dev, inode: made.st_ino)
    }

    /// Removes a stale socket file, which no process listens on.
    private static func removeStale(_ address: SocketPath) throws(ListenerError) {
        let path = address.path
        var found = stat()
        guard lstat(path, &found) == 0 else {
            if errno == ENOENT { return }
            throw .system("cannot look at socket \(path)")
        }
        guard found.st_mode & S_IFMT == S_IFSOCK else {
            throw ListenerError(.foreign, "\(path) is no socket; remove it or choose another path")
        }
        guard found.st_uid == geteuid() else {
            throw ListenerError(
                .foreign, "socket \(path) belongs to uid \(found.st_uid); remove it or choose another path")
        }
        let probe = try makeSocket()
        defer { LibC.close(probe) }
        let outcome = address.connect(probe) == 0 ? 0 : errno
        // ECONNREFUSED alone means that nobody listens; a full queue, for example, means that somebody does.
        guard outcome == ECONNREFUSED else { throw ListenerError(.inUse, "socket \(path) is in use") }
        guard LibC.unlink(path) == 0 || errno == ENOENT else {
            throw .system("cannot remove stale socket \(path)")
        }
    }
}

/// Socket path in the form that the kernel expects.
private struct SocketPath {
    let path: String
    private var address = sockaddr_un()

    init(_ path: String) throws(ListenerError) {
        self.path = path
        let capacity = MemoryLayout.size(ofValue: address.sun_path)
        // One byte is for the terminating zero.
        guard path.utf8.count < capacity else {
            throw ListenerError(
                .path,
                "socket \(path): the path has \(path.utf8.count) bytes, but a socket's can have at most \(capacity - 1)"
            )
        }
        guard !path.isEmpty, !path.utf8.contains(0) else {
            throw ListenerError(.path, "socket '\(path)': this is no path")
        }
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    }

    func bind(_ descriptor: CInt) -> CInt { call { LibC.bind(descriptor, $0, $1) } }
    func connect(_ descriptor: CInt) -> CInt { call { LibC.connect(descriptor, $0, $1) } }

    private func call(_ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt) -> CInt {
        withUnsafePointer(to: address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
