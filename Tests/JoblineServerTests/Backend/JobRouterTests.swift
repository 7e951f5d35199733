import JoblineBackend
import JoblineProtocol
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct JobRouterTests {
    /// Source whose snapshots name the source, and whose calls are recorded.
    private final class Source: JobSource {
        let name: String
        let partner: Meeting?
        private let state = Mutex<(questions: [[String]], observers: [@Sendable (JobReference) -> Void])>(([], []))

        init(_ name: String, partner: Meeting? = nil) {
            self.name = name
            self.partner = partner
        }

        var questions: [[String]] { state.withLock(\.questions) }

        func change(_ job: JobReference) { for observer in state.withLock(\.observers) { observer(job) } }

        func snapshots(of jobs: [JobReference]) async throws -> [JobSnapshot] {
            state.withLock { $0.questions.append(jobs.map(\.id)) }
            await partner?.arrive()
            return jobs.map { JobSnapshot(state: .running, workflows: ["\(name) \($0.id)"]) }
        }

        func observe(_ observer: @escaping @Sendable (JobReference) -> Void) {
            state.withLock { $0.observers.append(observer) }
        }

        func log(of job: JobReference) async throws -> JobLog? { JobLog(text: name, isTruncated: false) }
    }

    /// Point that two tasks pass only together.
    private final class Meeting: Sendable {
        private let waiting = Mutex<CheckedContinuation<Void, Never>?>(nil)

        func arrive() async {
            await withCheckedContinuation { continuation in
                let other = waiting.withLock { waiting in
                    defer { waiting = waiting == nil ? continuation : nil }
                    return waiting
                }
                guard let other else { return }
                other.resume()
                continuation.resume()
            }
        }
    }

    private static func route(_ family: JobFamily) -> Int { family.service == .entityResolution ? 1 : 0 }

    private static let jobs = [
        JobReference(.matching, "m1", workflow: "w"), JobReference(.phiDetection, "p1"),
        JobReference(.batchSegment, "s1"), JobReference(.idMapping, "i1", workflow: "w"),
    ]

    @Test("Each source is asked once and concurrently, and snapshots keep the order of the question")
    func snapshots() async throws {
        let meeting = Meeting()
        let sources = [Source("a", partner: meeting), Source("b", partner: meeting)]
        let router = JobRouter(sources, route: Self.route)
        let snapshots = try await router.snapshots(of: Self.jobs)
        #expect(snapshots.flatMap(\.workflows) == ["b m1", "a p1", "a s1", "b i1"])
        #expect(sources.map(\.questions) == [[["p1", "s1"]], [["m1", "i1"]]])
    }

    @Test("A source without jobs in the question is not asked")
    func unasked() async throws {
        let sources = [Source("a"), Source("b")]
        let router = JobRouter(sources, route: Self.route)
        _ = try await router.snapshots(of: [Self.jobs[1]])
        #expect(sources[1].questions.isEmpty)
    }

    @Test("An observer is told the changes of all sources, and logs come from the source of the family")
    func observers() async throws {
        let sources = [Source("a"), Source("b")]
        let router = JobRouter(sources, route: Self.route)
        let changes = Mutex<[String]>([])
        router.observe { job in changes.withLock { $0.append(job.id) } }
        sources[0].change(Self.jobs[1])
        sources[1].change(Self.jobs[0])
        #expect(changes.withLock(\.self) == ["p1", "m1"])
        #expect(try await router.log(of: Self.jobs[0])?.text == "b")
    }
}
