internal import Dispatch
internal import GRDB
internal import LibC
internal import Synchronization
internal import SystemPackage

/// The jobs and workflows in one SQLite database.
final class SQLiteJobStore: JobStore {
    let pool: DatabasePool
    /// Connection for reads of one job or a short list on the calling thread: a change of threads takes longer than the read.
    let reader: DatabaseQueue
    /// Time of the last list that was read on the calling thread; nil after a list on another thread.
    let lastInPlace = Mutex<ContinuousClock.Instant?>(nil)
    /// Performs every change of the database.
    let commits: GroupCommit
    /// Reports the changed jobs.
    let records = RecordChanges()
    let daemon: DaemonID
    let pageTokenKeyFile: FilePath

    /// Opens the database, and creates it if it is missing.
    ///
    /// - Parameters:
    ///   - directory: State directory, whose lock keeps other daemons away from the database.
    ///   - limits: Limits of commits.
    /// - Throws: `newer`, `foreign`, `damaged` or `database`; the file is not changed then.
    init(in directory: StateDirectory, limits: GroupCommit.Limits = GroupCommit.Limits()) throws(StateError) {
        let path = directory.database
        daemon = DaemonID(value: directory.path.string)
        pageTokenKeyFile = directory.pageTokenKey
        do {
            var configuration = Configuration()
            configuration.label = "jobline"
            configuration.busyMode = .timeout(5)
            // GRDB's default asks for a priority that an unprivileged process does not get: each thread would log that.
            configuration.qos = .default
            // Temporary tables in memory: the temporary directory could be full.
            configuration.prepareDatabase { db in try db.execute(sql: "PRAGMA temp_store = MEMORY") }
            try Self.checkFile(of: directory)
            try Self.check(path, configuration)
            // SQLite gives its log the mode of the database file.
            try PrivateFile.make(path)
            for suffix in ["-wal", "-shm", "-journal"] { PrivateFile.close(FilePath(path.string + suffix)) }
            let pool = try DatabasePool(path: path.string, configuration: configuration)
            try pool.writeWithoutTransaction { db in
                // FULL makes the commit wait for the disk, so that an acknowledged write survives loss of power. The pool
                // sets NORMAL when it opens its writing connection.
                try db.execute(sql: "PRAGMA synchronous = FULL")
                try db.execute(sql: "PRAGMA journal_size_limit = \(WriteAheadLog.limit)")
            }
            try Self.migrator.migrate(pool)
            configuration.readonly = true
            configuration.prepareDatabase { db in try db.execute(sql: "PRAGMA cache_size = -\(Self.readerKilobytes)") }
            reader = try DatabaseQueue(path: path.string, configuration: configuration)
            // Opens all its files now: later, connections may have taken all descriptors.
            _ = try reader.unsafeRead { try Int.fetchOne($0, sql: "SELECT 1 FROM job LIMIT 1") }
            let log = WriteAheadLog(of: path)
            pool.add(transactionObserver: records, extent: .databaseLifetime)
            self.pool = pool
            commits = GroupCommit(pool, limits: limits, afterCommit: log.truncateIfLarge)
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

    /// Page cache of the reader, in KiB: a list of a million jobs can read hundreds of pages.
    private static let readerKilobytes = 4096

    /// Application id in the file header: "jobl".
    static let applicationID = 0x6A6F_626C

    /// Maximum size of a database that is checked completely at the start: 2 MiB take some milliseconds. Damage in a larger one
    /// is found when it is read.
    private static let checkedBytes = 2 << 20

    /// Refuses a path that is not a file or not writable, and a database that has lost all its content.
    ///
    /// SQLite would take an empty file for a new database and remove its log, and open a read-only file for reading.
    private static func checkFile(of directory: StateDirectory) throws(StateError) {
        func bytes(_ path: FilePath) throws(StateError) -> Int? {
            var status = stat()
            guard stat(path.string, &status) == 0 else { return nil }
            // Opening a pipe would block until the other end is opened.
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
        // In a new state directory the key is created after the database.
        let isNew = access(directory.pageTokenKey.string, F_OK) != 0
        guard log > 0 || !isNew else { return }
        throw damaged(directory.database, DatabaseError(resultCode: .SQLITE_CORRUPT, message: "the file is empty"))
    }

    /// Checks a database without changing the file, as opening it for writing would.
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
