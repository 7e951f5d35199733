internal import LibC
internal import Synchronization

/// The way to end a running executor before its time.
final class ExecutorControl: Sendable {
    /// Why an executor is ended.
    enum Reason: Sendable, Hashable {
        /// A caller asked for the job to be stopped.
        case stop
        /// The executor did not end in time.
        case timeout
        /// The daemon ends.
        case shutdown
        /// The executor does not keep to its contract.
        case violation
    }

    private struct State {
        var reason: Reason?
        var hasEnded = false
    }

    private let state = Mutex(State())
    private let requests: AsyncStream<Void>
    private let request: AsyncStream<Void>.Continuation

    init() {
        (requests, request) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Asks for the executor to be ended. The first reason counts; after the executor's end nothing does.
    func end(_ reason: Reason) {
        state.withLock { state in
            guard !state.hasEnded, state.reason == nil else { return }
            state.reason = reason
        }
        request.yield()
    }

    /// Why the executor was or is to be ended, if it was.
    var reason: Reason? { state.withLock { $0.reason } }

    /// Takes the executor's end.
    ///
    /// - Returns: Why it was ended, or nil if it ended by itself.
    func hasEnded() -> Reason? {
        state.withLock { state in
            state.hasEnded = true
            return state.reason
        }
    }

    /// Waits until the end is asked for.
    func whenAsked() async {
        for await _ in requests { return }
    }

    /// Waits until the end is asked for, and then ends a process group: SIGTERM, and SIGKILL after the grace period.
    ///
    /// To be cancelled when the leader of the group has ended; it may not be reaped before that.
    func endGroup(_ group: Int32, grace: Duration) async {
        for await _ in requests {
            guard !Task.isCancelled else { return }
            kill(-group, SIGTERM)
            do {
                try await SystemClock.sleep(for: grace)
            } catch {
                return
            }
            kill(-group, SIGKILL)
            return
        }
    }
}
