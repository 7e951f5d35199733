internal import LibC

/// Keeps other daemons from binding in the same directory meanwhile; it is gone with the process, and leaves no file.
struct DirectoryLock {
    private let descriptor: CInt

    /// Attempts, and the pause between two of them in microseconds; about two seconds in all.
    private static let attempts = 100
    private static let pause: UInt32 = 20_000

    /// - Parameter path: A path in the directory.
    /// - Throws: If the directory is missing, cannot be opened, or stays locked.
    init(of path: String) throws(ListenerError) {
        let directory = Self.directory(of: path)
        descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ENOTDIR {
                throw ListenerError(.path, "socket \(path): there is no directory \(directory)")
            }
            throw .system("socket \(path): cannot open directory \(directory)")
        }
        for _ in 0..<Self.attempts {
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return }
            guard errno == EWOULDBLOCK || errno == EINTR else { break }
            usleep(Self.pause)
        }
        let errorNumber = errno
        LibC.close(descriptor)
        throw .system("socket \(path): cannot lock directory \(directory)", errorNumber)
    }

    func release() { LibC.close(descriptor) }

    private static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
