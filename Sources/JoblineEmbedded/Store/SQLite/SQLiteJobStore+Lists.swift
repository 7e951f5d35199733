internal import GRDB
internal import GRDBSQLite
internal import JoblineProtocol
internal import NIOCore
internal import Synchronization

extension SQLiteJobStore {
    /// Maximum page size of a list that is read in place: the usual one.
    private static let jobsInPlace = 100
    /// Maximum number of SQLite steps of a list that is read in place: twice those of a usual one. A list that skips many
    /// expired jobs takes more.
    private static let stepsInPlace = 5000
    /// Capacity for most pages, so that the buffer does not grow during the encoding.
    private static let usualListBytes = 64 << 10

    /// A short list is read in place, on the calling thread: a change of threads costs half as much as a list of 100 jobs.
    ///
    /// An event loop that reads one list after the other would delay its connections. So a request that arrived before the last
    /// list was read in place is read on another thread, and the one after it in place again.
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

    /// Reads on the calling thread.
    ///
    /// - Returns: nil if the read takes too many steps.
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
    /// Steps between two checks of their number.
    private static let stepsAtOnce = 500

    /// Interrupts statements of `body` after about so many steps, with the error `SQLITE_INTERRUPT`.
    fileprivate func interrupting<Value>(after steps: Int, _ body: () throws -> Value) rethrows -> Value {
        // Without a connection the database is closed, and the statements fail.
        guard let sqliteConnection else { return try body() }
        var checks = steps / Self.stepsAtOnce
        return try withUnsafeMutablePointer(to: &checks) { checks in
            let check: @convention(c) (UnsafeMutableRawPointer?) -> CInt = { checks in
                guard let checks = checks?.assumingMemoryBound(to: Int.self) else { return 0 }
                checks.pointee -= 1
                return checks.pointee < 0 ? 1 : 0
            }
            sqlite3_progress_handler(sqliteConnection, CInt(Self.stepsAtOnce), check, checks)
            defer { sqlite3_progress_handler(sqliteConnection, 0, nil, nil) }
            return try body()
        }
    }
}
