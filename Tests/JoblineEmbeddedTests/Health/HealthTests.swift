import GRDB
import JoblineBackend
import JoblineProtocol
import Logging
import Testing

@testable import JoblineEmbedded

@Suite("Health", .timeLimit(.minutes(1)))
struct HealthTests {
    private let bench: Bench

    init() throws { bench = try Bench() }

    @Test("A new backend reads, writes and has free space, and reports that it has no executor")
    func fresh() async throws {
        let backend = try bench.open()
        #expect(await backend.health.checkReading() == .init(name: "store-read", ok: true))
        #expect(await backend.health.checkWriting() == .init(name: "store-write", ok: true))
        #expect(await backend.health.checkDisk().ok)
        let executors = await backend.health.checkExecutors()
        #expect(executors.name == "executors" && !executors.ok && executors.detail?.contains("no executor") == true)
    }

    @Test("Executors with a runnable program pass; others are named by their key")
    func executors() async throws {
        let bench = try Bench(scripts: [.rxNormInference: "true"])
        let backend = try bench.open()
        #expect(
            await backend.health.checkExecutors()
                == .init(name: "executors", ok: true, detail: "1 of 9 kinds of job can run"))
        let missing = try Bench([
            .rxNormInference: ExecutorConfiguration(command: ["sh"]),
            .matching: ExecutorConfiguration(command: ["/nowhere/match"]),
            .batchSegment: ExecutorConfiguration(command: ["no-such-program"]),
        ]).open()
        #expect(
            await missing.health.checkExecutors()
                == .init(
                    name: "executors", ok: false,
                    detail: "executors.batchSegment: the executor no-such-program cannot be run: "
                        + "No such file or directory; executors.matching: the executor /nowhere/match cannot be run: "
                        + "No such file or directory"))
    }

    @Test("After a failed write the check writes, until one write succeeds")
    func fullDatabase() async throws {
        let backend = try bench.open()
        let store = backend.sqlite
        #expect(await backend.health.checkWriting().ok)
        try await store.pool.writeWithoutTransaction { _ in }
        let writes = store.commits.counts.writes
        try await store.limitPages()
        await #expect(throws: DatabaseError.self) {
            try await store.commits.write { db in try db.execute(sql: "CREATE TABLE ballast (bytes BLOB)") }
        }
        #expect(store.commits.counts.isFailing)
        // The check overwrites an existing page, which a full database allows.
        #expect(await backend.health.checkWriting().ok)
        #expect(!store.commits.counts.isFailing)
        #expect(store.commits.counts.writes == writes + 1)
        // Waits for the end of the commit, whose writer is answered earlier.
        try await store.pool.writeWithoutTransaction { _ in }
        // The check does not write if the state is known.
        #expect(await backend.health.checkWriting().ok)
        #expect(store.commits.counts.writes == writes + 1)
    }

    @Test("A read-only database is reported with SQLite's reason and nothing else")
    func readOnlyDatabase() async throws {
        let backend = try bench.open()
        let store = backend.sqlite
        try await store.pool.writeWithoutTransaction { db in try db.execute(sql: "PRAGMA query_only = ON") }
        await #expect(throws: DatabaseError.self) {
            try await store.commits.write { db in try db.execute(sql: "DELETE FROM job") }
        }
        let check = await backend.health.checkWriting()
        #expect(!check.ok)
        #expect(check.detail?.contains("readonly") == true, "\(check.detail ?? "")")
        #expect(store.commits.counts.failedCommits + 1 > 0)
        try await store.pool.writeWithoutTransaction { db in try db.execute(sql: "PRAGMA query_only = OFF") }
        #expect(await backend.health.checkWriting().ok)
    }

    @Test("Statistics count writes and shared commits")
    func statistics() async throws {
        let backend = try bench.open()
        let store = backend.sqlite
        let before = try #require(backend.storeStatistics)
        try await store.holdingCommit(until: 3) {
            try await withThrowingTaskGroup { group in
                for number in 0..<3 {
                    group.addTask {
                        try await store.commits.write { db in try db.execute(sql: "PRAGMA user_version = \(number)") }
                    }
                }
                try await group.waitForAll()
            }
        }
        let after = try #require(backend.storeStatistics)
        #expect(after.waitingWrites == 0)
        #expect(after.writes - before.writes == 4)
        #expect(after.commits - before.commits == 2)
        #expect(after.failedCommits == 0)
        #expect(after.lastCommitMicroseconds != nil)
    }
}
