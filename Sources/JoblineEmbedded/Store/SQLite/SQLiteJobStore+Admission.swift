internal import GRDB
internal import JoblineBackend
internal import JoblineProtocol

extension SQLiteJobStore {
    func admit(_ job: NewJob, _ conditions: AdmissionConditions) async throws -> AdmissionOutcome {
        try await commits.write { db in
            if let outcome = try Self.refusal(db, job, conditions) { return outcome }
            try Self.insert(db, job, conditions)
            return .admitted
        }
    }

    private static func refusal(_ db: Database, _ job: NewJob, _ conditions: AdmissionConditions) throws
        -> AdmissionOutcome?
    {
        let family = job.key.family.rawValue
        if let token = job.token {
            // Most tokens are new: fetching a number is cheaper than fetching a row.
            let sql = "SELECT number FROM job WHERE family = ? AND token = ?"
            if let number = try Int64.fetchOne(db.cachedStatement(sql: sql), arguments: [family, token]),
                let row = try Row.fetchOne(
                    db, sql: "SELECT id, fingerprint, expires FROM job WHERE number = ?", arguments: [number])
            {
                if let expires = try row.decode(Int64?.self, forColumn: "expires"),
                    expires <= job.submitted.milliseconds
                {
                    // The job has expired, and its token with it.
                    try db.execute(sql: "UPDATE job SET token = NULL WHERE number = ?", arguments: [number])
                } else {
                    let fingerprint = try row.decode(String?.self, forColumn: "fingerprint")
                    return fingerprint == job.fingerprint
                        ? .repeated(id: try row.decode(forColumn: "id")) : .tokenTaken
                }
            }
        }
        if job.key.family.hasLastingNames, let name = job.name {
            let sql = "SELECT 1 FROM job WHERE family = ? AND name = ?"
            if try Int.fetchOne(db.cachedStatement(sql: sql), arguments: [family, name]) != nil { return .nameTaken }
        }
        if let workflow = conditions.workflow {
            let exists = try db.cachedStatement(sql: "SELECT 1 FROM workflow WHERE number = ?")
            guard try Int.fetchOne(exists, arguments: [workflow]) != nil else { return .workflowGone }
            let sql = "SELECT 1 FROM job WHERE workflow = ? AND phase <> 'ended' LIMIT 1"
            if conditions.refusesBusyWorkflow,
                try Int.fetchOne(db.cachedStatement(sql: sql), arguments: [workflow]) != nil
            {
                return .workflowBusy
            }
        }
        if let maximum = conditions.maximumOpen {
            let sql = "SELECT COUNT(*) FROM job WHERE family = ? AND phase <> 'ended'"
            if try Int.fetchOne(db.cachedStatement(sql: sql), arguments: [family]) ?? 0 >= maximum {
                return .quotaReached
            }
        }
        return conditions.hasExecutor ? nil : .noExecutor
    }

    private static func insert(_ db: Database, _ job: NewJob, _ conditions: AdmissionConditions) throws {
        let status = job.key.family.service.initialStatus
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO job (family, id, name, token, fingerprint, workflow, solutionVersion, status, phase,
                    submitted, updated, expires, request, listed, workflowDocument, output)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        try statement.execute(arguments: [
            job.key.family.rawValue, job.key.id, job.name, job.token, job.fingerprint, conditions.workflow,
            job.solutionVersion, status.name, status.phase.rawValue, job.submitted.milliseconds,
            job.submitted.milliseconds, job.expires?.milliseconds, job.request, job.listed, job.workflowDocument,
            job.output,
        ])
        try db.cachedStatement(sql: keepRetention).execute(arguments: [job.key.family.rawValue, job.secondsKept])
    }

    /// Updates the longest retention of any job of the family.
    private static let keepRetention = """
        INSERT INTO retention VALUES (?, ?)
        ON CONFLICT DO UPDATE SET seconds = excluded.seconds WHERE excluded.seconds > seconds
        """
}

extension NewJob {
    /// Retention in seconds; over 30,000 years if the job does not expire.
    fileprivate var secondsKept: Int64 {
        expires.map { $0.milliseconds / 1000 - submitted.milliseconds / 1000 } ?? 1_000_000_000_000
    }
}
