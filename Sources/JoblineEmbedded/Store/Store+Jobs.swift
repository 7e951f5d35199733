internal import GRDB
internal import JoblineProtocol

/// Which jobs a list shows, and in what order.
struct JobQuery: Sendable {
    /// The order of submission, in which ids break ties.
    enum Order: Sendable, Hashable { case oldestFirst, newestFirst }

    var family: JobFamily
    var name: String?
    var status: String?
    var solutionVersion: String?
    /// The number of a workflow.
    var workflow: Int64?
    /// Strictly before.
    var submittedBefore: Timestamp?
    /// Strictly after.
    var submittedAfter: Timestamp?
    var order = Order.newestFirst
    /// The last job of the page before.
    var position: ListPosition?

    init(family: JobFamily) { self.family = family }
}

extension Store {
    /// The job of this key, or nil if there is none or its metadata has expired.
    func job(_ key: JobKey, now: Timestamp) async throws -> Job? {
        try await pool.read { db in
            let statement = try db.cachedStatement(
                sql:
                    "\(Job.selection) WHERE job.family = ? AND job.id = ? AND (job.expires IS NULL OR job.expires > ?)")
            return try Job.fetchOne(statement, arguments: [key.family.rawValue, key.id, now.milliseconds])
        }
    }

    /// At most `limit` jobs that match a query and have not expired.
    func jobs(_ query: JobQuery, limit: Int, now: Timestamp) async throws -> [Job] {
        var conditions = ["job.family = ?", "(job.expires IS NULL OR job.expires > ?)"]
        var arguments: [(any DatabaseValueConvertible & Sendable)?] = [query.family.rawValue, now.milliseconds]
        func require(_ condition: String, _ values: (any DatabaseValueConvertible & Sendable)?...) {
            conditions.append(condition)
            arguments += values
        }
        if let name = query.name { require("job.name = ?", name) }
        if let status = query.status { require("job.status = ?", status) }
        if let version = query.solutionVersion { require("job.solutionVersion = ?", version) }
        if let workflow = query.workflow { require("job.workflow = ?", workflow) }
        if let time = query.submittedBefore { require("job.submitted < ?", time.milliseconds) }
        if let time = query.submittedAfter { require("job.submitted > ?", time.milliseconds) }
        let (comparison, direction) = query.order == .oldestFirst ? (">", "ASC") : ("<", "DESC")
        if let position = query.position {
            require("(job.submitted, job.id) \(comparison) (?, ?)", position.time.milliseconds, position.id)
        }
        let sql = """
            \(Job.selection) WHERE \(conditions.joined(separator: " AND "))
            ORDER BY job.submitted \(direction), job.id \(direction) LIMIT ?
            """
        let values = arguments + [limit]
        return try await pool.read { db in
            let bound: StatementArguments = StatementArguments(values)
            return try Job.fetchAll(try db.cachedStatement(sql: sql), arguments: bound)
        }
    }
}
