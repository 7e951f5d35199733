import JoblineBackend
import JoblineProtocol
import Testing

@testable import JoblineServer

/// Tests reads and notifications of watches.
@Suite struct WatchTableTests {
    private typealias Number = WatchTable.WatchNumber

    private static func open(
        _ table: inout WatchTable, _ ids: [String], lane: Int = 1, endsWithJobs: Bool = false
    ) -> Number {
        table.open(ids.map(ScriptedJobs.job), lane: lane, endsWithJobs: endsWithJobs)
    }

    private static func text(_ step: WatchTable.Step) -> String {
        switch step {
        case .tell(let news): news.map { "\($0.index) \($0.finding.snapshot.state.rawValue)" }.joined(separator: ", ")
        case .end: "end"
        case .fail(let error): "fail \(error)"
        case .wait: "wait"
        }
    }

    private static func ids(_ read: WatchTable.Read?) -> [String] { read?.jobs.map(\.id) ?? [] }

    /// Reads all that is due, with each job in one state.
    private static func read(_ table: inout WatchTable, _ state: Sidecar.JobState) -> Set<Number> {
        var woken: Set<Number> = []
        while let read = table.nextRead() {
            woken.formUnion(table.ended(read, .success(read.jobs.map { _ in JobSnapshot(state: state) })))
        }
        return woken
    }

    /// Returns the jobs of the next read; nil if there is none.
    private static func next(_ table: inout WatchTable) throws -> WatchTable.Read {
        let read = table.nextRead()
        return try #require(read)
    }

    private struct Broken: Error, CustomStringConvertible { var description: String { "broken" } }

    @Test("A watch reports each of its jobs once, and again after a change")
    func changes() {
        var table = WatchTable()
        let watch = Self.open(&table, ["a", "b"])
        var steps = [Self.text(table.next(watch))]
        var woken = Self.read(&table, .queued)
        #expect(woken == [watch])
        steps += [Self.text(table.next(watch)), Self.text(table.next(watch))]
        table.changed(ScriptedJobs.job("b"))
        table.changed(ScriptedJobs.job("c"))
        woken = Self.read(&table, .running)
        #expect(woken == [watch])
        steps.append(Self.text(table.next(watch)))
        #expect(steps == ["wait", "0 queued, 1 queued", "wait", "1 running"])
    }

    @Test("An unchanged snapshot is not reported again")
    func unchanged() {
        var table = WatchTable()
        let watch = Self.open(&table, ["a"])
        _ = table.next(watch)
        _ = Self.read(&table, .running)
        _ = (table.next(watch), table.next(watch))
        table.changed(ScriptedJobs.job("a"))
        let woken = Self.read(&table, .running)
        #expect(woken == [])
    }

    @Test("A read that began before a change is followed by one that begins after it")
    func orderingTrap() throws {
        var table = WatchTable()
        let watch = Self.open(&table, ["a"])
        _ = table.next(watch)
        let early = try Self.next(&table)
        table.changed(ScriptedJobs.job("a"))
        let meanwhile = Self.ids(table.nextRead())
        #expect(meanwhile == [])
        _ = table.ended(early, .success([JobSnapshot(state: .queued)]))
        var steps = [Self.text(table.next(watch)), Self.text(table.next(watch))]
        _ = Self.read(&table, .running)
        steps.append(Self.text(table.next(watch)))
        #expect(steps == ["0 queued", "wait", "0 running"])
    }

    @Test(
        "Two watches read a job concurrently: the earlier read can end last, and each watch keeps its own order"
    )
    func twoReads() throws {
        var table = WatchTable()
        let first = Self.open(&table, ["a"], lane: 1)
        _ = table.next(first)
        let early = try Self.next(&table)
        table.changed(ScriptedJobs.job("a"))
        let second = Self.open(&table, ["a"], lane: 2)
        _ = table.next(second)
        let late = try Self.next(&table)
        _ = table.ended(late, .success([JobSnapshot(state: .running)]))
        _ = table.ended(early, .success([JobSnapshot(state: .queued)]))
        var steps = [Self.text(table.next(second)), Self.text(table.next(first)), Self.text(table.next(first))]
        _ = Self.read(&table, .running)
        steps += [Self.text(table.next(first)), Self.text(table.next(second))]
        #expect(steps == ["0 running", "0 queued", "wait", "0 running", "wait"])
    }

