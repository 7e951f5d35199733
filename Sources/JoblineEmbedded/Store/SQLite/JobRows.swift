internal import GRDB
internal import JoblineProtocol

/// One page of jobs, read from the store while it is written.
struct JobRows {
    private let query: JobQuery
    private let size: PageSize
    private let now: Timestamp
    private let db: Database

    init(of query: JobQuery, size: PageSize, now: Timestamp, _ db: Database) {
        self.query = query
        self.size = size
        self.now = now
        self.db = db
    }

    /// Writes an array of the jobs that fit on the page.
    ///
    /// - Parameter encode: Writes one of them.
    /// - Returns: The position of the last one; nil if no other comes after it.
    func write(
        to writer: inout JSONWriter, _ encode: JobEncoder
    ) throws -> ListPosition? {
        let start = writer.mark
        let pass = try write(atMost: size.limit, to: &writer, encode)
        guard !pass.isWhole else { return pass.end }
        // Rare: to keep the position of every job, in case the next one does not fit, would cost all other lists more.
        writer.rewind(to: start)
        return try write(atMost: pass.fitting, to: &writer, encode).end
    }

    /// Jobs written in one pass.
    private struct Pass {
        /// Number of rows that fit.
        var fitting = 0
        /// False if there are more than fit.
        var isWhole = true
        /// The position of the last one; nil if no other comes after it.
        var end: ListPosition?
    }

    private func write(
        atMost limit: Int, to writer: inout JSONWriter, _ encode: JobEncoder
    ) throws -> Pass {
        // No horizon: no job.
        let horizon = try SQLiteJobStore.horizon(of: query.family, now: now, db) ?? now
        // One more than is shown tells whether there are more.
        let (sql, arguments) = query.statement(JobRow.shown, limit: limit + 1, now: now, after: horizon)
        let statement = try db.cachedStatement(sql: sql)
        let row = JobRow(of: statement)
        // The time comes first, and what else is in the row is read from where it is.
        let times = try Int64.fetchCursor(statement, arguments: arguments)
        var pass = Pass()
        try writer.array { writer in
            while pass.fitting < limit, let time = try times.next() {
                try encode(JobView(row), &writer)
                guard pass.fitting == 0 || size.fits(writer.count) else {
                    pass.isWhole = false
                    return
                }
                pass.fitting += 1
                if pass.fitting == limit {
                    pass.end = ListPosition(time: Timestamp(milliseconds: time), id: row.text(.id) ?? "")
                }
            }
        }
        if pass.end != nil, try times.next() == nil { pass.end = nil }
        return pass
    }
}
