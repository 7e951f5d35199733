import Glibc
import Testing

@testable import JoblineServer

@Suite struct UnixListenerTests {
    private func withDirectory(_ body: (String) throws -> Void) throws {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        try body(directory.path)
    }

    private func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    private func code(_ path: String) -> ListenerError? {
        do throws(ListenerError) {
            try UnixListener.bind(path: path).close()
            return nil
        } catch {
            return error
        }
    }

    /// Leaves a socket's file behind, as a process that was killed does.
    private func leaveStale(_ path: String) throws {
        let listener = try UnixListener.bind(path: path)
        let descriptor = try #require(listener.take())
        Glibc.close(descriptor)
    }

    @Test(
        "A socket has the configured mode, independent of the umask, and its file is removed",
        arguments: [0o660, 0o666])
    func bindAndClose(mode: UInt32) throws {
        try withDirectory { directory in
            let path = directory + "/s"
            let listener = try UnixListener.bind(path: path, mode: mode)
            var found = stat()
            #expect(lstat(path, &found) == 0)
            #expect(found.st_mode & S_IFMT == S_IFSOCK)
            #expect(found.st_mode & 0o777 == mode)
            listener.close()
            #expect(!exists(path))
        }
    }

    @Test("The socket file of a killed process is replaced")
    func stale() throws {
        try withDirectory { directory in
            let path = directory + "/s"
            try leaveStale(path)
            #expect(exists(path))
            let listener = try UnixListener.bind(path: path)
            #expect(code(path)?.code == .inUse)
            listener.close()
        }
    }

    @Test("A listening socket is in use, even if its queue is full")
    func live() throws {
        try withDirectory { directory in
            let path = directory + "/s"
            let listener = try UnixListener.bind(path: path, backlog: 1)
            defer { listener.close() }
            // Each attempt leaves a client in the queue.
            for _ in 1...4 {
                let error = code(path)
                #expect(error?.code == .inUse)
                #expect(error?.description == "socket \(path) is in use")
            }
            #expect(exists(path))
        }
    }

    @Test("A file that is not a socket is never removed")
    func file() throws {
        try withDirectory { directory in
            let path = directory + "/f"
            let descriptor = open(path, O_CREAT | O_WRONLY, 0o600)
            Glibc.close(descriptor)
            let error = code(path)
            #expect(error?.code == .foreign)
            #expect(error?.message.contains(path) == true)
            #expect(exists(path))
            #expect(code(directory)?.code == .foreign)
            #expect(exists(directory))
        }
    }

    @Test("A path must fit a socket address and be in an existing directory")
    func paths() throws {
        try withDirectory { directory in
            let long = directory + "/" + String(repeating: "x", count: 107 - directory.utf8.count)
            let error = try #require(code(long))
            #expect(error.code == .path)
            #expect(error.message.contains("108 bytes") && error.message.contains("107"))
            #expect(code("")?.code == .path)
            let missing = try #require(code(directory + "/missing/s"))
            #expect(missing.code == .path)
            #expect(missing.message.contains(directory + "/missing"))
            #expect(code(directory + "/x\0y")?.code == .path)
        }
    }

    @Test("A path of 107 bytes is accepted")
    func longest() throws {
        try withDirectory { directory in
            let path = directory + "/" + String(repeating: "x", count: 106 - directory.utf8.count)
            #expect(path.utf8.count == 107)
            let listener = try UnixListener.bind(path: path)
            listener.close()
            #expect(!exists(path))
        }
    }

    @Test("Foreign locks on the directory, or on a file in it, do not prevent binding")
    func foreignLocks() throws {
        try withDirectory { directory in
            let path = directory + "/s"
            let folder = open(directory, O_RDONLY)
            defer { Glibc.close(folder) }
            #expect(flock(folder, LOCK_EX | LOCK_NB) == 0)
            let listener = try UnixListener.bind(path: path)
            #expect(exists(path))
            listener.close()
            #expect(!exists(path))
        }
    }

