internal import GRDB
internal import JoblineProtocol

/// One page of jobs, encoded while it is read.
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

    /// Encodes an array of the jobs that fit on the page.
    ///
    /// - Parameter encode: Encodes one job.
    /// - Returns: The position of the last job; nil if it is the last of the list.
    func write(
        to writer: inout JSONWriter, _ encode: JobEncoder
    ) throws -> ListPosition? {
        let start = writer.mark
        let pass = try write(atMost: size.limit, to: &writer, encode)
        guard !pass.isWhole else { return pass.end }
        // Rare. Keeping the position of every job, in case the next one does not fit, would slow down all lists.
        writer.rewind(to: start)
        return try write(atMost: pass.fitting, to: &writer, encode).end
    }

    /// Result of one pass.
    private struct Pass {
        /// Number of rows that fit.
        var fitting = 0
        /// False if there are more than fit.
        var isWhole = true
        /// Position of the last job; nil if it is the last of the list.
        var end: ListPosition?
    }

    private func write(
        atMost limit: Int, to writer: inout JSONWriter, _ encode: JobEncoder
    ) throws -> Pass {
        // Without a horizon there is no job.
        let horizon = try SQLiteJobStore.horizon(of: query.family, now: now, db) ?? now
        // The row after the limit shows whether there is another page.
        let (sql, arguments) = query.statement(JobRow.shown, limit: limit + 1, now: now, after: horizon)
        let statement = try db.cachedStatement(sql: sql)
        let row = JobRow(of: statement)
        // The cursor decodes the first column, the time. The other columns are read in place.
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
