internal import GRDB
internal import JoblineBackend
internal import JoblineProtocol

// An expired job is not shown any more, even while it is still stored. A running job is stored until it has ended.

extension SQLiteJobStore {
    func removeExpired(now: Timestamp, limit: Int) async throws -> [JobReference] {
        try await commits.write(.queue) { db in
            try Self.keys(try Row.fetchAll(db, sql: Self.removal, arguments: [now.milliseconds, limit]))
        }
    }

    /// Returns the references in rows of `family` and `id`.
    static func keys(_ rows: [Row]) throws -> [JobReference] {
        try rows.compactMap { row in
            try JobFamily(rawValue: row.decode(forColumn: "family")).map {
                try JobReference($0, row.decode(forColumn: "id"))
            }
        }
    }

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

    /// Returns the latest time such that every job of the family submitted until then has expired; nil if the family never had
    /// a job.
    ///
    /// Computed from the longest retention of any job: retentions may differ.
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
