internal import GRDB
internal import JoblineBackend
internal import JoblineProtocol

// A job that has expired is shown to nobody from that instant on, whether it is still kept or not. One whose executor
// runs is kept until it has ended.

extension SQLiteJobStore {
    /// Removes ended jobs that have expired, those that expired first before others.
    ///
    /// - Parameter limit: How many at most, so that others who write do not wait for long.
    /// - Returns: Those that were removed; fewer than `limit`: there are no more now.
    func removeExpired(now: Timestamp, limit: Int) async throws -> [JobReference] {
        try await commits.write(.queue) { db in
            try Self.keys(try Row.fetchAll(db, sql: Self.removal, arguments: [now.milliseconds, limit]))
        }
    }

    /// The jobs that rows of `family` and `id` name.
    static func keys(_ rows: [Row]) throws -> [JobReference] {
        try rows.compactMap { row in
            try JobFamily(rawValue: row.decode(forColumn: "family")).map {
                try JobReference($0, row.decode(forColumn: "id"))
            }
        }
    }

    /// When the first of the ended jobs expires, or nil if none does.
    func firstExpiry() async throws -> Timestamp? {
        try await pool.read { db in try Int64.fetchOne(db, sql: Self.firstExpirySQL) }
            .map(Timestamp.init(milliseconds:))
    }

    func storedJobs(among jobs: Set<ShortJobReference>) async throws -> Set<ShortJobReference> {
        try await pool.read { db in
            try jobs.filter { job in
                // The short id of a job whose name lasts is its name.
                let column = job.family.hasLastingNames ? "name" : "id"
                let statement = try db.cachedStatement(sql: "SELECT 1 FROM job WHERE family = ? AND \(column) = ?")
                return try Int.fetchOne(statement, arguments: [job.family.rawValue, job.id]) != nil
            }
        }
    }

    /// The last time at which every job of a family that was submitted until then has expired; nil if there never was one.
    ///
    /// It follows from the longest time that any job was kept for: not all need be kept for the same time.
    static func horizon(of family: JobFamily, now: Timestamp, _ db: Database) throws -> Timestamp? {
        let statement = try db.cachedStatement(sql: horizonSQL)
        return try Int64.fetchOne(statement, arguments: [now.milliseconds, family.rawValue])
            .map(Timestamp.init(milliseconds:))
    }

    static let removal = """
        DELETE FROM job WHERE number IN (
            SELECT number FROM job WHERE phase = 'ended' AND expires <= ? ORDER BY expires LIMIT ?
        )
        RETURNING family, id
        """

    static let firstExpirySQL = "SELECT MIN(expires) FROM job WHERE phase = 'ended' AND expires IS NOT NULL"

    static let horizonSQL = "SELECT (? / 1000 - seconds) * 1000 - 1 FROM retention WHERE family = ?"
}
