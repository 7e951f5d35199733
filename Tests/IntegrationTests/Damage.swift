import GRDB

/// Damage that a failing disk does to a database.
enum Damage {
    /// Leaves nothing where every job has its output, which no statement could do: the schema is changed for it and does not come back.
    static func loseOutputs(in database: String) throws {
        try DatabaseQueue(path: database).writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA writable_schema = ON")
            try db.execute(
                sql:
                    "UPDATE sqlite_schema SET sql = replace(sql, 'output TEXT NOT NULL', 'output TEXT') WHERE name = 'job'"
            )
            try db.execute(sql: "PRAGMA writable_schema = RESET")
            try db.execute(sql: "UPDATE job SET output = NULL")
        }
    }
}
