internal import GRDB
internal import JoblineBackend
internal import JoblineProtocol

extension SQLiteJobStore {
    /// Takes a job into the queue if everything that speaks against it, checked in the same transaction, does not hold.
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
            // Most tokens are new: a number is asked for with less ado than a row.
            let sql = "SELECT number FROM job WHERE family = ? AND token = ?"
            if let number = try Int64.fetchOne(db.cachedStatement(sql: sql), arguments: [family, token]),
                let row = try Row.fetchOne(
                    db, sql: "SELECT id, fingerprint, expires FROM job WHERE number = ?", arguments: [number])
            {
                if let expires = try row.decode(Int64?.self, forColumn: "expires"),
                    expires <= job.submitted.milliseconds
                {
                    // The token is kept as long as the metadata of its job, which callers do not see any more.
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

    /// The longest time that any job of a family was ever kept for.
    private static let keepRetention = """
        INSERT INTO retention VALUES (?, ?)
        ON CONFLICT DO UPDATE SET seconds = excluded.seconds WHERE excluded.seconds > seconds
        """
}

extension NewJob {
    /// For how many seconds the job is kept; over 30,000 years where it does not expire.
    fileprivate var secondsKept: Int64 {
        expires.map { $0.milliseconds / 1000 - submitted.milliseconds / 1000 } ?? 1_000_000_000_000
    }
}
