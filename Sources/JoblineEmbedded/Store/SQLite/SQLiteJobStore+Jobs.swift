internal import GRDB
internal import JoblineBackend
internal import JoblineProtocol
internal import NIOCore

extension SQLiteJobStore {
    func job(_ key: JobReference, now: Timestamp) throws -> Job? {
        // No transaction: one statement reads one snapshot.
        try reader.unsafeRead { db in
            let statement = try db.cachedStatement(sql: Self.wholeSQL)
            return try Job.fetchOne(statement, arguments: [key.family.rawValue, key.id, now.milliseconds])
        }
    }

    func describe(_ key: JobReference, now: Timestamp, as encode: JobEncoder) throws -> EncodedJob? {
        try reader.unsafeRead { db in
            let statement = try db.cachedStatement(sql: Self.shownSQL)
            let row = JobRow(of: statement)
            let rows = try Int64.fetchCursor(statement, arguments: [key.family.rawValue, key.id, now.milliseconds])
            // The statement leaves the row when the cursor is released.
            return try withExtendedLifetime(rows) {
                guard try rows.next() != nil else { return nil }
                let job = try JobView(row)
                var writer = JSONWriter(into: ByteBufferAllocator().buffer(capacity: Self.usualJobBytes))
                try encode(job, &writer)
                return EncodedJob(json: writer.finish(), number: job.number, expires: job.expires)
            }
        }
    }

    func jobs(_ keys: [JobReference], now: Timestamp) async throws -> [JobReference: Job] {
        try await pool.read { db in
            let statement = try db.cachedStatement(sql: Self.wholeSQL)
            var jobs: [JobReference: Job] = [:]
            for key in keys {
                jobs[key] = try Job.fetchOne(
                    statement, arguments: [key.family.rawValue, key.id, now.milliseconds])
            }
            return jobs
        }
    }

    func jobs(_ query: JobQuery, limit: Int, now: Timestamp) async throws -> [Job] {
        try await pool.read { db in
            // Without a horizon there is no job.
            guard let horizon = try Self.horizon(of: query.family, now: now, db) else { return [] }
            let (sql, arguments) = query.statement(JobRow.whole, limit: limit, now: now, after: horizon)
            return try Job.fetchAll(try db.cachedStatement(sql: sql), arguments: arguments)
        }
    }

    /// Capacity for most jobs, so that the buffer does not grow during the encoding.
    private static let usualJobBytes = 1 << 10

    private static let wholeSQL = "\(JobRow.whole) \(unexpired)"
    private static let shownSQL = "\(JobRow.shown) \(unexpired)"
    private static let unexpired = "WHERE job.family = ? AND job.id = ? AND (job.expires IS NULL OR job.expires > ?)"
}

extension JobQuery {
    /// Returns the statement of the query.
    ///
    /// - Parameters:
    ///   - selection: Head of the statement.
    ///   - limit: Maximum number of jobs.
    ///   - now: Current time: expired jobs are left out.
    ///   - horizon: Every job submitted until then has expired. Does not change the result, but lets the statement skip expired
    ///     jobs that are still stored.
    func statement(
        _ selection: String, limit: Int, now: Timestamp, after horizon: Timestamp
    ) -> (sql: String, arguments: StatementArguments) {
        var conditions = ["job.family = ?", "(job.expires IS NULL OR job.expires > ?)"]
        var arguments: StatementArguments = [family.rawValue, now.milliseconds]
        func require(_ condition: String, _ values: StatementArguments) {
            conditions.append(condition)
            arguments += values
        }
        if let name { require("job.name = ?", [name]) }
        if let status { require("job.status = ?", [status]) }
        if let solutionVersion { require("job.solutionVersion = ?", [solutionVersion]) }
        if let workflow { require("job.workflow = ?", [workflow]) }
        if let submittedBefore { require("job.submitted < ?", [submittedBefore.milliseconds]) }
        // SQLite seeks to one bound on each side, and would filter row by row for a second one.
        let earliest = max(horizon, submittedAfter ?? horizon)
        switch order {
        case .oldestFirst:
            if let position, position.time > earliest {
                require("(job.submitted, job.id) > (?, ?)", [position.time.milliseconds, position.id])
            } else {
                require("job.submitted > ?", [earliest.milliseconds])
            }
        case .newestFirst:
            require("job.submitted > ?", [earliest.milliseconds])
            if let position {
                require("(job.submitted, job.id) < (?, ?)", [position.time.milliseconds, position.id])
            }
        }
        let direction = order == .oldestFirst ? "ASC" : "DESC"
        arguments += [limit]
        let sql = """
            \(selection) WHERE \(conditions.joined(separator: " AND "))
            ORDER BY job.submitted \(direction), job.id \(direction) LIMIT ?
            """
        return (sql, arguments)
    }
}
