internal import GRDB

/// Makes many jobs out of one, in the database of a daemon that does not run.
///
/// It knows the columns in which jobs must differ, and copies the others.
struct JobMultiplier {
    /// Number of jobs that have ``rareName``, and of those that have ``rareStatus``, however many jobs; rounded up.
    static let rareJobs = 120
    static let rareName = "rare"
    static let commonName = "common"
    static let rareStatus = "PARTIAL_SUCCESS"
    static let commonStatus = "COMPLETED"
    /// Milliseconds from one job to the next: a million jobs are submitted within 100 days.
    static let interval = 8640
    private static let batch = 50_000

    private let queue: DatabaseQueue

    init(database: String) throws {
        var configuration = Configuration()
        configuration.prepareDatabase { db in
            // The database need not survive a power failure.
            try db.execute(sql: "PRAGMA synchronous = OFF; PRAGMA cache_size = -400000; PRAGMA foreign_keys = OFF")
        }
        queue = try DatabaseQueue(path: database, configuration: configuration)
    }

    /// Replaces a job, which has ended, by `count` jobs that resemble it, the last submitted when it was.
    func multiply(_ id: String, to count: Int) throws {
        let columns = try queue.read { db in
            try String.fetchAll(db, sql: "SELECT name FROM pragma_table_info('job') WHERE pk = 0")
        }
        let age = "(\(count) - 1 - number / 3 * 3) * \(Self.interval)"
        let every = max(1, count / Self.rareJobs)
        let different = [
            "id": "newID", "token": "NULL",
            "name": """
            CASE WHEN number % \(every) = 1 THEN '\(Self.rareName)' WHEN number % 4 = 3 THEN '\(Self.commonName)'
            ELSE 'job-' || number END
            """,
            "status": """
            CASE WHEN number % \(every) = 0 THEN '\(Self.rareStatus)' WHEN number % 10 = 9 THEN 'FAILED'
            ELSE '\(Self.commonStatus)' END
            """,
            "submitted": "submitted - \(age)", "started": "started - \(age)", "ended": "ended - \(age)",
            "updated": "updated - \(age)", "expires": "expires - \(age)",
        ]
        let values = columns.map { column in
            // Paths contain the id. Numbers stay numbers.
            different[column]
                ?? "CASE typeof(\(column)) WHEN 'text' THEN replace(\(column), id, newID) ELSE \(column) END"
        }
        let sql = """
            WITH RECURSIVE copy (number) AS (
                SELECT :first UNION ALL SELECT number + 1 FROM copy WHERE number < :last
            ), fresh AS MATERIALIZED (SELECT number, lower(hex(randomblob(16))) AS newID FROM copy)
            INSERT INTO job (\(columns.joined(separator: ", "))) SELECT \(values.joined(separator: ", "))
            FROM fresh, (SELECT \(columns.joined(separator: ", ")) FROM job WHERE id = :id)
            """
        for first in stride(from: 0, to: count, by: Self.batch) {
            let last = min(first + Self.batch, count) - 1
            try queue.write { try $0.execute(sql: sql, arguments: ["first": first, "last": last, "id": id]) }
            note("  \(Show.count(last + 1)) of \(Show.count(count)) jobs made")
        }
        try queue.write { try $0.execute(sql: "DELETE FROM job WHERE id = ?", arguments: [id]) }
    }

    /// The ids of some jobs, from all over.
    func ids(atMost limit: Int) throws -> [String] {
        try queue.read { db in
            let count = try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM job") ?? 0
            let every = max(1, count / limit)
            return try String.fetchAll(
                db, sql: "SELECT id FROM job WHERE number % ? = 0 LIMIT ?", arguments: [every, limit])
        }
    }

    /// Leaves everything in the database itself, and closes it.
    func finish() throws {
        try queue.writeWithoutTransaction { db in _ = try db.checkpoint(.truncate) }
        try queue.close()
    }
}
