import GRDB
import JoblineBackend
import JoblineProtocol
import NIOCore
import Testing

@testable import JoblineEmbedded

/// Expired jobs are hidden at once, even while they are stored.
@Suite("Expired jobs in the SQLite store")
struct SQLiteJobStoreExpiryTests {
    private let sandbox: Sandbox
    private let store: SQLiteJobStore

    init() throws {
        sandbox = try Sandbox()
        store = try SQLiteJobStore(in: StateDirectory(sandbox.state))
    }

    /// Admits a job with a retention in seconds.
    private func admit(_ id: String, at seconds: Int64, kept: Int64?, family: JobFamily = .rxNormInference) async throws
    {
        let job = NewJob(
            key: JobReference(family, id), submitted: Timestamp(milliseconds: seconds * 1000 + 250),
            expires: kept.map { Timestamp(milliseconds: (seconds + $0) * 1000) }, request: "{}",
            output: "s3://results/\(id)/")
        #expect(try await store.admit(job, AdmissionConditions()) == .admitted)
    }

    /// Returns the ids of a list, after checking both orders and single reads.
    private func shown(_ milliseconds: Int64, of family: JobFamily = .rxNormInference) async throws -> [String] {
        let now = Timestamp(milliseconds: milliseconds)
        var query = JobQuery(family: family)
        let newest = try await store.jobs(query, limit: 100, now: now)
        query.order = .oldestFirst
        query.submittedBefore = Timestamp(milliseconds: 1 << 50)
        let oldest = try await store.jobs(query, limit: 100, now: now)
        #expect(oldest == newest.reversed())
        for id in ["a", "b", "c", "d"] {
            let job = try store.job(JobReference(family, id), now: now)
            #expect(job == newest.first { $0.key.id == id })
        }
        return oldest.map(\.key.id)
    }

    @Test("Lists of both orders and single reads agree at every time")
    func instants() async throws {
        for (index, id) in ["a", "b", "c"].enumerated() { try await admit(id, at: 1000 + Int64(index), kept: 100) }
        #expect(try await shown(1_099_999) == ["a", "b", "c"])
        #expect(try await shown(1_100_000) == ["b", "c"])
        #expect(try await shown(1_101_000) == ["c"])
        #expect(try await shown(1_101_999) == ["c"])
        #expect(try await shown(1_102_000).isEmpty)
    }

    @Test("Jobs with a longer retention are shown for longer")
    func retentions() async throws {
        try await admit("a", at: 1000, kept: 500)
        try await admit("b", at: 1100, kept: 100)
        try await admit("c", at: 1200, kept: 300)
        try await admit("d", at: 1300, kept: 700)
        #expect(try await shown(1_200_000) == ["a", "c", "d"])
        #expect(try await shown(1_499_999) == ["a", "c", "d"])
        #expect(try await shown(1_500_000) == ["d"])
        #expect(try await shown(2_000_000).isEmpty)
    }

    @Test("A job without expiry is always shown, even in a family where others expire")
    func lasting() async throws {
        try await admit("a", at: 1000, kept: nil)
        try await admit("b", at: 1000, kept: 100)
        try await admit("c", at: 1000, kept: nil, family: .matching)
        #expect(try await shown(1 << 49) == ["a"])
        #expect(try await shown(1 << 49, of: .matching) == ["c"])
        #expect(try await shown(1 << 49, of: .batchSegment).isEmpty)
    }

    @Test("No list reads expired jobs that are not removed yet")
    func horizon() async throws {
        try await admit("a", at: 1000, kept: 100)
        try await admit("b", at: 5000, kept: 100)
        let horizon = try await store.pool.read { db in
            try SQLiteJobStore.horizon(of: .rxNormInference, now: Timestamp(milliseconds: 5_050_777), db)
        }
        #expect(horizon == Timestamp(milliseconds: 4_949_999))
        let none = try await store.pool.read {
            try SQLiteJobStore.horizon(of: .matching, now: Timestamp(milliseconds: 0), $0)
        }
        #expect(none == nil)
    }

    /// A list that skips many jobs is read on another thread.
    @Test(
        "A list shows the jobs behind many expired ones that are not removed yet",
        arguments: [1, 100, 101])
    func manyExpired(limit: Int) async throws {
        try await admit("a", at: 1000, kept: 100_000)
        try await store.pool.write { db in
            try db.execute(
                sql: """
                    WITH RECURSIVE copy (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM copy WHERE number < 3000)
                    INSERT INTO job (family, id, status, phase, submitted, updated, expires, request, output)
                    SELECT family, 'copy-' || copy.number, status, phase, submitted + copy.number, updated, 1100000,
                        request, output FROM job, copy
                    """)
        }
        let query = JobQuery(family: .rxNormInference)
        let list = try await store.list(
            query, size: PageSize(limit: limit), now: Timestamp(milliseconds: 1_200_000), as: .ids)
        #expect(String(buffer: list) == #"{"jobs":["a"]}"#)
    }

    @Test("A page continues after the one before it, even if the last job of that has expired")
    func pages() async throws {
        for (index, id) in ["a", "b", "c", "d"].enumerated() {
            try await admit(id, at: 1000 + Int64(index), kept: 100)
        }
        var query = JobQuery(family: .rxNormInference)
        query.order = .oldestFirst
        let first = try await store.jobs(query, limit: 2, now: Timestamp(milliseconds: 1_050_000))
        #expect(first.map(\.key.id) == ["a", "b"])
        query.position = first.last.map { ListPosition(time: $0.submitted, id: $0.key.id) }
        for (now, ids) in [(1_050_000, ["c", "d"]), (1_101_000, ["c", "d"]), (1_102_000, ["d"]), (1_103_000, [])] {
            let page = try await store.jobs(query, limit: 2, now: Timestamp(milliseconds: Int64(now)))
            #expect(page.map(\.key.id) == ids)
        }
    }
}
