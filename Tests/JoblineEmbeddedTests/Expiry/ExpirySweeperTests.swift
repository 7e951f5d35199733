import GRDB
import JoblineBackend
import JoblineProtocol
import Logging
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import JoblineEmbedded

@Suite("Expiry sweeper", .timeLimit(.minutes(1)))
struct ExpirySweeperTests {
    private let sandbox: Sandbox
    private let store: SQLiteJobStore
    private let clock = TestClock()
    private let log = LogRecorder()
    private let changes = JobChanges()

    init() throws {
        sandbox = try Sandbox()
        store = try SQLiteJobStore(in: StateDirectory(sandbox.state))
    }

    /// Returns the time in so many milliseconds.
    private func time(in milliseconds: Int64) -> Timestamp {
        Timestamp(milliseconds: clock.now().milliseconds + milliseconds)
    }

    private func newJob(_ id: String, expires: Timestamp?, token: String? = nil) -> NewJob {
        NewJob(
            key: JobReference(.rxNormInference, id), token: token, fingerprint: "f", submitted: clock.now(),
            expires: expires, request: "{}", output: "s3://results/\(id)/")
    }

    /// Admits a job.
    private func admit(_ id: String, expires: Timestamp?, token: String? = nil) async throws {
        let outcome = try await store.admit(newJob(id, expires: expires, token: token), AdmissionConditions())
        #expect(outcome == .admitted)
    }

    /// Admits and ends a job.
    private func end(_ id: String, expires: Timestamp?, token: String? = nil) async throws {
        try await admit(id, expires: expires, token: token)
        try await finish()
    }

    /// Ends the first waiting job.
    private func finish() async throws {
        let job = try #require(try await store.claim(.rxNormInference, now: clock.now()))
        _ = try await store.finish(job.key, JobOutcome(.succeeded), now: clock.now())
    }

    /// Returns the ids of the stored jobs, expired ones included.
    private func kept() async throws -> [String] {
        try await store.pool.read { try String.fetchAll($0, sql: "SELECT id FROM job ORDER BY id") }
    }

    /// Runs a sweeper for a number of rounds. Its pauses advance the clock.
    ///
    /// - Parameter resting: Called at each pause with its number.
    /// - Returns: The durations of the pauses.
    private func sweep(
        rounds: Int, resting: @escaping @Sendable (Int) async throws -> Void = { _ in }
    ) async -> [Duration] {
        let rests = Mutex<[Duration]>([])
        let sweeper = ExpirySweeper(
            store: store, changes: changes, now: clock.now,
            sleep: { duration in
                let count = rests.withLock {
                    $0.append(duration)
                    return $0.count
                }
                try await resting(count)
                guard count < rounds else { throw CancellationError() }
                let (seconds, attoseconds) = duration.components
                clock.advance(seconds: seconds, milliseconds: attoseconds / 1_000_000_000_000_000)
            },
            logger: log.logger)
        await sweeper.run()
        return rests.withLock { $0 }
    }

    @Test("The sweeper runs at the start and at the next expiry")
    func boundary() async throws {
        try await end("now", expires: clock.now())
        try await end("later", expires: time(in: 2500))
        try await end("never", expires: nil)
        let store = store
        let rests = await sweep(rounds: 2) { number in
            let kept = try await store.pool.read { try String.fetchAll($0, sql: "SELECT id FROM job ORDER BY id") }
            #expect(kept == (number == 1 ? ["later", "never"] : ["never"]))
        }
        #expect(rests == [.milliseconds(2500), .seconds(3600)])
        #expect(log.messages.isEmpty)
    }

    @Test("Observers are told of each removed job")
    func told() async throws {
        try await end("now", expires: clock.now())
        try await end("later", expires: time(in: 2500))
        let (told, tell) = AsyncStream<JobChange>.makeStream()
        changes.observe { tell.yield($0) }
        _ = await sweep(rounds: 2)
        tell.finish()
        let removed = await told.reduce(into: []) { $0.append($1) }
        #expect(removed == ["now", "later"].map { JobChange(key: JobReference(.rxNormInference, $0), kind: .removal) })
    }

    @Test("A job is kept until its expiry")
    func instant() async throws {
        try await end("a", expires: time(in: 1))
        #expect(try await store.removeExpired(now: clock.now(), limit: 10).count == 0)
        #expect(try await store.firstExpiry() == time(in: 1))
        #expect(try await store.removeExpired(now: time(in: 1), limit: 10).count == 1)
        #expect(try await store.firstExpiry() == nil)
    }

    @Test("Many jobs are removed in batches with pauses, the earliest expiry first")
    func batches() async throws {
        try await end("a", expires: time(in: -5000))
        let batch = ExpirySweeper.batch
        try await store.multiply("a", by: batch * 2 - 1)
        try await end("z", expires: time(in: -5001))
        let store = store
        let left = Mutex<[Int]>([])
        let rests = await sweep(rounds: 3) { number in
            let kept = try await store.pool.read { try String.fetchAll($0, sql: "SELECT id FROM job ORDER BY id") }
            left.withLock { $0.append(kept.count) }
            #expect(!kept.contains("z"))
        }
        #expect(rests == [ExpirySweeper.batchPause, ExpirySweeper.batchPause, .seconds(3600)])
        #expect(left.withLock { $0 } == [batch + 1, 1, 0])
    }

