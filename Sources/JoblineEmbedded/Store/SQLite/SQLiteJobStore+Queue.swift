internal import GRDB
internal import JoblineBackend
internal import JoblineProtocol
internal import NIOCore

// `phase <> 'ended'` stands in the queries even where another condition implies it: it is how SQLite knows that the small
// index of open jobs has every row that is asked for.

extension SQLiteJobStore {
    /// Gives the first waiting job of a family to the caller, or nil if none waits.
    ///
    /// - Parameter ids: The jobs that come into question; nil: all.
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

    /// Puts down which process will run a job.
    ///
    /// - Returns: The job as it is now: a stop may have been asked for in the meantime.
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

    /// Puts down how a run ended, before its output is published: from here on the job ends that way, whatever happens.
    ///
    /// - Parameter job: The job as it was when its output was prepared, which tells how the job ends.
    /// - Returns: False if a stop has come since that makes it end in another way; nothing is put down then.
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

    /// Ends a job.
    ///
    /// - Returns: The job as it is now, or nil if there is none.
    func finish(_ key: JobReference, _ outcome: JobOutcome, now: Timestamp) async throws -> Job? {
        try await commits.write(.queue) { db in
            guard var job = try Self.find(key, db) else { return nil }
            let asked = job.status.phase == .stopping
            guard try Self.apply(outcome.event, to: &job, now: now, db) else { return job }
            // What failed because it was being stopped did not fail.
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

    /// Puts a running job back to its place in the queue; one that is to be stopped stays as it is.
    ///
    /// - Returns: The job as it is now, or nil if there is none.
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

    /// Marks a job as to be stopped.
    ///
    /// - Returns: The job as it is now, and whether that changed anything; nil if there is no such job.
    func requestStop(_ key: JobReference, now: Timestamp) async throws -> (job: Job, changed: Bool)? {
        try await commits.write { db in
            guard var job = try Self.find(key, db) else { return nil }
            if let expires = job.expires, expires <= now { return nil }
            // The run has ended, and its output tells how: a stop that would make another end of it comes too late.
            if let end = job.outcome?.event, let asked = job.status(after: .stopRequested),
                job.key.family.service.status(after: end, from: asked.name) != job.status(after: end)
            {
                return (job, false)
            }
            let changed = try Self.apply(.stopRequested, to: &job, now: now, db)
            return (job, changed)
        }
    }

    /// The jobs of a family that are to be stopped and that no executor has.
    func jobsStoppedInQueue(_ family: JobFamily) throws -> [Job] {
        try open(family, "job.phase = 'stopping' AND job.started IS NULL")
    }

    func interruptedJobs(of daemon: DaemonID, in family: JobFamily) throws -> [Job] {
        // The state directory is locked, so that every run in its database is this daemon's.
        guard daemon == self.daemon else { return [] }
        // By name, not as those that do not wait: what waits, however many that are, is not read.
        return try open(
            family, "job.phase IN ('running', 'stopping') AND (job.started IS NOT NULL OR job.outcome IS NOT NULL)")
    }

    /// How many jobs of each family wait.
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

    /// The one place where a status changes. False if the event changes nothing.
    ///
    /// `updated` becomes the time of the change: now, or that of the change before where the clock was set back.
    private static func apply(_ event: JobEvent, to job: inout Job, now: Timestamp, _ db: Database) throws -> Bool {
        guard let status = job.status(after: event) else { return false }
        job.status = status
        job.updated = max(now, job.updated)
        try db.cachedStatement(sql: "UPDATE job SET status = ?, phase = ?, updated = ? WHERE number = ?")
            .execute(arguments: [status.name, status.phase.rawValue, job.updated.milliseconds, job.number])
        return true
    }
}
