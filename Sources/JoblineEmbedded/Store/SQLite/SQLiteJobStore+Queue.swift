internal import GRDB
internal import JoblineBackend
internal import JoblineProtocol
internal import NIOCore

// The queries say `phase <> 'ended'` even where another condition implies it: otherwise SQLite would not use the small index
// of open jobs.

extension SQLiteJobStore {
    func claim(_ family: JobFamily, among ids: Set<String>? = nil, now: Timestamp) async throws -> Job? {
        if ids?.isEmpty == true { return nil }
        return try await commits.write(.queue) { db in
            let condition = ids == nil ? "" : "AND job.id IN (SELECT value FROM json_each(?))"
            let sql = """
                \(JobRow.whole)
                WHERE job.family = ? AND job.phase <> 'ended' AND job.phase = 'waiting' \(condition)
                ORDER BY job.number LIMIT 1
                """
            let first = try db.cachedStatement(sql: sql)
            var arguments: StatementArguments = [family.rawValue]
            if let ids { arguments += [String(buffer: ids.sorted().json())] }
            guard var job = try Job.fetchOne(first, arguments: arguments) else { return nil }
            guard try Self.apply(.started, to: &job, now: now, db) else { return nil }
            try db.cachedStatement(sql: "UPDATE job SET started = ? WHERE number = ?")
                .execute(arguments: [job.updated.milliseconds, job.number])
            job.started = job.updated
            return job
        }
    }

    func recordExecutor(_ executor: ProcessIdentity, of key: JobReference) async throws -> Job? {
        try await commits.write(.queue) { db in
            try db.execute(
                sql: """
                    UPDATE job SET executorPID = ?, executorStart = ?, executorBoot = ? WHERE family = ? AND id = ?
                    """,
                arguments: [executor.pid, executor.start, executor.boot, key.family.rawValue, key.id])
            return try Self.find(key, db)
        }
    }

    @discardableResult
    func recordOutcome(_ outcome: JobOutcome, of job: Job) async throws -> Bool {
        let json = String(buffer: outcome.json())
        return try await commits.write(.queue) { db in
            guard let current = try Self.find(job.key, db) else { return true }
            guard current.status(after: outcome.event) == job.status(after: outcome.event) else { return false }
            try db.execute(sql: "UPDATE job SET outcome = ? WHERE number = ?", arguments: [json, current.number])
            return true
        }
    }

    func finish(_ key: JobReference, _ outcome: JobOutcome, now: Timestamp) async throws -> Job? {
        try await commits.write(.queue) { db in
            guard var job = try Self.find(key, db) else { return nil }
            let asked = job.status.phase == .stopping
            guard try Self.apply(outcome.event, to: &job, now: now, db) else { return job }
            // A failure of a job that was being stopped is not shown.
            let message = asked && outcome.event == .failed ? nil : outcome.message
            try db.execute(
                sql: """
                    UPDATE job SET ended = ?, message = ?, metrics = ?, manifest = ?, modelVersion = ?,
                        outcome = NULL,
                        executorPID = NULL, executorStart = NULL, executorBoot = NULL
                    WHERE number = ?
                    """,
                arguments: [
                    job.updated.milliseconds, message, outcome.metrics, outcome.manifest, outcome.modelVersion,
                    job.number,
                ])
            return try Self.find(key, db)
        }
    }

    func requeue(_ key: JobReference, now: Timestamp) async throws -> Job? {
        try await commits.write(.queue) { db in
            guard var job = try Self.find(key, db) else { return nil }
            if job.status.phase == .running { _ = try Self.apply(.requeued, to: &job, now: now, db) }
            try db.execute(
                sql: """
                    UPDATE job SET started = NULL, outcome = NULL,
                        executorPID = NULL, executorStart = NULL, executorBoot = NULL
                    WHERE number = ?
                    """,
                arguments: [job.number])
            return try Self.find(key, db)
        }
    }

    func requestStop(_ key: JobReference, now: Timestamp) async throws -> (job: Job, changed: Bool)? {
        try await commits.write { db in
            guard var job = try Self.find(key, db) else { return nil }
            if let expires = job.expires, expires <= now { return nil }
            // The outcome is recorded and in the output: a stop that would change it comes too late.
            if let end = job.outcome?.event, let asked = job.status(after: .stopRequested),
                job.key.family.service.status(after: end, from: asked.name) != job.status(after: end)
            {
                return (job, false)
            }
            let changed = try Self.apply(.stopRequested, to: &job, now: now, db)
            return (job, changed)
        }
    }

    func jobsStoppedInQueue(_ family: JobFamily) throws -> [Job] {
        try open(family, "job.phase = 'stopping' AND job.started IS NULL")
    }

    func interruptedJobs(of daemon: DaemonID, in family: JobFamily) throws -> [Job] {
        // The state directory is locked, so that every run in its database is this daemon's.
        guard daemon == self.daemon else { return [] }
        // The phases are listed so that waiting jobs, which may be many, are not read.
        return try open(
            family, "job.phase IN ('running', 'stopping') AND (job.started IS NOT NULL OR job.outcome IS NOT NULL)")
    }

    func waitingJobs() async throws -> [JobFamily: Int] {
        try await pool.read { db in
            var counts: [JobFamily: Int] = [:]
            for family in JobFamily.allCases {
                counts[family] = try Int.fetchOne(
                    db, sql: "SELECT COUNT(*) FROM job WHERE family = ? AND phase <> 'ended' AND phase = 'waiting'",
                    arguments: [family.rawValue])
            }
            return counts
        }
    }

    private func open(_ family: JobFamily, _ condition: String) throws -> [Job] {
        let sql = """
            \(JobRow.whole) WHERE job.family = ? AND job.phase <> 'ended' AND \(condition) ORDER BY job.number
            """
        return try reader.unsafeRead { db in
            try Job.fetchAll(db.makeStatement(sql: sql), arguments: [family.rawValue])
        }
    }

    private static func find(_ key: JobReference, _ db: Database) throws -> Job? {
        let statement = try db.cachedStatement(sql: "\(JobRow.whole) WHERE job.family = ? AND job.id = ?")
        return try Job.fetchOne(statement, arguments: [key.family.rawValue, key.id])
    }

    /// Changes the status of a job. No other function does.
    ///
    /// `updated` becomes the current time, but never moves back when the clock does.
    ///
    /// - Returns: False if the event changes nothing.
    private static func apply(_ event: JobEvent, to job: inout Job, now: Timestamp, _ db: Database) throws -> Bool {
        guard let status = job.status(after: event) else { return false }
        job.status = status
        job.updated = max(now, job.updated)
        try db.cachedStatement(sql: "UPDATE job SET status = ?, phase = ?, updated = ? WHERE number = ?")
            .execute(arguments: [status.name, status.phase.rawValue, job.updated.milliseconds, job.number])
        return true
    }
}
