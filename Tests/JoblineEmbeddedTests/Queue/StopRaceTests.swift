import JoblineBackend
import JoblineProtocol
import TestSupport
import Testing

@testable import JoblineEmbedded

@Suite("Race of stop and completion", .timeLimit(.minutes(1)))
struct StopRaceTests {
    /// Stops every job four times while its executor is about to end, and records its statuses.
    @Test("Every job ends exactly once, and nothing follows")
    func race() async throws {
        var bench = try Bench(scripts: [.rxNormInference: CompleteExecutor.script])
        bench.configuration.executors[.rxNormInference]?.concurrency = 8
        bench.configuration.executorGrace = .milliseconds(200)
        try await bench.run { [bench] backend in
            let changes = backend.changes()
            let ids = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<40 {
                    group.addTask {
                        let id = try await bench.start(backend)
                        async let first: Void = bench.stop(backend, id)
                        async let second: Void = bench.stop(backend, id)
                        // The stops come while the job waits, while it runs, or after its end.
                        for _ in 0..<8 { try await bench.stop(backend, id) }
                        _ = try await (first, second)
                        return id
                    }
                }
                return try await group.reduce(into: Set<String>()) { $0.insert($1) }
            }
            var paths: [String: [String]] = [:]
            var open = ids
            for await change in changes {
                let id = change.key.id
                paths[id, default: []].append(change.status)
                if Self.isLegal(paths[id, default: []]) { open.remove(id) }
                if open.isEmpty { break }
            }
            for id in ids {
                let job = try await bench.describe(backend, id)
                #expect(job.endTime == bench.clock.now())
                let path = try #require(paths[id])
                #expect(path.contains(job.jobStatus?.rawValue ?? ""), "\(path)")
                #expect(Self.isLegal(path), "\(path)")
            }
            bench.clock.advance(seconds: 1)
            for id in ids {
                let before = try await bench.describe(backend, id)
                try await bench.stop(backend, id)
                #expect(try await bench.describe(backend, id) == before)
            }
        }
    }

    /// Whether a sequence of statuses is possible. Two changes in one commit are reported in any order.
    private static func isLegal(_ path: [String]) -> Bool {
        let legal = [
            ["SUBMITTED", "STOP_REQUESTED", "STOPPED"],
            ["SUBMITTED", "IN_PROGRESS", "STOP_REQUESTED", "STOPPED"],
            ["SUBMITTED", "IN_PROGRESS", "STOP_REQUESTED", "COMPLETED"],
            ["SUBMITTED", "IN_PROGRESS", "COMPLETED"],
        ]
        return legal.contains { $0.sorted() == path.sorted() }
    }
}
