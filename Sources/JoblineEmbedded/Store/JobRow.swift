internal import GRDB
internal import GRDBSQLite
internal import JoblineProtocol

/// A job as one row of a result, read in place: what is shown of it goes from here into JSON, without a value in between.
struct JobRow {
    /// The columns, in the order they are read: first those that callers are shown, then the others.
    enum Column: CInt, CaseIterable {
        case submitted, id, name, status, ended, expires, message, manifest, listed, request, output, number
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
        guard sqlite3_column_type(statement, column.rawValue) != SQLITE_NULL else { return nil }
        return sqlite3_column_int64(statement, column.rawValue)
    }

    /// The time in a column; nil for NULL.
    func time(_ column: Column) -> Timestamp? { integer(column).map(Timestamp.init(milliseconds:)) }

    /// The text in a column; nil for NULL.
    func text(_ column: Column) -> String? { withText(column) { String(decoding: $0, as: UTF8.self) } }

    /// Reads the text in a column in place.
    ///
    /// - Parameter body: Is given the bytes of the text, which are UTF-8 unless the file is damaged.
    /// - Returns: What `body` returned; nil for NULL.
    func withText<Value>(_ column: Column, _ body: (UnsafeRawBufferPointer) throws -> Value) rethrows -> Value? {
        guard let text = sqlite3_column_text(statement, column.rawValue) else { return nil }
        return try body(
            UnsafeRawBufferPointer(start: text, count: Int(sqlite3_column_bytes(statement, column.rawValue))))
    }
}

extension JSONWriter {
    /// Writes a member with the text of a column, or nothing where there is none.
    mutating func member(_ name: StaticString, _ row: JobRow, _ column: JobRow.Column) {
        row.withText(column) { text in
            key(name)
            string(utf8: text)
        }
    }
}
