internal import LibC
internal import SystemPackage

/// The directory that holds everything the embedded services know, held by one process at a time.
///
/// What is in it: `jobline.sqlite` (jobs and workflows), `lock`, `page-token.key`, `buckets/`, `tables/`, `schemas/` (what
/// jobs read and write), `work/` (what running jobs have written so far), `logs/` (what executors wrote to standard error).
final class StateDirectory: Sendable {
    /// The directory, absolute and free of symbolic links.
    let path: FilePath
    private let lock: FileDescriptor

    /// The database of jobs and workflows.
    var database: FilePath { path.appending("jobline.sqlite") }
    /// Key of the authentication code of pagination tokens.
    var pageTokenKey: FilePath { path.appending("page-token.key") }
    /// What `s3://BUCKET/KEY` stands for: `buckets/BUCKET/KEY`.
    var buckets: FilePath { path.appending("buckets") }
    /// What a Glue table's ARN stands for: `tables/DATABASE/TABLE`.
    var tables: FilePath { path.appending("tables") }
    /// What a schema's name stands for: `schemas/NAME.json`.
    var schemas: FilePath { path.appending("schemas") }
    /// One directory for each running job.
    var work: FilePath { path.appending("work") }
    /// One file for each job whose executor wrote to standard error.
    var logs: FilePath { path.appending("logs") }

    /// Makes the directory and its parts where they are missing, and takes the lock.
    ///
    /// - Parameter path: The directory; its parent has to exist.
    /// - Throws: `inUse` if another process holds it, `directory` if it cannot be made, read or written.
    init(_ path: FilePath) throws(StateError) {
        try Self.make(path, mode: 0o700)
        guard let resolved = realpath(path.string, nil) else { throw Self.failure(path, "cannot be resolved") }
        self.path = FilePath(String(cString: resolved))
        free(resolved)
        let file = self.path.appending("lock")
        do {
            lock = try FileDescriptor.open(
                file, .readWrite, options: [.create, .closeOnExec, .noFollow],
                permissions: [.ownerReadWrite])
        } catch {
            throw StateError(
                .directory, "state directory \(path) cannot be written; check its owner and mode", cause: error)
        }
        // Where one of these throws, the descriptor is closed by deinit: everything is initialised by now.
        try Self.take(lock, file)
        for part in [buckets, tables, schemas, work, logs] {
            try Self.make(part, mode: part == work || part == logs ? 0o700 : 0o755)
        }
    }

    deinit {
        // Given up by name: a child that was forked and has not begun its program yet still has a copy of the descriptor.
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
        // Who holds the lock is for the message above only: the lock itself does not depend on it.
        if ftruncate(lock.rawValue, 0) == 0 { _ = try? lock.writeAll(toAbsoluteOffset: 0, "\(getpid())\n".utf8) }
    }

    private static func make(_ path: FilePath, mode: mode_t) throws(StateError) {
        if mkdir(path.string, mode) == 0 { return }
        guard errno == EEXIST else { throw failure(path, "cannot be made") }
        guard access(path.string, R_OK | W_OK | X_OK) == 0 else {
            throw failure(path, "cannot be read and written; check its owner and mode")
        }
    }

    private static func failure(_ path: FilePath, _ what: String) -> StateError {
        StateError(.directory, "\(path) \(what)", cause: Errno(rawValue: errno))
    }
}
