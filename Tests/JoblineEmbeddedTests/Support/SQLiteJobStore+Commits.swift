import Dispatch
import GRDB
import Synchronization

@testable import JoblineEmbedded

extension EmbeddedBackend {
    /// The backend's store, which is SQLite in these tests.
    var sqlite: SQLiteJobStore {
        guard let store = store as? SQLiteJobStore else { preconditionFailure("another store") }
        return store
    }
}

extension SQLiteJobStore {
    /// Keeps a commit open until `count` writes of `body` wait for it.
    func holdingCommit<Value: Sendable>(
        until count: Int, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let (begun, goOn) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        async let held: Void = commits.write { _ in
            begun.signal()
            goOn.wait()
        }
        try await blocking { begun.wait() }
        async let outcome = body()
        while commits.waiting < count { await Task.yield() }
        goOn.signal()
        try await held
        return try await outcome
    }

    /// Limits the database to so many additional pages.
    func limitPages(added: Int = 0) async throws {
        try await pool.writeWithoutTransaction { db in
            // Unused pages count as free space.
            try db.execute(sql: "VACUUM")
            let count = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
            try db.execute(sql: "PRAGMA max_page_count = \(count + added)")
        }
    }
}

/// Counts committed transactions.
final class CommitCounter: TransactionObserver, Sendable {
    private let commits = Mutex(0)

    var count: Int { commits.withLock { $0 } }

    func reset() { commits.withLock { $0 = 0 } }

    func observes(eventsOfKind eventKind: DatabaseEventKind) -> Bool { true }
    func databaseDidChange(with event: DatabaseEvent) {}
    func databaseDidCommit(_ db: Database) { commits.withLock { $0 += 1 } }
    func databaseDidRollback(_ db: Database) {}
}
