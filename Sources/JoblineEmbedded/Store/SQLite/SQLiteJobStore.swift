internal import Dispatch
internal import GRDB
internal import LibC
internal import Synchronization
internal import SystemPackage

/// The jobs and workflows in one SQLite database.
final class SQLiteJobStore: JobStore {
    let pool: DatabasePool
    /// Reads one job or a short list, on the thread that asks: the way to another one and back takes longer.
    let reader: DatabaseQueue
    /// When the last list was read so; nil if one was read elsewhere since.
    let lastInPlace = Mutex<ContinuousClock.Instant?>(nil)
    /// Everything that changes the database goes through here.
    let commits: GroupCommit
    /// Tells of the jobs that they change.
    let records = RecordChanges()
    let daemon: DaemonID
    let pageTokenKeyFile: FilePath

    /// Opens the database, making it where there is none.
    ///
    /// - Parameters:
    ///   - directory: The state directory; its lock keeps other daemons away from the database.
    ///   - limits: How much is committed at once.
    /// - Throws: `newer`, `foreign`, `damaged` or `database`; the file is left as it is.
    init(in directory: StateDirectory, limits: GroupCommit.Limits = GroupCommit.Limits()) throws(StateError) {
        let path = directory.database
        daemon = DaemonID(value: directory.path.string)
        pageTokenKeyFile = directory.pageTokenKey
        do {
            var configuration = Configuration()
            configuration.label = "jobline"
            configuration.busyMode = .timeout(5)
            // Its own would ask for a priority that an unprivileged process does not get, and each thread would say so.
            configuration.qos = .default
            // What SQLite has to put aside stays out of the temporary directory, which has a fullness of its own.
            configuration.prepareDatabase { db in try db.execute(sql: "PRAGMA temp_store = MEMORY") }
            try Self.checkFile(of: directory)
            try Self.check(path, configuration)
            // SQLite gives its log the mode of the database.
            try PrivateFile.make(path)
            for suffix in ["-wal", "-shm", "-journal"] { PrivateFile.close(FilePath(path.string + suffix)) }
            let pool = try DatabasePool(path: path.string, configuration: configuration)
            try pool.writeWithoutTransaction { db in
                // FULL makes the commit wait for the disk, so that an acknowledged write survives the loss of power. The
                // pool itself sets less than that when it opens its only connection that writes.
                try db.execute(sql: "PRAGMA synchronous = FULL")
                try db.execute(sql: "PRAGMA journal_size_limit = \(WriteAheadLog.limit)")
            }
            try Self.migrator.migrate(pool)
            configuration.readonly = true
            configuration.prepareDatabase { db in try db.execute(sql: "PRAGMA cache_size = -\(Self.readerKilobytes)") }
            reader = try DatabaseQueue(path: path.string, configuration: configuration)
            // Has it open all its files: later clients may have taken the descriptors that there are.
            _ = try reader.unsafeRead { try Int.fetchOne($0, sql: "SELECT 1 FROM job LIMIT 1") }
            let log = WriteAheadLog(of: path)
            pool.add(transactionObserver: records, extent: .databaseLifetime)
            self.pool = pool
            commits = GroupCommit(pool, limits: limits, afterCommit: log.cutIfLarge)
        } catch let error as StateError {
            throw error
        } catch let error as DatabaseError
            where error.resultCode == .SQLITE_NOTADB || error.resultCode == .SQLITE_CORRUPT
        {
            throw Self.damaged(path, error)
        } catch {
            throw StateError(.database, "the database \(path) cannot be used", cause: error)
        }
    }

    /// Pages that the reader keeps, in KiB: some lists of a million jobs are on hundreds of pages each.
    private static let readerKilobytes = 4096

    /// Marks a database as one of ours: "jobl".
    static let applicationID = 0x6A6F_626C

    /// Above this size the database is opened without reading it whole, for somebody waits: 2 MiB take some milliseconds. What
    /// is damaged in a larger one is found when it is read.
    private static let checkedBytes = 2 << 20

    /// Refuses what is no file, or may not be written, and a database that has lost all its content: SQLite takes an empty
    /// file for a new database and removes its log, and opens for reading what it may not write.
    private static func checkFile(of directory: StateDirectory) throws(StateError) {
        func bytes(_ path: FilePath) throws(StateError) -> Int? {
            var status = stat()
            guard stat(path.string, &status) == 0 else { return nil }
            // Opening a pipe would wait for its other end.
            guard status.st_mode & S_IFMT == S_IFREG else {
                throw StateError(.foreign, "\(path) is not a file: move it away")
            }
            guard access(path.string, R_OK | W_OK) == 0 else {
                throw StateError(.directory, "\(path) cannot be read and written; check its owner and mode")
            }
            return Int(status.st_size)
        }
        let log = try bytes(FilePath(directory.database.string + "-wal")) ?? 0
        guard try bytes(directory.database) == 0 else { return }
        // The key is made after the database, when a state directory is new.
        let isNew = access(directory.pageTokenKey.string, F_OK) != 0
        guard log > 0 || !isNew else { return }
        throw damaged(directory.database, DatabaseError(resultCode: .SQLITE_CORRUPT, message: "the file is empty"))
    }

    /// Looks at a database without changing a byte of it, which opening it for writing would do.
    private static func check(_ path: FilePath, _ configuration: Configuration) throws {
        guard access(path.string, F_OK) == 0 else { return }
        var configuration = configuration
        configuration.readonly = true
        let queue = try DatabaseQueue(path: path.string, configuration: configuration)
        try queue.read { db in
            let id = try Int.fetchOne(db, sql: "PRAGMA application_id")
            let tables = try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM sqlite_schema") ?? 0
            guard id == applicationID || (id == 0 && tables == 0) else {
                throw StateError(.foreign, "\(path) is a database of another program: move it away")
            }
            if try migrator.hasBeenSuperseded(db) {
                throw StateError(
                    .newer,
                    "\(path) was written by a newer version of joblined: run that version, or move the file away")
            }
            let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
            let pageSize = try Int.fetchOne(db, sql: "PRAGMA page_size") ?? 0
            guard pages * pageSize <= checkedBytes else { return }
            if let finding = try String.fetchOne(db, sql: "PRAGMA quick_check(1)"), finding != "ok" {
                throw damaged(path, DatabaseError(resultCode: .SQLITE_CORRUPT, message: finding))
            }
        }
    }

    private static func damaged(_ path: FilePath, _ cause: DatabaseError) -> StateError {
        StateError(
            .damaged,
            "\(path) is damaged: restore it from a backup, or move it away with its -wal file to start without any jobs",
            cause: cause)
    }
}
