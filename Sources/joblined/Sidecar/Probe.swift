internal import Synchronization

/// Asks what may never answer, and waits for it only so long.
///
/// One question is under way at a time; whoever asks meanwhile waits for the same answer. So what hangs is asked once, however
/// many want to know.
final class Probe<Answer: Sendable>: Sendable {
    private struct Waiter {
        let continuation: CheckedContinuation<Answer?, Never>
        var timer: Task<Void, Never>?
    }

    private struct State {
        var waiters: [Int: Waiter] = [:]
        var count = 0
        var isAsking = false
    }

    private let patience: Duration
    private let sleep: @Sendable (Duration) async throws -> Void
    private let state = Mutex(State())

    /// - Parameters:
    ///   - patience: How long an answer is waited for.
    ///   - sleep: Passes the time.
    init(
        patience: Duration,
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        self.patience = patience
        self.sleep = sleep
    }

    /// How many wait for an answer.
    var waiting: Int { state.withLock(\.waiters.count) }

    /// The answer, or nil if it does not come in time.
    func ask(_ question: @escaping @Sendable () async -> Answer) async -> Answer? {
        await withCheckedContinuation { continuation in
            let (number, isFirst) = state.withLock { state in
                state.count += 1
                state.waiters[state.count] = Waiter(continuation: continuation)
                defer { state.isAsking = true }
                return (state.count, !state.isAsking)
            }
            if isFirst { Task { self.answered(await question()) } }
            setTimer(for: number)
        }
    }

    private func setTimer(for number: Int) {
        let timer = Task {
            // Cancelled where the answer was first.
            guard (try? await sleep(patience)) != nil else { return }
            let waiter = state.withLock { $0.waiters.removeValue(forKey: number) }
            waiter?.continuation.resume(returning: nil)
        }
        let isWaiting = state.withLock { state in
            state.waiters[number]?.timer = timer
            return state.waiters[number] != nil
        }
        if !isWaiting { timer.cancel() }
    }

    private func answered(_ answer: Answer) {
        let waiters = state.withLock { state in
            state.isAsking = false
            defer { state.waiters = [:] }
            return state.waiters.values
        }
        for waiter in waiters {
            waiter.timer?.cancel()
            waiter.continuation.resume(returning: answer)
        }
    }
}
