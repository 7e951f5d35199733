internal import GRDB
internal import GRDBSQLite
internal import JoblineProtocol
internal import NIOCore
internal import Synchronization

extension SQLiteJobStore {
    /// Jobs that a list may have to be read in place, where others wait for it: what most ask for.
    private static let jobsInPlace = 100
    /// Steps of SQLite that reading in place may take: twice those of such a list. One that has to pass over many expired jobs
    /// takes more.
    private static let stepsInPlace = 5000
    /// Room for most pages, so that the buffer does not grow while one is written.
    private static let usualListBytes = 64 << 10

    /// A list of the jobs that match a query and have not expired, as JSON.
    ///
    /// It is read on the thread that asks where that is short: the way to another one and back takes half as long as a list of 100.
    /// But an event loop that had one list to read after the other would not look at its connections meanwhile. So what had been
    /// asked for before the last one was read in place is read elsewhere, and the one behind it in place again.
    ///
    /// - Parameters:
    ///   - size: How much the list may hold.
    ///   - arrival: When the list was asked for.
    ///   - format: Encodes the page.
    func list(
        _ query: JobQuery, size: PageSize, now: Timestamp, arrival: ContinuousClock.Instant = .now,
        as format: JobPageFormat
    ) async throws -> ByteBuffer {
        let read = { @Sendable (db: Database) throws -> ByteBuffer in
            var writer = JSONWriter(into: ByteBufferAllocator().buffer(capacity: Self.usualListBytes))
            let jobs = JobRows(of: query, size: size, now: now, db)
            try writer.object { writer in
                writer.key(format.jobsMember)
                let end = try jobs.write(to: &writer, format.encode)
                writer.member(format.tokenMember, end.map(format.token))
            }
            return writer.finish()
        }
        let isInTurn = lastInPlace.withLock { last in last.map { arrival > $0 } ?? true }
        if isInTurn, size.limit <= Self.jobsInPlace, let list = try readInPlace(read) { return list }
        defer { lastInPlace.withLock { $0 = nil } }
        return try await pool.read(read)
    }

    /// - Returns: nil if it took too many steps.
    private func readInPlace<Value>(_ read: (Database) throws -> Value) throws -> Value? {
        defer { lastInPlace.withLock { $0 = .now } }
        do {
            return try reader.unsafeRead { db in try db.interrupting(after: Self.stepsInPlace) { try read(db) } }
        } catch let error as DatabaseError where error.resultCode == .SQLITE_INTERRUPT {
            return nil
        }
    }
}

extension Database {
    /// Steps between two looks at how many there were.
    private static let stepsAtOnce = 500

    /// Has statements that take more steps than so many, by and large, fail with `SQLITE_INTERRUPT`.
    fileprivate func interrupting<Value>(after steps: Int, _ body: () throws -> Value) rethrows -> Value {
        // Nothing can be counted where the database is closed; then the statements themselves fail.
        guard let sqliteConnection else { return try body() }
        var looks = steps / Self.stepsAtOnce
        return try withUnsafeMutablePointer(to: &looks) { looks in
            let look: @convention(c) (UnsafeMutableRawPointer?) -> CInt = { looks in
                guard let looks = looks?.assumingMemoryBound(to: Int.self) else { return 0 }
                looks.pointee -= 1
                return looks.pointee < 0 ? 1 : 0
            }
            sqlite3_progress_handler(sqliteConnection, CInt(Self.stepsAtOnce), look, looks)
            defer { sqlite3_progress_handler(sqliteConnection, 0, nil, nil) }
            return try body()
        }
    }
}
