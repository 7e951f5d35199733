internal import Crypto
internal import GRDB
internal import JoblineBackend
internal import JoblineProtocol

extension SQLiteJobStore {
    func pageTokenKey() throws(StateError) -> SymmetricKey { try PageTokens.key(in: pageTokenKeyFile) }

    func checkReading() async throws {
        _ = try await pool.read { db in try Int.fetchOne(db, sql: "SELECT number FROM job LIMIT 1") }
    }

    func checkWriting() async throws { try await commits.check() }

    var statistics: Sidecar.StoreStatistics {
        let counts = commits.counts
        return Sidecar.StoreStatistics(
            waitingWrites: counts.waiting, writes: counts.writes, commits: counts.commits,
            failedCommits: counts.failedCommits,
            lastCommitMicroseconds: counts.lastDuration.map { Int($0 / .microseconds(1)) })
    }

    func observeRecords(_ observer: any RecordObserver) { records.observe(observer) }

    func close() {
        // Acknowledged writes are on the disk already: an error here loses nothing.
        try? reader.close()
        // The connections that close last are readers and would leave the log for the next start.
        _ = try? pool.writeWithoutTransaction { db in try db.checkpoint(.truncate) }
        try? pool.close()
    }
}
