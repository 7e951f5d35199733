import GRDB
import JoblineBackend
import JoblineProtocol
import SystemPackage
import Testing

@testable import JoblineEmbedded

@Suite("The write-ahead log", .timeLimit(.minutes(1)))
struct WriteAheadLogTests {
    private let sandbox: Sandbox

    init() throws { sandbox = try Sandbox() }

    private var size: Int { sandbox.readBytes("state/jobline.sqlite-wal")?.count ?? 0 }

    /// Appends at least 100 kB to the log.
    private func grow(_ store: SQLiteJobStore, _ id: String) async throws {
        let job = NewJob(
            key: JobReference(.rxNormInference, id), submitted: Timestamp(milliseconds: 1000),
            request: String(repeating: "x", count: 100_000), output: "s3://results/out/")
        _ = try await store.admit(job, AdmissionConditions())
    }

    @Test("The log is truncated when it exceeds the limit, and not before")
    func cut() async throws {
        let state = try StateDirectory(sandbox.state)
        let store = try SQLiteJobStore(in: state)
        let log = WriteAheadLog(of: state.database, limit: 150_000)
        try await grow(store, "one")
        try await store.pool.writeWithoutTransaction { db in _ = try db.checkpoint(.truncate) }
        try await grow(store, "two")
        try await store.pool.writeWithoutTransaction { db in log.truncateIfLarge(db) }
        #expect(size > 100_000)
        try await grow(store, "three")
        try await store.pool.writeWithoutTransaction { db in log.truncateIfLarge(db) }
        #expect(size == 0)
        let jobs = try await store.pool.read { db in try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM job") }
        #expect(jobs == 3)
    }

    @Test("A long reader delays the truncation, but neither writes nor later truncations")
    func reader() async throws {
        let state = try StateDirectory(sandbox.state)
        let store = try SQLiteJobStore(in: state)
        let log = WriteAheadLog(of: state.database, limit: 150_000)
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let reader = try DatabaseQueue(path: state.database.string, configuration: configuration)
        try await reader.writeWithoutTransaction { db in
            try db.beginTransaction(.deferred)
            _ = try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM job")
        }
        for number in 0..<4 {
            try await grow(store, "job-\(number)")
            try await store.pool.writeWithoutTransaction { db in log.truncateIfLarge(db) }
        }
        #expect(size > 400_000)
        #expect(
            try await store.pool.writeWithoutTransaction { try Int.fetchOne($0, sql: "PRAGMA busy_timeout") } == 5000)
        try await reader.writeWithoutTransaction { try $0.commit() }
        for number in 4..<8 {
            try await grow(store, "job-\(number)")
            try await store.pool.writeWithoutTransaction { db in log.truncateIfLarge(db) }
        }
        #expect(size < 300_000)
    }
}
