internal import GRDB
internal import JoblineProtocol

/// One page of jobs, read from the store while it is written.
struct JobRows {
    private let query: JobQuery
    private let limit: Int
    private let now: Timestamp
    private let db: Database

    init(of query: JobQuery, limit: Int, now: Timestamp, _ db: Database) {
        self.query = query
        self.limit = limit
        self.now = now
        self.db = db
    }

    /// Writes an array of the jobs.
    ///
    /// - Parameter show: Writes one of them.
    /// - Returns: The position of the last one; nil if no other comes after it.
    func write(
        to writer: inout JSONWriter, _ show: (JobRow, inout JSONWriter) throws -> Void
    ) throws -> ListPosition? {
        // No horizon: no job.
        let horizon = try Store.horizon(of: query.family, now: now, db) ?? now
        // One more than is shown tells whether there are more.
        let (sql, arguments) = query.statement(JobRow.shown, limit: limit + 1, now: now, after: horizon)
        let statement = try db.cachedStatement(sql: sql)
        let row = JobRow(of: statement)
        // The time comes first, and what else is in the row is read from where it is.
        let times = try Int64.fetchCursor(statement, arguments: arguments)
        var shown = 0
        var end: ListPosition?
        try writer.array { writer in
            while shown < limit, let time = try times.next() {
                try show(row, &writer)
                shown += 1
                if shown == limit { end = ListPosition(time: Timestamp(milliseconds: time), id: row.text(.id) ?? "") }
            }
        }
        if end != nil, try times.next() == nil { return nil }
        return end
    }
}
