import GRDB
import JoblineBackend
import JoblineProtocol
import Testing

@testable import JoblineEmbedded

@Suite("Query plans")
struct QueryPlanTests {
    private let sandbox: Sandbox
    private let store: SQLiteJobStore

    init() throws {
        sandbox = try Sandbox()
        store = try SQLiteJobStore(in: StateDirectory(sandbox.state))
    }

    private func plan(_ sql: String) async throws -> [String] {
        try await store.pool.read { db in
            try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN \(sql)").map { $0["detail"] as String }
        }
    }

    /// Frequent queries never read the whole table.
    @Test(
        "Queries use an index and its order",
        arguments: [
            ("family = 'x' AND phase <> 'ended' AND phase = 'waiting' ORDER BY number LIMIT 1", "job_open"),
            (
                "family = 'x' AND phase <> 'ended' AND phase = 'stopping' AND started IS NULL ORDER BY number",
                "job_open"
            ),
            ("family = 'x' AND id = 'y'", "job_id"),
            ("family = 'x' AND token = 'y'", "job_token"),
            ("workflow = 1 AND phase <> 'ended' LIMIT 1", "job_busy"),
        ])
    func index(_ condition: String, _ index: String) async throws {
        let plan = try await plan("SELECT * FROM job WHERE \(condition)")
        #expect(plan.count == 1, "\(plan)")
        #expect(plan.first?.hasPrefix("SEARCH job USING INDEX \(index) ") == true, "\(plan)")
    }

    /// A list and its query plan.
    struct List: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let query: JobQuery
        let search: String

        init(_ description: String, _ search: String, _ change: (inout JobQuery) -> Void) {
            testDescription = description
            self.search = search
            var query = JobQuery(family: .rxNormInference)
            change(&query)
            self.query = query
        }
    }

    private static let position = ListPosition(time: Timestamp(milliseconds: 5000), id: "x")

    static let lists = [
        List("newest first", "job_order (family=? AND submitted>?)") { _ in },
        List("newest first, a later page", "job_order (family=? AND submitted>? AND (submitted,id)<(?,?))") {
            $0.position = position
        },
        List("after a time", "job_order (family=? AND submitted>? AND (submitted,id)<(?,?))") {
            $0.submittedAfter = Timestamp(milliseconds: 1)
            $0.position = position
        },
        List("before a time", "job_order (family=? AND submitted>? AND submitted<?)") {
            $0.order = .oldestFirst
            $0.submittedBefore = Timestamp(milliseconds: 9000)
        },
        List("before a time, a later page", "job_order (family=? AND (submitted,id)>(?,?) AND submitted<?)") {
            $0.order = .oldestFirst
            $0.submittedBefore = Timestamp(milliseconds: 9000)
            $0.position = position
        },
        List("of a name", "job_name (family=? AND name=? AND submitted>? AND (submitted,id)<(?,?))") {
            $0.name = "n"
            $0.position = position
        },
        List("of a status", "job_status (family=? AND status=? AND submitted>? AND (submitted,id)<(?,?))") {
            $0.status = "s"
            $0.position = position
        },
        List(
            "of a solution version",
            "job_solution (family=? AND solutionVersion=? AND submitted>? AND (submitted,id)<(?,?))"
        ) {
            $0.solutionVersion = "v"
            $0.position = position
        },
        List("of a workflow", "job_workflow (workflow=? AND submitted>? AND (submitted,id)<(?,?))") {
            $0.workflow = 1
            $0.position = position
        },
    ]

    /// No plan sorts or reads rows before the page or expired rows.
    @Test("Lists use an index, bounded by the position of the page and by expiry", arguments: lists)
    func list(_ list: List) async throws {
        let horizon = Timestamp(milliseconds: 100)
        let (sql, arguments) = list.query.statement(
            JobRow.whole, limit: 9, now: Timestamp(milliseconds: 1000), after: horizon)
        let plan = try await store.pool.read { db in
            try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN \(sql)", arguments: arguments)
                .map { $0["detail"] as String }
        }
        #expect(
            plan == [
                "SEARCH job USING INDEX \(list.search)",
                "SEARCH workflow USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN",
            ])
    }

    @Test("A page begins behind expired jobs")
    func expiredPosition() {
        var query = JobQuery(family: .rxNormInference)
        query.order = .oldestFirst
        query.position = Self.position
        let now = Timestamp(milliseconds: 1000)
        let inside = query.statement(JobRow.whole, limit: 9, now: now, after: Timestamp(milliseconds: 4999))
        #expect(inside.sql.contains("(job.submitted, job.id) > (?, ?)") && !inside.sql.contains("job.submitted > ?"))
        let expired = query.statement(JobRow.whole, limit: 9, now: now, after: Self.position.time)
        #expect(!expired.sql.contains("(job.submitted, job.id) > (?, ?)") && expired.sql.contains("job.submitted > ?"))
    }

    @Test("Expiry uses small indexes")
    func expiry() async throws {
        func plan(_ sql: String) async throws -> [String] {
            try await self.plan(sql.replacing("?", with: "1"))
        }
        #expect(
            try await plan(SQLiteJobStore.removal) == [
                "SEARCH job USING INTEGER PRIMARY KEY (rowid=?)", "LIST SUBQUERY 1",
                "SEARCH job USING INDEX job_expiry (expires<?)",
            ])
        #expect(try await plan(SQLiteJobStore.firstExpirySQL) == ["SEARCH job USING INDEX job_expiry (expires>?)"])
        #expect(try await plan(SQLiteJobStore.horizonSQL) == ["SEARCH retention USING PRIMARY KEY (family=?)"])
    }
}
