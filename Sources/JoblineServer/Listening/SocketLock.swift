internal import LibC

/// Lock that keeps other daemons from binding or removing the same socket.
///
/// The lock is on a separate file beside the socket, which only the daemon's user can open, so no other user can hold it. The
/// file exists while the lock is held. A killed process leaves it behind, unlocked.
struct SocketLock {
    private let path: String
    private let descriptor: CInt

    /// Number of attempts; with the pauses two seconds in all.
    private static let attempts = 100
    /// Pause between attempts, in microseconds.
    private static let pause: UInt32 = 20_000

    /// - Parameter socket: Path of the socket.
    /// - Throws: If the directory is missing, the file cannot be created or other users can open it, or it stays locked.
    init(of socket: String) throws(ListenerError) {
        path = socket + ".lock"
        for attempt in 1...Self.attempts {
            let descriptor = try Self.open(path, for: socket)
            let status = flock(descriptor, LOCK_EX | LOCK_NB)
            let errorNumber = errno
            // The previous holder may have removed the file, and another process may have created a new one.
            if status == 0, Self.isStillThere(path, descriptor) {
                self.descriptor = descriptor
                return
            }
            LibC.close(descriptor)
            if status == 0 { continue }
            guard errorNumber == EWOULDBLOCK || errorNumber == EINTR else {
                throw .system("socket \(socket): cannot lock \(path)", errorNumber)
            }
            if attempt < Self.attempts { usleep(Self.pause) }
        }
        throw ListenerError(.inUse, "socket \(socket): another process of this user keeps \(path) locked")
    }

    func release() {
        unlink(path)
        LibC.close(descriptor)
    }

    private static func open(_ path: String, for socket: String) throws(ListenerError) -> CInt {
        // O_NONBLOCK: opening a FIFO must not block.
        let flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK
        let descriptor = LibC.open(path, flags, 0o600)
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ENOTDIR {
                throw ListenerError(.path, "socket \(socket): there is no directory \(directory(of: socket))")
            }
            throw .system("socket \(socket): cannot make \(path)")
        }
        var found = stat()
        guard fstat(descriptor, &found) == 0, found.st_mode & S_IFMT == S_IFREG, found.st_uid == geteuid(),
            found.st_mode & 0o077 == 0
        else {
            LibC.close(descriptor)
            throw ListenerError(
                .foreign, "socket \(socket): \(path) is not a file of this user alone; remove it or choose another path"
            )
        }
        return descriptor
    }

    private static func isStillThere(_ path: String, _ descriptor: CInt) -> Bool {
        var (named, opened) = (stat(), stat())
        return lstat(path, &named) == 0 && fstat(descriptor, &opened) == 0 && named.st_dev == opened.st_dev
            && named.st_ino == opened.st_ino
    }

    private static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
