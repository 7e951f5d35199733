internal import GRDB
internal import JoblineProtocol

/// A workflow, as it is kept.
struct Workflow: Sendable, Hashable {
    /// Whose workflow it is: each kind has names of its own.
    enum Kind: String, Sendable, Hashable {
        case matching
    }

    /// Tells workflows apart that had the same name one after another; 0 until it is kept.
    var number: Int64
    var kind: Kind
    var name: String
    var arn: String
    /// The request that made it, as JSON.
    var document: String
    var created: Timestamp
    var updated: Timestamp

    init(
        number: Int64 = 0, kind: Kind, name: String, arn: String, document: String, created: Timestamp,
        updated: Timestamp
    ) {
        self.number = number
        self.kind = kind
        self.name = name
        self.arn = arn
        self.document = document
        self.created = created
        self.updated = updated
    }
}

extension Store {
    /// Keeps a new workflow.
    ///
    /// - Returns: False if the name is taken.
    func insert(_ workflow: Workflow) async throws -> Bool {
        try await commits.write { db in
            try db.execute(
                sql: """
                    INSERT INTO workflow (kind, name, arn, document, created, updated) VALUES (?, ?, ?, ?, ?, ?)
                    ON CONFLICT (kind, name) DO NOTHING
                    """,
                arguments: [
                    workflow.kind.rawValue, workflow.name, workflow.arn, workflow.document,
                    workflow.created.milliseconds, workflow.updated.milliseconds,
                ])
            return db.changesCount == 1
        }
    }

    /// The workflow of this name, or nil.
    func workflow(_ kind: Workflow.Kind, named name: String) async throws -> Workflow? {
        try await pool.read { db in
            let sql = "SELECT * FROM workflow WHERE kind = ? AND name = ?"
            guard let row = try Row.fetchOne(db, sql: sql, arguments: [kind.rawValue, name]) else { return nil }
            return Workflow(
                number: row["number"], kind: kind, name: row["name"], arn: row["arn"], document: row["document"],
                created: Timestamp(milliseconds: row["created"]), updated: Timestamp(milliseconds: row["updated"]))
        }
    }
}
