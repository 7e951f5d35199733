internal import GRDB
internal import GRDBSQLite
internal import JoblineProtocol

/// A job as one row of a result, read in place.
struct JobRow {
    /// Columns in the order of the query: first those of ``JobView``, then the others.
    enum Column: CInt, CaseIterable {
        case submitted, id, name, status, ended, expires, message, manifest, modelVersion
        case listed, request, output, number
        case family, phase, solutionVersion, started, updated, workflowDocument, metrics, outcome
        case executorPID, executorStart, executorBoot, workflowName

        static let lastShown = number
    }

    /// Head of a query for the columns of ``JobView``.
    static let shown = "SELECT \(names(upTo: .lastShown)) FROM job"

    /// Head of a query for all columns; `job` is joined with its `workflow`.
    static let whole =
        "SELECT \(names(upTo: .executorBoot)), workflow.name FROM job LEFT JOIN workflow ON workflow.number = job.workflow"

    private static func names(upTo last: Column) -> String {
        Column.allCases.prefix { $0.rawValue <= last.rawValue }.map { "job.\($0)" }.joined(separator: ", ")
    }

    private let statement: SQLiteStatement

    /// Reads the current row of a statement, until the next step of the statement.
    init(of statement: Statement) { self.statement = statement.sqliteStatement }

    /// Returns the number in a column; nil for NULL.
    func integer(_ column: Column) -> Int64? {
        let value = sqlite3_column_value(statement, column.rawValue)
        return sqlite3_value_type(value) == SQLITE_NULL ? nil : sqlite3_value_int64(value)
    }

    /// Returns the time in a column; nil for NULL.
    func time(_ column: Column) -> Timestamp? { integer(column).map(Timestamp.init(milliseconds:)) }

    /// Returns the text in a column; nil for NULL.
    func text(_ column: Column) -> String? { utf8(column).map { String(decoding: $0, as: UTF8.self) } }

    /// Returns the bytes of the text in a column, valid until the next step of the statement; nil for NULL.
    ///
    /// The bytes are UTF-8 unless the file is damaged.
    func utf8(_ column: Column) -> UnsafeRawBufferPointer? {
        // Unprotected values are safe to use: no other thread has the connection.
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
    /// Returns the value of a column that is never NULL.
    ///
    /// - Throws: If the file is damaged, so that the value is missing.
    func required<Value>(_ column: Column, _ value: Value?) throws -> Value {
        guard let value else { throw DatabaseError(resultCode: .SQLITE_MISMATCH, message: "a job without \(column)") }
        return value
    }
}
