import Synchronization
import Testing

@testable import joblined

@Suite("Probe", .timeLimit(.minutes(1)))
struct ProbeTests {
    /// Clock controlled by the test.
    private let times: AsyncStream<Void>
    private let passes: AsyncStream<Void>.Continuation

    init() { (times, passes) = AsyncStream<Void>.makeStream() }

    private func probe() -> Probe<Int> {
        let times = times
        return Probe(timeout: .seconds(1)) { _ in
            for await _ in times { return }
            throw CancellationError()
        }
    }

    @Test("Concurrent callers share one check")
    func shared() async {
        let probe = probe()
        let (answers, answer) = AsyncStream<Int>.makeStream()
        let questions = Counter()
        await withTaskGroup(of: Int?.self) { group in
            for number in 1...5 {
                group.addTask {
                    await probe.ask {
                        questions.count()
                        for await value in answers { return value }
                        return 0
                    }
                }
                while probe.waiting < number { await Task.yield() }
            }
            answer.yield(7)
            for await value in group { #expect(value == 7) }
        }
        #expect(questions.value == 1)
        let next = await probe.ask { 8 }
        #expect(next == 8)
    }

    @Test("A hanging check is abandoned after its timeout, and not repeated before it ends")
    func silent() async {
        let probe = probe()
        let (answers, answer) = AsyncStream<Int>.makeStream()
        let questions = Counter()
        func ask() async -> Int? {
            await probe.ask {
                questions.count()
                for await value in answers { return value }
                return 0
            }
        }
        for _ in 1...3 {
            passes.yield()
            #expect(await ask() == nil)
        }
        #expect(questions.value == 1)
        #expect(probe.waiting == 0)
        async let late = ask()
        while probe.waiting == 0 { await Task.yield() }
        answer.yield(7)
        #expect(await late == 7)
        #expect(questions.value == 1)
    }

    private final class Counter: Sendable {
        private let number = Atomic(0)

        var value: Int { number.load(ordering: .relaxed) }
        func count() { number.wrappingAdd(1, ordering: .relaxed) }
    }
}
