import GRDB
import JoblineBackend
import JoblineProtocol
import Logging
import Synchronization
import TestSupport
import Testing

@testable import JoblineEmbedded

/// A limit of pages in SQLite, whose error is that of a full disk.
@Suite("The queue on a full database", .timeLimit(.minutes(1)))
struct BlockedJobTests {
    private let pauses: AsyncStream<Void>
    private let log = LogCounter()
    private let bench: Bench

    init() throws {
        var bench = try Bench(scripts: [.rxNormInference: "echo x >> ../../../../runs\n\(CompleteExecutor.script)"])
        bench.configuration.executors[.rxNormInference]?.onRestart = .fail
        let (pauses, begun) = AsyncStream<Void>.makeStream()
        self.pauses = pauses
        // No pause: a blocked step is retried at once.
        bench.pause = { begun.yield() }
        bench.logger = Logger(label: "test", factory: { [log] _ in log })
        self.bench = bench
    }

    /// Makes every update of a column exceed the limit of pages.
    private func fill(_ store: SQLiteJobStore, at column: String) async throws {
        try await store.pool.write { db in
            try db.execute(
                sql: """
                    CREATE TABLE ballast (bytes BLOB);
                    CREATE TRIGGER full AFTER UPDATE OF \(column) ON job
                    BEGIN INSERT INTO ballast VALUES (zeroblob(1000000)); END;
                    """)
        }
        try await store.limitPages(added: 100)
    }

    /// Waits until the blocked step was retried a few times.
    private func untilBlocked() async {
        var count = 0
        for await _ in pauses {
            count += 1
            if count == 5 { return }
        }
    }

    @Test(
        "A job waits at every step that cannot be written, runs once, and ends normally",
        arguments: [
            ("started", "SUBMITTED"), ("executorPID", "IN_PROGRESS"), ("outcome", "IN_PROGRESS"),
            ("ended", "IN_PROGRESS"),
        ])
    func heldUp(_ column: String, _ status: String) async throws {
        let backend = try bench.open()
        try await fill(backend.sqlite, at: column)
        try await backend.running {
            let id = try await bench.start(backend)
            await untilBlocked()
            #expect(try await bench.describe(backend, id).jobStatus?.rawValue == status)
            #expect(log.errors == 1)
            let disk = await backend.health.checkDisk()
            #expect(!disk.ok && disk.detail?.contains("the next step of 1 ") == true)
            try await backend.sqlite.limitPages(added: 10_000)
            let job = try await bench.end(backend, id)
            #expect(job.jobStatus == .completed && job.message == nil)
            // Callers can read the end before the queue has returned from the write.
            while await !backend.health.checkDisk().ok { await Task.yield() }
            #expect(try bench.sandbox.files(bench.output(id)) == ["Manifest", "a.txt.out", "success", "unprocessed"])
        }
        #expect(bench.sandbox.read("runs") == "x\n")
        #expect(log.errors == 1)
    }

    @Test("A job stopped in the queue waits until its end can be written")
    func stopped() async throws {
        let backend = try bench.open()
        let id = try await bench.start(backend)
        try await bench.stop(backend, id)
        try await fill(backend.sqlite, at: "ended")
        try await backend.running {
            await untilBlocked()
            #expect(try await bench.describe(backend, id).jobStatus == .stopRequested)
            try await backend.sqlite.limitPages(added: 10_000)
            let job = try await bench.end(backend, id)
            #expect(job.jobStatus == .stopped)
        }
    }

    @Test("A stop that cannot be written fails, and the job keeps running")
    func stop() async throws {
        let backend = try bench.open()
        try await fill(backend.sqlite, at: "status")
        let id = try await bench.start(backend)
        let error = await #expect(throws: ServiceError.self) { try await bench.stop(backend, id) }
        #expect(error?.code == .failed)
        #expect(try await bench.describe(backend, id).jobStatus == .submitted)
    }

    @Test(
        "A draining daemon does not wait for space, and the next daemon recovers the job",
        arguments: ["outcome", "ended"])
    func drained(_ column: String) async throws {
        let id: String
        do {
            let backend = try bench.open()
            try await fill(backend.sqlite, at: column)
            id = try await backend.running {
                let id = try await bench.start(backend)
                await untilBlocked()
                return id
            }
        }
        // Its connection has no limit of pages.
        try await bench.run { backend in
            let job = try await bench.end(backend, id)
            // Without a recorded outcome the run is lost.
            #expect(job.jobStatus == (column == "outcome" ? .failed : .completed))
        }
        #expect(bench.sandbox.read("runs") == "x\n")
    }
}

/// Counts logged errors.
final class LogCounter: LogHandler {
    private let count = Mutex(0)

    var errors: Int { count.withLock { $0 } }

    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    var logLevel: Logger.Level {
        get { .info }
        set {}
    }
    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    func log(event: LogEvent) {
        if event.level >= .error { count.withLock { $0 += 1 } }
    }
}