    @Test("Binding leaves only the socket, and reuses the unlocked lock file of a killed process")
    func lockFile() throws {
        try withDirectory { directory in
            let path = directory + "/s"
            let left = open(path + ".lock", O_CREAT | O_WRONLY, 0o600)
            Glibc.close(left)
            let listener = try UnixListener.bind(path: path)
            #expect(!exists(path + ".lock"))
            listener.close()
            #expect(!exists(path + ".lock"))
        }
    }

    @Test("A lock file that others can open is an error that names it", arguments: [0o666, 0o640])
    func sharedLockFile(mode: mode_t) throws {
        try withDirectory { directory in
            let path = directory + "/s"
            defer { Glibc.unlink(path + ".lock") }
            let shared = open(path + ".lock", O_CREAT | O_WRONLY, 0o600)
            fchmod(shared, mode)
            Glibc.close(shared)
            let error = try #require(code(path))
            #expect(error.code == .foreign)
            #expect(error.message.contains(path + ".lock"))
            #expect(!exists(path))
        }
    }

    @Test("A socket belongs to the configured group, and has an address")
    func group() throws {
        try withDirectory { directory in
            let path = directory + "/s"
            let listener = try UnixListener.bind(path: path, group: getegid())
            var found = stat()
            #expect(lstat(path, &found) == 0)
            #expect(found.st_gid == getegid())
            #expect(listener.address == path)
            listener.close()
        }
    }

    @Test("The socket file of another daemon is not removed")
    func unlinksOnlyItsOwn() throws {
        try withDirectory { directory in
            let path = directory + "/s"
            let first = try UnixListener.bind(path: path)
            Glibc.unlink(path)
            let second = try UnixListener.bind(path: path)
            first.close()
            #expect(exists(path))
            second.close()
            #expect(!exists(path))
        }
    }

    @Test("Exactly one of many concurrent binds succeeds, with or without a stale file")
    func race() async throws {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        let path = directory.path + "/s"
        try leaveStale(path)
        let outcomes = await withTaskGroup(of: Result<UnixListener, ListenerError>.self) { group in
            for _ in 1...16 {
                group.addTask {
                    Result { () throws(ListenerError) in try UnixListener.bind(path: path) }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        let winners = outcomes.compactMap { try? $0.get() }
        #expect(winners.count == 1)
        #expect(exists(path))
        for outcome in outcomes {
            if case .failure(let error) = outcome { #expect(error.code == .inUse) }
        }
        for winner in winners { winner.close() }
    }

    @Test("An inherited socket must be a listening Unix stream socket, and its file is not removed")
    func inherited() throws {
        try withDirectory { directory in
            let path = directory + "/s"
            let maker = try UnixListener.bind(path: path)
            let descriptor = try #require(maker.take())
            let listener = try UnixListener.inherited(descriptor)
            #expect(fcntl(descriptor, F_GETFL) & O_NONBLOCK != 0)
            #expect(fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0)
            #expect(listener.path == nil)
            listener.close()
            #expect(exists(path))
        }
    }

    @Test("Other descriptors are refused, and the error names them")
    func notInheritable() throws {
        let stream = CInt(SOCK_STREAM.rawValue)
        let descriptors = [
            (socket(AF_UNIX, stream, 0), "not listening"),
            (socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue), 0), "not a stream socket"),
            (socket(AF_INET, stream, 0), "not a Unix socket"),
            (open("/dev/null", O_RDONLY), "no socket"),
        ]
        for (descriptor, defect) in descriptors {
            let error = #expect(throws: ListenerError.self) { try UnixListener.inherited(descriptor) }
            #expect(error?.code == .descriptor)
            #expect(error?.message.contains("descriptor \(descriptor)") == true)
            #expect(error?.message.contains(defect) == true)
            Glibc.close(descriptor)
        }
        #expect(throws: ListenerError.self) { try UnixListener.inherited(-1) }
    }
}
