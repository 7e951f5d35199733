internal import Jobline

/// Jobs as rows, with their names and the reasons why they failed where any job of them has one.
struct JobTable {
    private let times: TimeFormat
    private var rows: [[String]] = []

    private static let titles = ["JOB", "STATE", "STARTED", "NAME", "REASON"]

    init(_ times: TimeFormat) { self.times = times }

    mutating func add(_ job: Job) {
        rows.append([
            job.reference.fullName, job.word, job.submitted.map(times.text) ?? "-", job.name ?? "", job.message ?? "",
        ])
    }

    /// The rows under headings.
    ///
    /// - Parameter width: Columns to keep to; nil where nothing limits them.
    func text(width: Int?) -> String {
        let columns = Self.titles.indices.filter { column in column < 3 || rows.contains { !$0[column].isEmpty } }
        // The reason gives way before the name does.
        let flexible = columns.indices.filter { columns[$0] >= 3 }.reversed()
        var table = Table(columns.map { Self.titles[$0] }, flexible: Array(flexible))
        for row in rows { table.add(columns.map { row[$0] }) }
        return table.text(width: width)
    }
}
