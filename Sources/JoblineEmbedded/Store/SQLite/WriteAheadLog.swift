internal import GRDB
internal import LibC
internal import SystemPackage
internal import Synchronization

/// Limits the size of the write-ahead log.
///
/// SQLite checkpoints the log by itself, but restarts the file only at a moment without readers. Overlapping readers could
/// prevent that for ever: at the limit the writer waits for them.
final class WriteAheadLog: Sendable {
    /// Size of the log in bytes at which it is truncated.
    static let limit: Int64 = 64 << 20
    /// Maximum time that the writer waits for readers, in milliseconds. A read of the daemon takes a few.
    private static let timeout = 250

    private let file: FilePath
    private let limit: Int64
    private let next: Mutex<Int64>

    /// - Parameters:
    ///   - database: File of the database.
    ///   - limit: Size in bytes at which the log is truncated.
    init(of database: FilePath, limit: Int64 = WriteAheadLog.limit) {
        file = FilePath(database.string + "-wal")
        self.limit = limit
        next = Mutex(limit)
    }

    /// Truncates the log if it exceeds the limit. Called between transactions on the writing connection.
    ///
    /// A long reader can prevent that. The next attempt follows after another `limit` bytes.
    func truncateIfLarge(_ db: Database) {
        var status = stat()
        guard stat(file.string, &status) == 0 else { return }
        let size = Int64(status.st_size)
        guard next.withLock({ size > $0 }) else { return }
        let isTruncated = truncate(db)
        next.withLock { $0 = isTruncated ? limit : size + limit }
    }

    private func truncate(_ db: Database) -> Bool {
        do {
            let timeout = try Int.fetchOne(db, sql: "PRAGMA busy_timeout") ?? 0
            try db.execute(sql: "PRAGMA busy_timeout = \(Self.timeout)")
            defer { try? db.execute(sql: "PRAGMA busy_timeout = \(timeout)") }
            _ = try db.checkpoint(.truncate)
            return true
        } catch {
            return false
        }
    }
}
