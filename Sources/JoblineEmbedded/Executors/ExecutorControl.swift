internal import Synchronization

/// Ends a running executor early.
final class ExecutorControl: Sendable {
    /// Reason for ending an executor.
    enum Reason: Sendable, Hashable {
        /// A caller stopped the job.
        case stop
        /// The executor exceeded its timeout.
        case timeout
        /// The daemon drains.
        case shutdown
        /// The executor violated its contract.
        case violation
    }

    private struct State {
        var reason: Reason?
        var hasEnded = false
        var action: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())
    private let requests: AsyncStream<Void>
    private let request: AsyncStream<Void>.Continuation

    init() {
        (requests, request) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Requests the end of the executor. Only the first request before its end has an effect.
    func end(_ reason: Reason) {
        let action = state.withLock { state -> (@Sendable () -> Void)? in
            guard !state.hasEnded, state.reason == nil else { return nil }
            state.reason = reason
            return state.action
        }
        action?()
        request.yield()
    }

    /// Reason of the request; nil if there was none.
    var reason: Reason? { state.withLock { $0.reason } }

    /// Records the end of the executor.
    ///
    /// - Returns: Reason for ending it; nil if it ended by itself.
    func hasEnded() -> Reason? {
        state.withLock { state in
            state.hasEnded = true
            state.action = nil
            return state.reason
        }
    }

    /// Sets the action that runs when the end is requested, or runs it at once if the end was requested before.
    func onEndRequest(_ action: @escaping @Sendable () -> Void) {
        let isAsked = state.withLock { state in
            state.action = action
            return state.reason != nil
        }
        if isAsked { action() }
    }

    /// Waits until the end is requested.
    func waitForEndRequest() async {
        for await _ in requests { return }
    }

    /// Waits for a pause, or until the end is requested.
    func waitUnlessEnding(_ pause: @escaping @Sendable () async throws -> Void) async {
        guard reason == nil else { return }
        await withTaskGroup { group in
            group.addTask { try? await pause() }
            group.addTask { await self.waitForEndRequest() }
            await group.next()
            group.cancelAll()
        }
    }
}
