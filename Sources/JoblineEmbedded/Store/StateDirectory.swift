internal import LibC
internal import Synchronization
internal import SystemPackage

/// The directory with all data of the embedded services, locked by one process at a time.
///
/// It contains `jobline.sqlite` (jobs and workflows), `lock`, `page-token.key`, `buckets/`, `tables/`, `schemas/`
/// (inputs and outputs of jobs), `work/` (output of running jobs), `logs/` (standard error of executors).
final class StateDirectory: Sendable {
    /// Absolute path without symbolic links.
    let path: FilePath
    private let lock: FileDescriptor
    private let isReleased = Atomic(false)

    /// Database of jobs and workflows.
    var database: FilePath { path.appending("jobline.sqlite") }
    /// Key of the authentication code of pagination tokens.
    var pageTokenKey: FilePath { path.appending("page-token.key") }
    /// Folder of the objects: `s3://BUCKET/KEY` is `buckets/BUCKET/KEY`.
    ///
    /// Symbolic links in this path and the following ones are resolved: only the operator can create them.
    let buckets: FilePath
    /// Folder of the Glue tables: `tables/DATABASE/TABLE`.
    let tables: FilePath
    /// Folder of the schemas: `schemas/NAME.json`.
    let schemas: FilePath
    /// Folder with one directory for each running job.
    let work: FilePath
    /// Folder with one file for each job whose executor wrote to standard error.
    let logs: FilePath

    /// Creates the directory and its missing folders, and takes the lock.
    ///
    /// - Parameter path: Path of the directory, whose parent exists.
    /// - Throws: `inUse` if another process has the lock, `directory` if it cannot be created, read or written.
    init(_ path: FilePath) throws(StateError) {
        let path = try Self.folder(path, mode: 0o700)
        self.path = path
        let file = path.appending("lock")
        do {
            lock = try FileDescriptor.open(
                file, .readWrite, options: [.create, .closeOnExec, .noFollow],
                permissions: [.ownerReadWrite])
        } catch {
            let reason = (error as? Errno).map { AccessDenial.description(of: $0, at: path, .write) } ?? ""
            throw StateError(.directory, "state directory \(path) cannot be written: \(reason)")
        }
        do throws(StateError) {
            try Self.take(lock, file)
            PrivateFile.close(file)
            buckets = try Self.folder(path.appending("buckets"), mode: 0o755)
            tables = try Self.folder(path.appending("tables"), mode: 0o755)
            schemas = try Self.folder(path.appending("schemas"), mode: 0o755)
            work = try Self.folder(path.appending("work"), mode: 0o700)
            logs = try Self.folder(path.appending("logs"), mode: 0o700)
        } catch {
            flock(lock.rawValue, LOCK_UN)
            try? lock.close()
            throw error
        }
        // Unpublished output is private, even if the folder was created with another umask.
        PrivateFile.close(work)
        PrivateFile.close(logs)
    }

    deinit { release() }

    /// Releases the lock. Later calls do nothing.
    ///
    /// Explicit, because ending threads may still retain this object after the last job.
    func release() {
        guard isReleased.compareExchange(expected: false, desired: true, ordering: .relaxed).exchanged else { return }
        // Unlocked explicitly: a forked child before its exec still has a copy of the descriptor.
        flock(lock.rawValue, LOCK_UN)
        try? lock.close()
    }

    private static func take(_ lock: FileDescriptor, _ file: FilePath) throws(StateError) {
        guard flock(lock.rawValue, LOCK_EX | LOCK_NB) == 0 else {
            guard errno == EWOULDBLOCK else { throw failure(file, "cannot be locked") }
            var text = [UInt8](repeating: 0, count: 32)
            let count = text.withUnsafeMutableBytes { (try? lock.read(fromAbsoluteOffset: 0, into: $0)) ?? 0 }
            let holder = String(decoding: text.prefix(count).prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
            throw StateError(
                .inUse,
                "\(file) is locked by process \(holder.isEmpty ? "unknown" : holder): "
                    + "stop that daemon, or give this one another state directory")
        }
        // The process id is only for the message above; the lock does not depend on it.
        if ftruncate(lock.rawValue, 0) == 0 { _ = try? lock.writeAll(toAbsoluteOffset: 0, "\(getpid())\n".utf8) }
    }

    /// Creates a folder if it is missing.
    ///
    /// - Returns: The path without symbolic links.
    private static func folder(_ path: FilePath, mode: mode_t) throws(StateError) -> FilePath {
        guard mkdir(path.string, mode) == 0 || errno == EEXIST else { throw failure(path, "cannot be made") }
        guard let resolved = realpath(path.string, nil) else {
            if errno == ENOENT { throw failure(path, "is a symbolic link that leads nowhere") }
            throw failure(path, "cannot be resolved")
        }
        defer { free(resolved) }
        let folder = FilePath(String(cString: resolved))
        var status = stat()
        guard stat(resolved, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw StateError(.directory, "\(path) is not a folder: move it away")
        }
        for (right, mode) in [(AccessDenial.Right.read, R_OK | X_OK), (.write, W_OK)]
        where access(resolved, mode) != 0 {
            let reason = AccessDenial.description(of: Errno(rawValue: errno), at: folder, right)
            throw StateError(.directory, "\(path) cannot be used: \(reason)")
        }
        return folder
    }

    private static func failure(_ path: FilePath, _ what: String) -> StateError {
        let error = Errno(rawValue: errno)
        guard error == .permissionDenied else { return StateError(.directory, "\(path) \(what)", cause: error) }
        return StateError(
            .directory, "\(path) \(what): \(AccessDenial.description(of: path.removingLastComponent(), .write))")
    }
}