    @Test("While a watch sends, changes are marked and nothing is read; then the last state is read")
    func slowReader() throws {
        var table = WatchTable()
        let watch = Self.open(&table, ["a", "b"])
        _ = table.next(watch)
        _ = Self.read(&table, .queued)
        _ = table.next(watch)
        for _ in 0..<1000 { table.changed(ScriptedJobs.job("a")) }
        let idle = table.nextRead()
        #expect(idle == nil)
        _ = table.next(watch)
        let read = try Self.next(&table)
        #expect(Self.ids(read) == ["a"])
        let woken = table.ended(read, .success([JobSnapshot(state: .succeeded)]))
        #expect(woken == [watch])
        let step = Self.text(table.next(watch))
        #expect(step == "0 succeeded")
    }

    @Test("A job in a thousand watches is read once for all of them")
    func sharing() {
        var table = WatchTable()
        let watches = (0..<1000).map { Self.open(&table, ["a"], lane: $0) }
        for watch in watches { _ = table.next(watch) }
        let first = Self.ids(table.nextRead())
        #expect(first == ["a"])
        let second = Self.ids(table.nextRead())
        #expect(second == [])
    }

    @Test("Connections take turns, and the jobs of a read and the concurrent reads are limited")
    func turns() throws {
        var table = WatchTable()
        let many = Self.open(&table, (0..<300).map { "m\($0)" }, lane: 1)
        let few = Self.open(&table, ["f"], lane: 2)
        _ = (table.next(many), table.next(few))
        let first = try Self.next(&table)
        #expect(Self.ids(first).prefix(3) == ["m0", "f", "m1"])
        #expect(first.jobs.count == WatchTable.jobsPerRound + 1)
        let others = (0..<WatchTable.readsAtOnce).map { Self.open(&table, ["o\($0)"], lane: 3 + $0) }
        _ = table.next(others[0])
        let second = table.nextRead()
        #expect(Self.ids(second) == ["o0"])
        _ = table.next(others[1])
        let third = table.nextRead()
        #expect(third == nil)
        _ = table.ended(first, .success(first.jobs.map { _ in .gone }))
        let freed = table.nextRead()
        #expect(Self.ids(freed) == ["o1"])
    }

    @Test("A watch of many jobs reads them in rounds, and reports each")
    func rounds() {
        var table = WatchTable()
        let watch = Self.open(&table, (0..<1000).map(String.init))
        var told: [Int] = []
        while told.count < 1000 {
            switch table.next(watch) {
            case .tell(let news):
                #expect(news.count <= WatchTable.jobsPerRound)
                told += news.map(\.index)
            case .wait:
                let woken = Self.read(&table, .running)
                #expect(woken == [watch])
            case .end, .fail: Issue.record("the watch ended")
            }
        }
        #expect(told.sorted() == Array(0..<1000))
    }

    @Test("A watch until the end reads no ended job, and ends after it has reported the last one")
    func untilTerminal() {
        var table = WatchTable()
        let watch = Self.open(&table, ["a", "b"], endsWithJobs: true)
        _ = table.next(watch)
        _ = Self.read(&table, .running)
        var steps = [Self.text(table.next(watch)), Self.text(table.next(watch))]
        table.changed(ScriptedJobs.job("a"))
        _ = Self.read(&table, .failed)
        steps += [Self.text(table.next(watch)), Self.text(table.next(watch))]
        table.changed(ScriptedJobs.job("a"))
        let again = table.nextRead()
        #expect(again == nil)
        table.changed(ScriptedJobs.job("b"))
        _ = Self.read(&table, .gone)
        steps += [Self.text(table.next(watch)), Self.text(table.next(watch))]
        #expect(steps == ["0 running, 1 running", "wait", "0 failed", "wait", "1 gone", "end"])
    }

