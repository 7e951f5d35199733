internal import GRDB
internal import LibC
internal import SystemPackage
internal import Synchronization

/// Keeps the file of the write-ahead log small.
///
/// SQLite brings the log into the database by itself, but begins it anew only at a moment when no reader uses it. Readers
/// that follow close on one another could put that off for ever: at the limit the writer holds still and waits for it.
final class WriteAheadLog: Sendable {
    /// Bytes from which on the log is cut.
    static let limit: Int64 = 64 << 20
    /// Milliseconds that the writer waits for readers. Those of the daemon take a few.
    private static let patience = 250

    private let file: FilePath
    private let limit: Int64
    private let next: Mutex<Int64>

    /// - Parameters:
    ///   - database: The database's file.
    ///   - limit: In bytes.
    init(of database: FilePath, limit: Int64 = WriteAheadLog.limit) {
        file = FilePath(database.string + "-wal")
        self.limit = limit
        next = Mutex(limit)
    }

    /// Cuts the log if it is over the limit; to be called between transactions on the connection that writes.
    ///
    /// A reader that does not end keeps the log from being cut. Then it is tried again when as much has been added.
    func cutIfLarge(_ db: Database) {
        var status = stat()
        guard stat(file.string, &status) == 0 else { return }
        let size = Int64(status.st_size)
        guard next.withLock({ size > $0 }) else { return }
        let isCut = cut(db)
        next.withLock { $0 = isCut ? limit : size + limit }
    }

    private func cut(_ db: Database) -> Bool {
        do {
            let timeout = try Int.fetchOne(db, sql: "PRAGMA busy_timeout") ?? 0
            try db.execute(sql: "PRAGMA busy_timeout = \(Self.patience)")
            defer { try? db.execute(sql: "PRAGMA busy_timeout = \(timeout)") }
            _ = try db.checkpoint(.truncate)
            return true
        } catch {
            return false
        }
    }
}
