import GRDB
import Glibc
import JoblineBackend
import JoblineProtocol
import NIOCore
import SystemPackage
import Testing

@testable import JoblineEmbedded

@Suite("SQLite store")
struct SQLiteJobStoreTests {
    private let sandbox: Sandbox

    init() throws { sandbox = try Sandbox() }

    private func newJob(_ id: String, family: JobFamily = .rxNormInference, at milliseconds: Int64 = 1000) -> NewJob {
        NewJob(
            key: JobReference(family, id), submitted: Timestamp(milliseconds: milliseconds), request: "{}",
            output: "s3://results/\(id)/")
    }

    private func refusal() -> StateError? {
        do throws(StateError) {
            _ = try SQLiteJobStore(in: StateDirectory(sandbox.state))
            return nil
        } catch {
            return error
        }
    }

    @Test("An admitted job is in the reopened database")
    func reopen() async throws {
        do {
            let store = try SQLiteJobStore(in: StateDirectory(sandbox.state))
            #expect(try await store.admit(newJob("a"), AdmissionConditions()) == .admitted)
        }
        let store = try SQLiteJobStore(in: StateDirectory(sandbox.state))
        let job = try #require(try store.job(JobReference(.rxNormInference, "a"), now: Timestamp(milliseconds: 0)))
        #expect(job.status == JobStatus(name: "SUBMITTED", phase: .waiting))
        #expect(job.submitted == Timestamp(milliseconds: 1000))
        #expect(job.output == "s3://results/a/")
        #expect(job.started == nil && job.ended == nil && job.message == nil)
    }

    /// Every second of several concurrent lists is read on another thread.
    @Test("Concurrent lists show the same jobs")
    func listsAtATime() async throws {
        let store = try SQLiteJobStore(in: StateDirectory(sandbox.state))
        for id in ["a", "b"] { #expect(try await store.admit(newJob(id), AdmissionConditions()) == .admitted) }
        let arrival = ContinuousClock.now
        for _ in 0..<4 {
            let list = try await store.list(
                JobQuery(family: .rxNormInference), size: PageSize(limit: 100), now: Timestamp(milliseconds: 2000),
                arrival: arrival, as: .ids)
            #expect(String(buffer: list) == #"{"jobs":["b","a"]}"#)
        }
    }

    @Test("Commits wait for the disk")
    func durability() async throws {
        let store = try SQLiteJobStore(in: StateDirectory(sandbox.state))
        let (synchronous, journal) = try await store.pool.write { db in
            (try Int.fetchOne(db, sql: "PRAGMA synchronous"), try String.fetchOne(db, sql: "PRAGMA journal_mode"))
        }
        #expect(synchronous == 2)
        #expect(journal == "wal")
    }

    @Test("Operations of a closed store fail")
    func closed() async throws {
        let store = try SQLiteJobStore(in: StateDirectory(sandbox.state))
        _ = try await store.admit(newJob("a"), AdmissionConditions())
        store.close()
        let now = Timestamp(milliseconds: 0)
        await #expect(throws: DatabaseError.self) { try await store.admit(newJob("b"), AdmissionConditions()) }
        #expect(throws: DatabaseError.self) { try store.describe(newJob("a").key, now: now) { _, _ in } }
        await #expect(throws: DatabaseError.self) {
            try await store.list(
                JobQuery(family: .rxNormInference), size: PageSize(limit: 9), now: now, as: .ids)
        }
    }

    @Test("The database of an earlier version is migrated with its jobs", arguments: ["1", "3", "4", "5"])
    func upgrade(from version: String) async throws {
        _ = try StateDirectory(sandbox.state)
        let queue = try DatabaseQueue(path: sandbox.state.appending("jobline.sqlite").string)
        try SQLiteJobStore.migrator.migrate(queue, upTo: version)
        try await queue.write { db in
            try db.execute(
                sql: """
                    INSERT INTO job (family, id, status, phase, submitted, updated, expires, request, output)
                    VALUES ('RxNormInference', 'a', 'SUBMITTED', 'waiting', 1000, 1000, 9000, '{}', 's3://results/a/')
                    """)
            // Up to version 4 a migration or a trigger inserts it, from version 5 on the daemon.
            if version == "5" { try db.execute(sql: "INSERT INTO retention VALUES ('RxNormInference', 8)") }
        }
        try queue.close()
        let store = try SQLiteJobStore(in: StateDirectory(sandbox.state))
        for (now, ids) in [(8999, ["a"]), (9000, [])] {
            let query = JobQuery(family: .rxNormInference)
            let jobs = try await store.jobs(query, limit: 9, now: Timestamp(milliseconds: Int64(now)))
            #expect(jobs.map(\.key.id) == ids)
        }
        #expect(try await store.pool.read { try SQLiteJobStore.migrator.hasCompletedMigrations($0) })
    }

