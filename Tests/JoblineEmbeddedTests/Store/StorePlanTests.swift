import GRDB
import Testing

@testable import JoblineEmbedded

@Suite("The plans of queries")
struct StorePlanTests {
    /// What is asked often may not read the whole table, however many jobs there are.
    @Test(
        "Queries are answered from an index, in its order",
        arguments: [
            ("family = 'x' AND phase <> 'ended' AND phase = 'waiting' ORDER BY number LIMIT 1", "job_open"),
            (
                "family = 'x' AND phase <> 'ended' AND phase = 'stopping' AND started IS NULL ORDER BY number",
                "job_open"
            ),
            ("family = 'x' AND id = 'y'", "job_id"),
            ("family = 'x' AND token = 'y'", "job_token"),
            ("family = 'x' ORDER BY submitted DESC, id DESC LIMIT 9", "job_order"),
            ("family = 'x' AND (submitted, id) < (1, 'y') ORDER BY submitted DESC, id DESC LIMIT 9", "job_order"),
            (
                "family = 'x' AND submitted < 9 AND (submitted, id) > (1, 'y') ORDER BY submitted, id LIMIT 9",
                "job_order"
            ),
            ("family = 'x' AND name = 'n' ORDER BY submitted DESC, id DESC LIMIT 9", "job_name"),
            ("family = 'x' AND status = 's' ORDER BY submitted DESC, id DESC LIMIT 9", "job_status"),
            ("family = 'x' AND workflow = 1 ORDER BY submitted DESC, id DESC LIMIT 9", "job_workflow"),
            ("workflow = 1 AND phase <> 'ended' LIMIT 1", "job_busy"),
        ])
    func plan(_ condition: String, _ index: String) async throws {
        let sandbox = try Sandbox()
        let store = try Store(in: StateDirectory(sandbox.state))
        let plan = try await store.pool.read { db in
            try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN SELECT * FROM job WHERE \(condition)")
                .map { $0["detail"] as String }
        }
        #expect(plan.count == 1, "\(plan)")
        #expect(plan.first?.hasPrefix("SEARCH job USING INDEX \(index) ") == true, "\(plan)")
    }
}
