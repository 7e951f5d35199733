import GRDB
import JoblineBackend
import JoblineProtocol
import Testing

@testable import JoblineEmbedded

/// A limit of pages in SQLite, whose error is that of a full disk.
@Suite("A full database", .timeLimit(.minutes(1)))
struct FullDatabaseTests {
    private let sandbox: Sandbox

    init() throws { sandbox = try Sandbox() }

    private func newJob(_ number: Int, bytes: Int = 2) -> NewJob {
        NewJob(
            key: JobReference(.rxNormInference, "job-\(number)"), submitted: Timestamp(milliseconds: 1000),
            request: String(repeating: "x", count: bytes), output: "s3://results/out/")
    }

    private func count(_ store: SQLiteJobStore) async throws -> Int? {
        try await store.pool.read { db in try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM job") }
    }

    /// Starts jobs until the database is full.
    private func fill(_ store: SQLiteJobStore) async throws -> Int {
        for number in 0..<10_000 {
            do {
                _ = try await store.admit(newJob(number), AdmissionConditions())
            } catch let error as DatabaseError {
                #expect(error.resultCode == .SQLITE_FULL)
                return number
            }
        }
        Issue.record("the database never got full")
        return 0
    }

    @Test("Writes fail and reads succeed; writes succeed when there is space")
    func recovery() async throws {
        let store = try SQLiteJobStore(in: StateDirectory(sandbox.state))
        try await store.limitPages()
        let kept = try await fill(store)
        #expect(try await count(store) == kept)
        #expect(try store.job(JobReference(.rxNormInference, "job-0"), now: Timestamp(milliseconds: 0)) != nil)
        try await store.limitPages(added: 1000)
        #expect(try await store.admit(newJob(kept), AdmissionConditions()) == .admitted)
        #expect(try await count(store) == kept + 1)
        let finding = try await store.pool.read { db in try String.fetchOne(db, sql: "PRAGMA integrity_check") }
        #expect(finding == "ok")
    }

    @Test("Each of several concurrent writes is stored completely or not at all, as its caller was told")
    func half() async throws {
        // Small enough that some commit has no job that is too large.
        var limits = GroupCommit.Limits()
        limits.writes = 8
        let store = try SQLiteJobStore(in: StateDirectory(sandbox.state), limits: limits)
        try await store.limitPages(added: 20)
        let admitted = await withTaskGroup(of: Int?.self) { group in
            for number in 0..<200 {
                // Some jobs exceed the free space.
                let job = newJob(number, bytes: number % 10 == 0 ? 200_000 : 300)
                group.addTask { (try? await store.admit(job, AdmissionConditions())) == .admitted ? number : nil }
            }
            return await group.reduce(into: Set<Int>()) { if let number = $1 { $0.insert(number) } }
        }
        #expect(!admitted.isEmpty && admitted.count < 200)
        let found = try await store.pool.read { db in try String.fetchAll(db, sql: "SELECT id FROM job") }
        #expect(Set(found) == Set(admitted.map { "job-\($0)" }) && found.count == admitted.count)
        let finding = try await store.pool.read { db in try String.fetchOne(db, sql: "PRAGMA integrity_check") }
        #expect(finding == "ok")
    }

    /// Commits a failing write together with ten jobs.
    private func share(
        _ store: SQLiteJobStore, _ wrong: @escaping @Sendable (Database) throws -> Void
    ) async throws -> [ResultCode?] {
        try await store.holdingCommit(until: 11) {
            await withTaskGroup(of: ResultCode?.self) { group in
                for number in 0..<11 {
                    let job = newJob(number)
                    group.addTask {
                        do {
                            if number == 5 {
                                try await store.commits.write(.queue, wrong)
                            } else {
                                _ = try await store.admit(job, AdmissionConditions())
                            }
                            return nil
                        } catch {
                            return (error as? DatabaseError)?.resultCode ?? .SQLITE_OK
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
        }
    }

    @Test("If SQLite rolls back a commit, every write of it fails")
    func undone() async throws {
        let store = try SQLiteJobStore(in: StateDirectory(sandbox.state))
        let outcomes = try await share(store) { db in
            // SQLite does this by itself on some errors.
            try db.execute(sql: "ROLLBACK")
            throw DatabaseError(resultCode: .SQLITE_FULL)
        }
        #expect(outcomes == Array(repeating: .SQLITE_FULL, count: 11))
        #expect(try await count(store) == 0)
        #expect(try await store.admit(newJob(1), AdmissionConditions()) == .admitted)
    }

    @Test("If a commit fails, every write of it fails, and the next one succeeds")
    func uncommitted() async throws {
        let store = try SQLiteJobStore(in: StateDirectory(sandbox.state))
        let outcomes = try await share(store) { db in
            // A job of a missing workflow: SQLite checks the foreign key at the commit.
            try db.execute(sql: "PRAGMA defer_foreign_keys = ON")
            try db.execute(
                sql: """
                    INSERT INTO job (family, id, workflow, status, phase, submitted, updated, request, output)
                    VALUES ('x', 'y', 999, 'z', 'waiting', 1, 1, '{}', 's3://b/')
                    """)
        }
        #expect(outcomes == Array(repeating: .SQLITE_CONSTRAINT, count: 11))
        #expect(try await count(store) == 0)
        #expect(try await store.admit(newJob(1), AdmissionConditions()) == .admitted)
    }
}
