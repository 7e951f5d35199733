internal import GRDB
internal import JoblineBackend
internal import JoblineProtocol

extension SQLiteJobStore {
    func insert(_ workflow: Workflow, quota: Int) async throws -> WorkflowInsertion {
        try await commits.write { db in
            let kind = workflow.kind.rawValue
            let taken = "SELECT 1 FROM workflow WHERE kind = ? AND name = ?"
            if try Int.fetchOne(db, sql: taken, arguments: [kind, workflow.name]) != nil { return .nameTaken }
            let count = "SELECT COUNT(*) FROM workflow WHERE kind = ?"
            guard try Int.fetchOne(db, sql: count, arguments: [kind]) ?? 0 < quota else { return .quotaReached }
            try db.execute(
                sql: "INSERT INTO workflow (kind, name, arn, document, created, updated) VALUES (?, ?, ?, ?, ?, ?)",
                arguments: [
                    kind, workflow.name, workflow.arn, workflow.document, workflow.created.milliseconds,
                    workflow.updated.milliseconds,
                ])
            return .inserted
        }
    }

    func update(_ workflow: Workflow) async throws -> Bool {
        try await commits.write { db in
            try db.execute(
                sql: "UPDATE workflow SET document = ?, updated = ? WHERE number = ?",
                arguments: [workflow.document, workflow.updated.milliseconds, workflow.number])
            return db.changesCount == 1
        }
    }

    func deleteWorkflow(_ kind: Workflow.Kind, named name: String) async throws -> [JobReference]? {
        try await commits.write { db in
            let sql = "SELECT number FROM workflow WHERE kind = ? AND name = ?"
            guard let number = try Int64.fetchOne(db, sql: sql, arguments: [kind.rawValue, name]) else { return [] }
            let busy = "SELECT 1 FROM job WHERE workflow = ? AND phase <> 'ended' LIMIT 1"
            guard try Int.fetchOne(db, sql: busy, arguments: [number]) == nil else { return nil }
            let jobs = "SELECT family, id FROM job WHERE workflow = ?"
            let keys = try Self.keys(try Row.fetchAll(db, sql: jobs, arguments: [number]))
            try db.execute(sql: "DELETE FROM workflow WHERE number = ?", arguments: [number])
            return keys
        }
    }

    func workflow(_ kind: Workflow.Kind, named name: String) async throws -> Workflow? {
        try await pool.read { db in
            let sql = "SELECT * FROM workflow WHERE kind = ? AND name = ?"
            return try Workflow.fetchOne(db, sql: sql, arguments: [kind.rawValue, name])
        }
    }

    func workflows(_ kind: Workflow.Kind, after name: String?, limit: Int) async throws -> [Workflow] {
        try await pool.read { db in
            // No name is empty.
            let sql = "SELECT * FROM workflow WHERE kind = ? AND name > ? ORDER BY name LIMIT ?"
            return try Workflow.fetchAll(db, sql: sql, arguments: [kind.rawValue, name ?? "", limit])
        }
    }

    func newestOutput(ofMatchingWorkflow name: String) async throws -> String? {
        try await pool.read { db in
            let sql = """
                SELECT job.output FROM workflow JOIN job ON job.workflow = workflow.number
                WHERE workflow.kind = ? AND workflow.name = ? AND job.status = ?
                ORDER BY job.submitted DESC, job.id DESC LIMIT 1
                """
            return try String.fetchOne(
                db, sql: sql,
                arguments: [
                    Workflow.Kind.matching.rawValue, name, EntityResolutionJobState.succeeded.rawValue,
                ])
        }
    }
}

extension Workflow: FetchableRecord {
    init(row: Row) throws {
        guard let kind = Kind(rawValue: try row.decode(forColumn: "kind")) else {
            throw DatabaseError(resultCode: .SQLITE_MISMATCH, message: "a workflow of unknown kind")
        }
        try self.init(
            number: row.decode(forColumn: "number"), kind: kind, name: row.decode(forColumn: "name"),
            arn: row.decode(forColumn: "arn"), document: row.decode(forColumn: "document"),
            created: Timestamp(milliseconds: row.decode(forColumn: "created")),
            updated: Timestamp(milliseconds: row.decode(forColumn: "updated")))
    }
}
