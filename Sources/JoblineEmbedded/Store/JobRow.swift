internal import GRDB
internal import GRDBSQLite
internal import JoblineProtocol

/// A job as one row of a result, read in place: what is shown of it goes from here into JSON, without a value in between.
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
