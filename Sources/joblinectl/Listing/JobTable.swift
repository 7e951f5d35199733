internal import Jobline

/// Table of jobs. Columns for names and failure reasons are omitted if no job has one.
struct JobTable {
    private let times: TimeFormat
    private var rows: [[String]] = []

    private static let titles = ["JOB", "STATE", "STARTED", "NAME", "REASON"]

    init(_ times: TimeFormat) { self.times = times }

    mutating func add(_ job: Job) {
        rows.append([
            job.reference.fullName, job.statusText, job.submitted.map(times.text) ?? "-", job.name ?? "",
            job.message ?? "",
        ])
    }

    /// Returns the table.
    ///
    /// - Parameter width: Maximum columns; nil for no limit.
    func text(width: Int?) -> String {
        let columns = Self.titles.indices.filter { column in column < 3 || rows.contains { !$0[column].isEmpty } }
        // The reason is shortened before the name.
        let flexible = columns.indices.filter { columns[$0] >= 3 }.reversed()
        var table = Table(columns.map { Self.titles[$0] }, flexible: Array(flexible))
        for row in rows { table.add(columns.map { row[$0] }) }
        return table.text(width: width)
    }
}
