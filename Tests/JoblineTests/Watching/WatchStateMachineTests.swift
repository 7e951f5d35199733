import JoblineProtocol
import Testing

@testable import Jobline

@Suite("Watch state machine")
struct WatchStateMachineTests {
    /// Drives a machine and writes down what the consumer is given. A waiter is a number.
    final class Story {
        private var machine: WatchStateMachine<Int>
        private var waiters = 0

        init(_ ids: [String], until: WatchEnd? = .terminal) {
            machine = WatchStateMachine(ids.map { JobReference(family: .rxNormInference, id: $0) }, until: until)
        }

        func changed(_ id: String, _ state: JobState, progress: Double? = nil, watch: Int64 = 1) -> String {
            let change = Sidecar.JobChanged(
                service: "ComprehendMedical", family: .rxNormInference, id: id, state: state, watch: .integer(watch),
                progress: progress)
            return switch machine.changed(JobChange(change)) {
            case .none: "kept"
            case .deliver(let change, let waiter): "to \(waiter): \(Self.show(change))"
            }
        }

        func next() -> String {
            waiters += 1
            return switch machine.next(waiters) {
            case .deliver(let change): Self.show(change)
            case .end(let failure): failure?.message ?? "end"
            case .wait: "wait"
            }
        }

        func ended(_ failure: String? = nil) -> String {
            switch machine.ended(failure.map { CallFailure(.lost, $0, written: true) }) {
            case .none: "none"
            case .end(let failure, let waiter, let endsOthers):
                "\(waiter.map(String.init) ?? "nobody"): \(failure?.message ?? "end")\(endsOthers ? ", all" : "")"
            }
        }

        func cancelled() -> String {
            switch machine.cancelled() {
            case .none: "none"
            case .cancel(let waiter): "cancel for \(waiter.map(String.init) ?? "nobody")"
            }
        }

        func request(_ part: Int = 0) -> [String]? { machine.request(part)?.jobs.map(\.id) }
        var partCount: Int { machine.partCount }

        private static func show(_ change: JobChange) -> String {
            let job = change.job
            return "\(job.id) \(job.state.rawValue)" + (job.progress.map { " \($0)" } ?? "")
        }
    }

    @Test("A waiting consumer gets each change at once; a later one gets the buffered changes")
    func changes() {
        let story = Story(["a", "b"])
        #expect(story.next() == "wait")
        #expect(story.changed("a", .queued) == "to 1: a queued")
        #expect(story.changed("b", .running) == "kept")
        #expect(story.next() == "b running")
        #expect(story.next() == "wait")
    }

    @Test("A slow consumer gets the latest change of each job, in the order of the first changes")
    func coalesced() {
        let story = Story(["a", "b"])
        for step in 0..<100 {
            #expect(story.changed("b", .running, progress: Double(step) / 100) == "kept")
            #expect(story.changed("a", .running, progress: Double(step) / 200) == "kept")
        }
        #expect(story.changed("b", .succeeded) == "kept")
        #expect(story.next() == "b succeeded")
        #expect(story.next() == "a running 0.495")
        #expect(story.next() == "wait")
    }

    @Test("A change is delivered once, whichever request reports it")
    func repeated() {
        let story = Story(["a"])
        _ = story.changed("a", .queued)
        #expect(story.next() == "a queued")
        #expect(story.changed("a", .queued, watch: 2) == "kept")
        #expect(story.next() == "wait")
        #expect(story.changed("a", .queued) == "kept")
        #expect(story.changed("a", .running) == "to 2: a running")
        // The state changed and returned unobserved.
        for _ in 0..<10 {
            _ = story.changed("a", .running, progress: 0.5)
            _ = story.changed("a", .running)
        }
        #expect(story.next() == "wait")
    }

    @Test("Only jobs that have not ended are requested again")
    func request() {
        let story = Story(["a", "b", "a"])
        #expect(story.request() == ["a", "b"])
        _ = story.changed("a", .gone)
        #expect(story.request() == ["b"])
        _ = story.changed("b", .partial)
        #expect(story.request() == nil)
        let endless = Story(["a"], until: nil)
        _ = endless.changed("a", .failed)
        #expect(endless.request() == ["a"])
    }

    @Test("Thousands of jobs take several requests; the watch ends with the last one")
    func parts() {
        let story = Story((0..<2500).map(String.init))
        #expect(story.partCount == 3)
        #expect(story.request(2)?.count == 500)
        #expect(story.ended() == "none")
        #expect(story.ended() == "none")
        _ = story.changed("7", .succeeded)
        #expect(story.ended() == "nobody: end")
        #expect(story.next() == "7 succeeded")
        #expect(story.next() == "end")
    }

    @Test("A failure ends all requests; buffered changes come first, and the error once")
    func failure() {
        let story = Story((0..<1500).map(String.init))
        _ = story.changed("1", .running)
        #expect(story.ended("lost") == "nobody: lost, all")
        #expect(story.ended("lost") == "none")
        #expect(story.request() == nil)
        #expect(story.changed("1", .succeeded) == "kept")
        #expect(story.next() == "1 running")
        #expect(story.next() == "lost")
        #expect(story.next() == "end")
        let waiting = Story(["a"])
        _ = waiting.next()
        #expect(waiting.ended("lost") == "1: lost, all")
        #expect(waiting.next() == "end")
    }

    @Test("A cancelled consumer ends at once and gets nothing more")
    func cancelled() {
        let story = Story(["a", "b"])
        _ = story.changed("a", .running)
        #expect(story.cancelled() == "cancel for nobody")
        #expect(story.next() == "the task that made the call was cancelled")
        #expect(story.cancelled() == "none")
        let waiting = Story(["a"])
        _ = waiting.next()
        #expect(waiting.cancelled() == "cancel for 1")
        #expect(waiting.next() == "end")
    }

    @Test("A watch without jobs sends no request; changes of other jobs are ignored")
    func none() {
        let story = Story([])
        #expect(story.partCount == 0)
        #expect(story.next() == "end")
        let other = Story(["a"])
        #expect(other.changed("b", .running) == "kept")
        #expect(other.next() == "wait")
    }
}