    @Test("A database of a newer version is refused with its path and a remedy, and not changed")
    func newer() async throws {
        do {
            let store = try SQLiteJobStore(in: StateDirectory(sandbox.state))
            try await store.pool.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('999')") }
        }
        let error = try #require(refusal())
        #expect(error.code == .newer)
        #expect(error.message.contains("state/jobline.sqlite was written by a newer version"))
        #expect(sandbox.exists("state/jobline.sqlite"))
    }

    @Test("A database of another program is refused")
    func foreign() throws {
        _ = try StateDirectory(sandbox.state)
        let queue = try DatabaseQueue(path: sandbox.state.appending("jobline.sqlite").string)
        try queue.write { try $0.execute(sql: "CREATE TABLE invoice (id INTEGER)") }
        try queue.close()
        #expect(refusal()?.code == .foreign)
        #expect(
            try DatabaseQueue(path: sandbox.state.appending("jobline.sqlite").string).read {
                try $0.tableExists("invoice")
            })
    }

    @Test("A damaged database is refused and not changed", arguments: ["text", "header", "page", "truncated"])
    func damaged(_ kind: String) async throws {
        do {
            let store = try SQLiteJobStore(in: StateDirectory(sandbox.state))
            var job = newJob("large")
            job.request = String(repeating: "x", count: 500_000)
            _ = try await store.admit(job, AdmissionConditions())
            for number in 0..<10 { _ = try await store.admit(newJob("job-\(number)"), AdmissionConditions()) }
            store.close()
        }
        var bytes = try #require(sandbox.readBytes("state/jobline.sqlite"))
        switch kind {
        case "text": bytes = Array("once upon a time\n".utf8) + Array(repeating: 0x20, count: 4096)
        case "header": bytes.replaceSubrange(0..<16, with: Array(repeating: 0, count: 16))
        case "page":
            // Every page but the first, so that those with jobs are damaged.
            for page in 1..<(bytes.count / 4096) {
                bytes.replaceSubrange((page * 4096)..<(page * 4096 + 512), with: Array(repeating: 0xA5, count: 512))
            }
        default: bytes.removeLast(bytes.count / 2)
        }
        try sandbox.write(bytes, to: "state/jobline.sqlite")
        let error = try #require(refusal())
        #expect(error.code == .damaged)
        #expect(error.message.contains("state/jobline.sqlite is damaged: restore it"))
        #expect(sandbox.readBytes("state/jobline.sqlite") == bytes)
    }

    @Test("An emptied database is refused", arguments: [true, false])
    func emptied(_ hasLog: Bool) async throws {
        do {
            let state = try StateDirectory(sandbox.state)
            let store = try SQLiteJobStore(in: state)
            _ = try store.pageTokenKey()
            _ = try await store.admit(newJob("a"), AdmissionConditions())
            if hasLog { try sandbox.write(#require(sandbox.readBytes("state/jobline.sqlite-wal")), to: "log") }
            // Closed explicitly: the deinitializer could write to the emptied file.
            store.close()
        }
        try sandbox.write("", to: "state/jobline.sqlite")
        if let log = sandbox.readBytes("log") { try sandbox.write(log, to: "state/jobline.sqlite-wal") }
        #expect(refusal()?.code == .damaged)
        #expect(sandbox.readBytes("state/jobline.sqlite-wal") == sandbox.readBytes("log"))
    }

    @Test("A pipe in place of the database is refused without blocking")
    func pipes() throws {
        let state = try StateDirectory(sandbox.state)
        _ = try sandbox.pipe("state/page-token.key")
        #expect(throws: StateError.self) { try PageTokens.key(in: state.pageTokenKey) }
        _ = try sandbox.pipe("state/jobline.sqlite")
        #expect(throws: StateError.self) { try SQLiteJobStore(in: state) }
    }

    @Test("A read-only database is refused", .enabled(if: geteuid() != 0))
    func readOnly() throws {
        _ = try SQLiteJobStore(in: StateDirectory(sandbox.state))
        chmod(sandbox.state.appending("jobline.sqlite").string, 0o400)
        #expect(
            refusal()?.message.hasSuffix("jobline.sqlite cannot be read and written; check its owner and mode") == true)
    }

    @Test("Jobs are claimed in the order of arrival, whatever their submit time")
    func order() async throws {
        let store = try SQLiteJobStore(in: StateDirectory(sandbox.state))
        _ = try await store.admit(newJob("late", at: 9000), AdmissionConditions())
        _ = try await store.admit(newJob("early", at: 1000), AdmissionConditions())
        _ = try await store.admit(newJob("other", family: .matching), AdmissionConditions())
        let now = Timestamp(milliseconds: 10_000)
        #expect(try await store.claim(.rxNormInference, now: now)?.key.id == "late")
        let second = try #require(try await store.claim(.rxNormInference, now: now))
        #expect(second.key.id == "early")
        #expect(second.status.name == "IN_PROGRESS")
        #expect(second.started == now)
        #expect(try await store.claim(.rxNormInference, now: now) == nil)
    }

    @Test("A requeued job keeps its place")
    func requeue() async throws {
        let store = try SQLiteJobStore(in: StateDirectory(sandbox.state))
        for id in ["a", "b"] { _ = try await store.admit(newJob(id), AdmissionConditions()) }
        let now = Timestamp(milliseconds: 10_000)
        let key = try #require(try await store.claim(.rxNormInference, now: now)).key
        _ = try await store.recordExecutor(ProcessIdentity(pid: 7, start: 8, boot: "x"), of: key)
        let job = try #require(try await store.requeue(key, now: now))
        #expect(job.status.name == "SUBMITTED" && job.started == nil && job.executor == nil)
        #expect(try await store.claim(.rxNormInference, now: now)?.key == key)
    }

    @Test("Interrupted jobs are the claimed ones of one daemon")
    func interrupted() async throws {
        let store = try SQLiteJobStore(in: StateDirectory(sandbox.state))
        for id in ["a", "b"] { _ = try await store.admit(newJob(id), AdmissionConditions()) }
        let job = try #require(try await store.claim(.rxNormInference, now: Timestamp(milliseconds: 2000)))
        #expect(try store.interruptedJobs(of: store.daemon, in: .rxNormInference) == [job])
        #expect(try store.interruptedJobs(of: DaemonID(value: "another"), in: .rxNormInference).isEmpty)
    }

    @Test("A stop does not change a recorded outcome, and an outcome that a stop changes is not recorded")
    func stopAgainstEnd() async throws {
        let store = try SQLiteJobStore(in: StateDirectory(sandbox.state))
        let now = Timestamp(milliseconds: 10_000)
        for (event, changed, status) in [
            (JobEvent.failed, false, "FAILED"), (.succeeded, true, "COMPLETED"),
            (.partlySucceeded, true, "PARTIAL_SUCCESS"),
        ] {
            _ = try await store.admit(newJob(event.rawValue), AdmissionConditions())
            let job = try #require(try await store.claim(.rxNormInference, now: now))
            #expect(try await store.recordOutcome(JobOutcome(event), of: job))
            #expect(try await store.requestStop(job.key, now: now)?.changed == changed)
            #expect(try await store.finish(job.key, JobOutcome(event), now: now)?.status.name == status)
        }
        _ = try await store.admit(newJob("stopped first"), AdmissionConditions())
        let job = try #require(try await store.claim(.rxNormInference, now: now))
        #expect(try await store.requestStop(job.key, now: now)?.changed == true)
        #expect(try await store.recordOutcome(JobOutcome(.failed), of: job) == false)
        let current = try #require(try store.job(job.key, now: now))
        #expect(current.outcome == nil)
        #expect(try await store.recordOutcome(JobOutcome(.failed), of: current))
    }

    @Test("A job is ended once")
    func endsOnce() async throws {
        let store = try SQLiteJobStore(in: StateDirectory(sandbox.state))
        _ = try await store.admit(newJob("a"), AdmissionConditions())
        let key = try #require(try await store.claim(.rxNormInference, now: Timestamp(milliseconds: 2000))).key
        let first = try await store.finish(key, JobOutcome(.failed, message: "no"), now: Timestamp(milliseconds: 3000))
        let second = try await store.finish(key, JobOutcome(.succeeded), now: Timestamp(milliseconds: 4000))
        #expect(first?.status.name == "FAILED")
        #expect(second == first)
        #expect(second?.ended == Timestamp(milliseconds: 3000))
    }
}