    @Test("A job ends once, even if it changes during the read")
    func endsOnce() throws {
        var table = WatchTable()
        let watch = Self.open(&table, ["a", "b"], endsWithJobs: true)
        _ = table.next(watch)
        let read = try Self.next(&table)
        table.changed(ScriptedJobs.job("a"))
        _ = table.ended(read, .success([JobSnapshot(state: .succeeded), JobSnapshot(state: .running)]))
        let steps = [Self.text(table.next(watch)), Self.text(table.next(watch))]
        #expect(steps == ["0 succeeded, 1 running", "wait"])
        let next = table.nextRead()
        #expect(next == nil)
    }

    @Test("A job is not found under another workflow than its own, by name or ARN")
    func workflows() {
        var table = WatchTable()
        let jobs = ["w", "arn:w", "v"].map { JobReference(.matching, "a", workflow: $0) }
        let watches = jobs.map { table.open([$0], lane: 1, endsWithJobs: false) }
        for watch in watches { _ = table.next(watch) }
        while let read = table.nextRead() {
            let snapshot = JobSnapshot(state: .running, workflows: ["w", "arn:w"])
            _ = table.ended(read, .success(read.jobs.map { _ in snapshot }))
        }
        let steps = watches.map { Self.text(table.next($0)) }
        #expect(steps == ["0 running", "0 running", "0 gone"])
    }

    @Test(
        "Watches that name the workflow differently are each asked with their own name, and a change marks all of them")
    func workflowNames() throws {
        var table = WatchTable()
        let jobs = ["w", "arn:w", "w"].map { JobReference(.matching, "a", workflow: $0) }
        let watches = jobs.map { table.open([$0], lane: 1, endsWithJobs: false) }
        // Finds the job by each name of its workflow, as the real service does, and not without one.
        func read(_ state: Sidecar.JobState) throws -> [String?] {
            let read = try Self.next(&table)
            let snapshots = read.jobs.map { job in
                job.workflow == nil ? .gone : JobSnapshot(state: state, workflows: ["w", "arn:w"])
            }
            _ = table.ended(read, .success(snapshots))
            return read.jobs.map(\.workflow)
        }
        for watch in watches { _ = table.next(watch) }
        let first = try read(.queued)
        #expect(first == ["w", "arn:w"])
        var steps = watches.map { Self.text(table.next($0)) }
        for watch in watches { _ = table.next(watch) }
        // The change has no workflow.
        table.changed(JobReference(.matching, "a"))
        let second = try read(.running)
        #expect(Set(second) == ["w", "arn:w"])
        steps += watches.map { Self.text(table.next($0)) }
        #expect(steps == ["0 queued", "0 queued", "0 queued", "0 running", "0 running", "0 running"])
        for watch in watches { table.close(watch) }
        let isEmpty = table.isEmpty
        #expect(isEmpty)
    }

    @Test("A failed read ends the watches that asked for it, and no others")
    func failure() throws {
        var table = WatchTable()
        let other = Self.open(&table, ["b"])
        _ = table.next(other)
        _ = Self.read(&table, .running)
        let watch = Self.open(&table, ["a"])
        _ = table.next(watch)
        let read = try Self.next(&table)
        let woken = table.ended(read, .failure(Broken()))
        #expect(woken == [watch])
        let steps = [Self.text(table.next(watch)), Self.text(table.next(other))]
        #expect(steps == ["fail broken", "0 running"])
    }

    @Test("Closed watches leave nothing behind, in the queue or in a read")
    func leftovers() throws {
        var table = WatchTable()
        let queued = Self.open(&table, ["a", "b"])
        _ = table.next(queued)
        table.close(queued)
        let forgotten = table.nextRead()
        #expect(forgotten == nil)
        let reading = Self.open(&table, ["a", "c"])
        _ = table.next(reading)
        let read = try Self.next(&table)
        table.close(reading)
        let woken = table.ended(read, .success([.gone, .gone]))
        #expect(woken == [])
        let isEmpty = table.isEmpty
        #expect(isEmpty)
    }
}
