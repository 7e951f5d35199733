internal import Synchronization

/// Single flight with a timeout, for questions that may never be answered.
///
/// One question is in flight at a time, and all callers share its answer. A question that hangs is asked once, whatever the
/// number of callers.
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

    private let timeout: Duration
    private let sleep: @Sendable (Duration) async throws -> Void
    private let state = Mutex(State())

    /// - Parameters:
    ///   - timeout: Timeout of each caller.
    ///   - sleep: Sleeps for a duration.
    init(
        timeout: Duration,
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        self.timeout = timeout
        self.sleep = sleep
    }

    /// Number of callers that wait for an answer.
    var waiting: Int { state.withLock(\.waiters.count) }

    /// Asks the question, or joins the one in flight.
    ///
    /// - Returns: The answer; nil after the timeout.
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
            // Cancelled if the answer came first.
            guard (try? await sleep(timeout)) != nil else { return }
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