    @Test("A running job is removed only after its end")
    func open() async throws {
        try await admit("waiting", expires: clock.now())
        #expect(await sweep(rounds: 1) == [.seconds(3600)])
        #expect(try await kept() == ["waiting"])
        #expect(try store.job(JobReference(.rxNormInference, "waiting"), now: clock.now()) == nil)
        try await finish()
        _ = await sweep(rounds: 1)
        #expect(try await kept().isEmpty)
    }

    @Test("A token is free after the removal of its job")
    func token() async throws {
        try await end("a", expires: time(in: 1000), token: "t")
        let again = newJob("b", expires: time(in: 9000), token: "t")
        #expect(try await store.admit(again, AdmissionConditions()) == .repeated(id: "a"))
        _ = await sweep(rounds: 2)
        #expect(try await kept().isEmpty)
        #expect(try await store.admit(newJob("b", expires: nil, token: "t"), AdmissionConditions()) == .admitted)
    }

    @Test("The sweeper continues after a failure of the store, which it logs once")
    func failingStore() async throws {
        try await end("a", expires: clock.now())
        let store = store
        func breakStore() async throws {
            try await store.pool.write {
                try $0.execute(
                    sql: "CREATE TRIGGER full BEFORE DELETE ON job BEGIN SELECT RAISE(ABORT, 'disk full'); END")
            }
        }
        try await breakStore()
        let rests = await sweep(rounds: 3) { number in
            if number == 2 { try await store.pool.write { try $0.execute(sql: "DROP TRIGGER full") } }
        }
        #expect(rests == [ExpirySweeper.failurePause, ExpirySweeper.failurePause, .seconds(3600)])
        #expect(try await kept().isEmpty)
        #expect(log.messages == ["expired jobs cannot be removed; trying again every minute"])
    }

    @Test(
        "The pause lasts until the next expiry, within the minimum and one hour",
        arguments: [
            (nil, Duration.seconds(3600)), (-1, ExpirySweeper.batchPause), (0, ExpirySweeper.batchPause),
            (49, ExpirySweeper.batchPause), (51, .milliseconds(51)), (3_599_999, .milliseconds(3_599_999)),
            (3_600_001, .seconds(3600)), (Int64.max - 1000, .seconds(3600)),
        ] as [(Int64?, Duration)])
    func rest(_ milliseconds: Int64?, _ rest: Duration) {
        let expiry = milliseconds.map { Timestamp(milliseconds: 1000 + $0) }
        #expect(ExpirySweeper.pause(until: expiry, from: Timestamp(milliseconds: 1000)) == rest)
    }

    @Test("Cancellation ends the sweeper during a pause")
    func cancelled() async throws {
        let (resting, begins) = AsyncStream<Void>.makeStream()
        let sweeper = ExpirySweeper(
            store: store, changes: changes, now: clock.now,
            sleep: { duration in
                begins.yield()
                try await Task.sleep(for: duration)
            },
            logger: log.logger)
        let run = Task { await sweeper.run() }
        for await _ in resting { break }
        run.cancel()
        await run.value
    }

    @Test("A running backend sweeps, and ends at once when it is drained")
    func backend() async throws {
        let bench = try Bench(scripts: [.rxNormInference: "exit 0"])
        let (id, other) = try await bench.run { backend in
            let id = try await bench.end(backend, try await bench.start(backend)).jobID
            bench.clock.advance(seconds: 60)
            let other = try await bench.end(backend, try await bench.start(backend)).jobID
            return (id, other)
        }
        #expect(id != other)
        bench.clock.advance(seconds: 120 * 86_400 - 60)
        try await bench.run { _ in
            let database = try DatabaseQueue(path: bench.sandbox.state.appending("jobline.sqlite").string)
            // Polls, within the time limit of the test.
            while try await database.read({ try String.fetchAll($0, sql: "SELECT id FROM job") }) != [other] {
                await Task.yield()
            }
        }
    }
}

extension SQLiteJobStore {
    /// Adds `count` copies of the job of the family RxNormInference.
    func multiply(_ id: String, by count: Int) async throws {
        try await pool.write { db in
            try db.execute(
                sql: """
                    INSERT INTO job (family, id, status, phase, submitted, ended, updated, expires, request, output)
                    WITH RECURSIVE copy (number) AS (
                        SELECT 1 UNION ALL SELECT number + 1 FROM copy WHERE number < ?
                    )
                    SELECT family, printf('%s-%06d', id, copy.number), status, phase, submitted, ended, updated, expires,
                        request, output
                    FROM job, copy WHERE family = 'RxNormInference' AND id = ?
                    """,
                arguments: [count, id])
        }
    }
}
