internal import Jobline
internal import Synchronization

/// Queue of steps from a test to a running job.
final class Mailbox: Sendable {
    enum Action: Sendable {
        /// A line of the executor contract.
        case report(String)
        case write(String, name: String)
        case end(Ending)
    }

    enum Ending: Sendable {
        /// Output files to write, by name.
        case succeeded([String: String])
        /// Reasons of unprocessed input files, by name; empty leaves out the last file.
        case partial([String: String])
        case failed(String)
    }

    struct Step: Sendable {
        let action: Action
        let done: @Sendable (TestServerError?) -> Void
    }

    private struct State {
        var steps: [Step] = []
        var isClosed = false
    }

    private let state = Mutex(State())
    private let wakes: AsyncStream<Void>
    private let wakeUp: AsyncStream<Void>.Continuation

    init() { (wakes, wakeUp) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }

    /// Enqueues an action and waits until it is done.
    ///
    /// - Returns: Error of the action; nil if it succeeded.
    func perform(_ action: Action) async -> TestServerError? {
        await withCheckedContinuation { continuation in
            let isClosed = state.withLock { state in
                if !state.isClosed { state.steps.append(Step(action: action) { continuation.resume(returning: $0) }) }
                return state.isClosed
            }
            if isClosed { continuation.resume(returning: Self.over) } else { wakeUp.yield() }
        }
    }

    /// Returns the next step, or nil once the task is cancelled.
    func next() async -> Step? {
        while true {
            if Task.isCancelled { return nil }
            if let step = state.withLock({ $0.steps.isEmpty ? nil : $0.steps.removeFirst() }) { return step }
            var iterator = wakes.makeAsyncIterator()
            guard await iterator.next() != nil else { return nil }
        }
    }

    /// Closes the mailbox and fails all queued steps.
    func close() {
        let steps = state.withLock { state in
            state.isClosed = true
            defer { state.steps = [] }
            return state.steps
        }
        for step in steps { step.done(Self.over) }
    }

    private static let over = TestServerError(.jobState, "the job is no longer running")
}
