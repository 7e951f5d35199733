internal import GRDB
internal import GRDBSQLite
internal import JoblineProtocol

/// A job as one row of a result, read in place.
struct JobRow {
    /// The columns, in the order they are read: first those that callers are shown, then the others.
    enum Column: CInt, CaseIterable {
        case submitted, id, name, status, ended, expires, message, manifest, modelVersion
        case listed, request, output, number
        case family, phase, solutionVersion, started, updated, workflowDocument, metrics, outcome
        case executorPID, executorStart, executorBoot, workflowName

        static let lastShown = number
    }

    /// What is read to show jobs, for the head of a query.
    static let shown = "SELECT \(names(upTo: .lastShown)) FROM job"

    /// What is read of whole jobs, for the head of a query; `job` is joined with its `workflow`.
    static let whole =
        "SELECT \(names(upTo: .executorBoot)), workflow.name FROM job LEFT JOIN workflow ON workflow.number = job.workflow"

    private static func names(upTo last: Column) -> String {
        Column.allCases.prefix { $0.rawValue <= last.rawValue }.map { "job.\($0)" }.joined(separator: ", ")
    }

    private let statement: SQLiteStatement

    /// The row that a statement stands on; it is gone when the statement goes on.
    init(of statement: Statement) { self.statement = statement.sqliteStatement }

    /// The number in a column; nil for NULL.
    func integer(_ column: Column) -> Int64? {
        let value = sqlite3_column_value(statement, column.rawValue)
        return sqlite3_value_type(value) == SQLITE_NULL ? nil : sqlite3_value_int64(value)
    }

    /// The time in a column; nil for NULL.
    func time(_ column: Column) -> Timestamp? { integer(column).map(Timestamp.init(milliseconds:)) }

    /// The text in a column; nil for NULL.
    func text(_ column: Column) -> String? { utf8(column).map { String(decoding: $0, as: UTF8.self) } }

    /// The text in a column, where it is until the statement goes on; nil for NULL. It is UTF-8 unless the file is damaged.
    func utf8(_ column: Column) -> UnsafeRawBufferPointer? {
        // Nobody else has the connection meanwhile, so that a value may be looked at more than once.
        let value = sqlite3_column_value(statement, column.rawValue)
        guard let text = sqlite3_value_text(value) else { return nil }
        return UnsafeRawBufferPointer(start: text, count: Int(sqlite3_value_bytes(value)))
    }
}

extension JobView {
    /// - Throws: If the file is damaged, so that a value is missing.
    init(_ row: JobRow) throws {
        number = try row.required(.number, row.integer(.number))
        id = try row.required(.id, row.utf8(.id))
        name = row.utf8(.name)
        status = try row.required(.status, row.utf8(.status))
        submitted = try row.required(.submitted, row.time(.submitted))
        ended = row.time(.ended)
        expires = row.time(.expires)
        message = row.utf8(.message)
        manifest = row.utf8(.manifest)
        modelVersion = row.utf8(.modelVersion)
        if let listed = row.utf8(.listed) {
            details = .prepared(listed)
        } else {
            details = try .request(
                row.required(.request, row.utf8(.request)), output: row.required(.output, row.utf8(.output)))
        }
    }
}

extension JobRow {
    /// - Throws: If the file is damaged, so that the value is missing.
    func required<Value>(_ column: Column, _ value: Value?) throws -> Value {
        guard let value else { throw DatabaseError(resultCode: .SQLITE_MISMATCH, message: "a job without \(column)") }
        return value
    }
}
