import Dispatch
import GRDB
import JoblineBackend
import JoblineProtocol
import Synchronization
import SystemPackage
import Testing

@testable import JoblineEmbedded

@Suite("Group commit", .timeLimit(.minutes(1)))
struct GroupCommitTests {
    private let sandbox: Sandbox
    private let commits = CommitCounter()

    init() throws { sandbox = try Sandbox() }

    private func open(_ limits: GroupCommit.Limits = .init()) throws -> SQLiteJobStore {
        let store = try SQLiteJobStore(in: StateDirectory(sandbox.state), limits: limits)
        store.pool.add(transactionObserver: commits)
        return store
    }

    private func newJob(_ id: String, token: String? = nil, fingerprint: String? = nil) -> NewJob {
        NewJob(
            key: JobReference(.rxNormInference, id), token: token, fingerprint: fingerprint,
            submitted: Timestamp(milliseconds: 1000), request: "{}", output: "s3://results/\(id)/")
    }

    private func ids(_ store: SQLiteJobStore) async throws -> [String] {
        try await store.pool.read { db in try String.fetchAll(db, sql: "SELECT id FROM job ORDER BY number") }
    }

    @Test("Writes that arrive during a commit share the next one, and each has its own outcome")
    func shared() async throws {
        let store = try open()
        _ = try await store.admit(newJob("first", token: "taken", fingerprint: "one"), AdmissionConditions())
        commits.reset()
        let outcomes = try await store.holdingCommit(until: 64) {
            try await withThrowingTaskGroup(of: (Int, AdmissionOutcome?).self) { group in
                for number in 0..<64 {
                    group.addTask {
                        switch number % 4 {
                        case 0:
                            let job = self.newJob("job-\(number)", token: "taken", fingerprint: "two")
                            return (number, try await store.admit(job, AdmissionConditions()))
                        case 1:
                            var admission = AdmissionConditions()
                            admission.maximumOpen = 1
                            return (number, try await store.admit(self.newJob("job-\(number)"), admission))
                        case 2:
                            // The duplicate id is only found by the insert.
                            return (number, try? await store.admit(self.newJob("first"), AdmissionConditions()))
                        default:
                            return (number, try await store.admit(self.newJob("job-\(number)"), AdmissionConditions()))
                        }
                    }
                }
                return try await group.reduce(into: [:]) { $0[$1.0] = .some($1.1) }
            }
        }
        for number in 0..<64 {
            let expected: AdmissionOutcome? = [.tokenTaken, .quotaReached, nil, .admitted][number % 4]
            #expect(outcomes[number] == .some(expected), "write \(number)")
        }
        let kept = Set(["first"] + (0..<64).filter { $0 % 4 == 3 }.map { "job-\($0)" })
        let found = try await ids(store)
        #expect(Set(found) == kept && found.count == kept.count)
        // The open commit, and one for all writes that waited for it.
        #expect(commits.count == 2)
    }

    @Test("A write that throws is rolled back alone")
    func throwing() async throws {
        let store = try open()
        _ = try await store.admit(newJob("old"), AdmissionConditions())
        try await store.holdingCommit(until: 3) {
            try await withThrowingTaskGroup { group in
                group.addTask { _ = try await store.admit(self.newJob("one"), AdmissionConditions()) }
                group.addTask {
                    await #expect(throws: CancellationError.self) {
                        try await store.commits.write { db in
                            try db.execute(sql: "DELETE FROM job WHERE id = 'old'")
                            throw CancellationError()
                        }
                    }
                }
                group.addTask { _ = try await store.admit(self.newJob("two"), AdmissionConditions()) }
                try await group.waitForAll()
            }
        }
        #expect(Set(try await ids(store)) == ["old", "one", "two"])
    }

    @Test("Concurrent copies of a request create one job, and all get its id")
    func idempotent() async throws {
        let store = try open()
        let outcomes = try await store.holdingCommit(until: 50) {
            try await withThrowingTaskGroup(of: AdmissionOutcome.self) { group in
                for number in 0..<50 {
                    let job = self.newJob("job-\(number)", token: "token", fingerprint: "same")
                    group.addTask { try await store.admit(job, AdmissionConditions()) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
        }
        let kept = try await ids(store)
        #expect(kept.count == 1)
        #expect(outcomes.count { $0 == .admitted } == 1)
        #expect(outcomes.count { $0 == .repeated(id: kept[0]) } == 49)
    }

    @Test("A quota is enforced within a commit")
    func quota() async throws {
        let store = try open()
        let outcomes = try await store.holdingCommit(until: 20) {
            try await withThrowingTaskGroup(of: AdmissionOutcome.self) { group in
                for number in 0..<20 {
                    group.addTask {
                        var admission = AdmissionConditions()
                        admission.maximumOpen = 5
                        return try await store.admit(self.newJob("job-\(number)"), admission)
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
        }
        #expect(outcomes.count { $0 == .admitted } == 5)
        #expect(outcomes.count { $0 == .quotaReached } == 15)
        #expect(try await ids(store).count == 5)
    }

    @Test("Writes are performed in the order of arrival, within the limit of a commit")
    func order() async throws {
        var limits = GroupCommit.Limits()
        limits.writes = 3
        let store = try open(limits)
        let writes = Mutex<[Task<AdmissionOutcome, any Error>]>([])
        try await store.holdingCommit(until: 8) {
            for number in 0..<8 {
                while store.commits.waiting < number { await Task.yield() }
                let job = self.newJob("job-\(number)")
                let write = Task { try await store.admit(job, AdmissionConditions()) }
                writes.withLock { $0.append(write) }
            }
        }
        for write in writes.withLock({ $0 }) { #expect(try await write.value == .admitted) }
        #expect(try await ids(store) == (0..<8).map { "job-\($0)" })
        #expect(commits.count == 4)
    }

    @Test("A single write is committed at once")
    func alone() async throws {
        let store = try open()
        for number in 0..<3 { _ = try await store.admit(newJob("job-\(number)"), AdmissionConditions()) }
        #expect(commits.count == 3)
    }

    @Test("The commit after a shared one is delayed, and includes writes that arrive meanwhile")
    func paced() async throws {
        let store = try open()
        var limits = GroupCommit.Limits()
        limits.interval = .seconds(60)
        let (held, goOn) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let group = GroupCommit(store.pool, limits: limits) { rest in
            #expect(rest > .zero && rest <= .seconds(60))
            held.signal()
            goOn.wait()
        }
        let write: @Sendable (String) async throws -> Void = { id in
            try await group.write { try $0.execute(sql: "UPDATE job SET message = ?", arguments: [id]) }
        }
        // The first write is alone, the next two share a commit, and the others wait for the one after it.
        let (begun, end) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        async let first: Void = group.write { _ in
            begun.signal()
            end.wait()
        }
        try await blocking { begun.wait() }
        async let two: Void = write("two")
        async let three: Void = write("three")
        while group.waiting < 2 { await Task.yield() }
        end.signal()
        _ = try await (first, two, three)
        async let four: Void = write("four")
        try await blocking { held.wait() }
        async let five: Void = write("five")
        while group.waiting < 2 { await Task.yield() }
        #expect(group.counts.commits == 2)
        goOn.signal()
        _ = try await (four, five)
        #expect(group.counts.commits == 3 && group.counts.writes == 5)
    }

    @Test("Another connection reads an acknowledged write")
    func acknowledged() async throws {
        let store = try open()
        let other = try DatabaseQueue(path: sandbox.state.appending("jobline.sqlite").string)
        try await withThrowingTaskGroup { group in
            for number in 0..<64 {
                group.addTask {
                    let id = "job-\(number)"
                    _ = try await store.admit(self.newJob(id), AdmissionConditions())
                    let count = try await other.read { db in
                        try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM job WHERE id = ?", arguments: [id])
                    }
                    #expect(count == 1)
                }
            }
            try await group.waitForAll()
        }
    }

    @Test("A write that is cancelled while it waits changes nothing")
    func cancelled() async throws {
        let store = try open()
        try await store.holdingCommit(until: 2) {
            let write = Task { try await store.admit(self.newJob("cancelled"), AdmissionConditions()) }
            while store.commits.waiting < 1 { await Task.yield() }
            write.cancel()
            await #expect(throws: CancellationError.self) { try await write.value }
            #expect(store.commits.waiting == 0)
            // The open commit waits for both.
            async let one = store.admit(self.newJob("one"), AdmissionConditions())
            async let two = store.admit(self.newJob("two"), AdmissionConditions())
            _ = try await (one, two)
        }
        #expect(Set(try await ids(store)) == ["one", "two"])
    }

    @Test("A write of a cancelled caller does not begin")
    func cancelledBefore() async throws {
        let store = try open()
        let write = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await store.admit(self.newJob("late"), AdmissionConditions())
        }
        await #expect(throws: CancellationError.self) { try await write.value }
        #expect(try await ids(store).isEmpty)
    }

    @Test("A write that has begun is completed, cancelled or not")
    func begun() async throws {
        let store = try open()
        let (begun, goOn) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let write = Task {
            try await store.commits.write { _ in
                begun.signal()
                goOn.wait()
                return 7
            }
        }
        try await blocking { begun.wait() }
        write.cancel()
        goOn.signal()
        #expect(try await write.value == 7)
    }

    @Test("Callers are refused as not processed while too many writes wait; the queue is not refused")
    func full() async throws {
        var limits = GroupCommit.Limits()
        limits.waiting = 2
        let store = try open(limits)
        let key = JobReference(.rxNormInference, "job-0")
        try await store.holdingCommit(until: 3) {
            try await withThrowingTaskGroup { group in
                for number in 0..<2 {
                    group.addTask { _ = try await store.admit(self.newJob("job-\(number)"), AdmissionConditions()) }
                }
                while store.commits.waiting < 2 { await Task.yield() }
                let error = await #expect(throws: ServiceError.self) {
                    try await store.admit(self.newJob("refused"), AdmissionConditions())
                }
                #expect(error?.code == .unavailable && error?.processed == false)
                group.addTask { _ = try await store.requeue(key, now: Timestamp(milliseconds: 1000)) }
                try await group.waitForAll()
            }
        }
        #expect(Set(try await ids(store)) == ["job-0", "job-1"])
    }
}
