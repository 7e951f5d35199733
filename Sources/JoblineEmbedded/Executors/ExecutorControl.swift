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
        var action: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())
    private let requests: AsyncStream<Void>
    private let request: AsyncStream<Void>.Continuation

    init() {
        (requests, request) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Asks for the executor to be ended. The first reason counts; after the executor's end nothing does.
    func end(_ reason: Reason) {
        let action = state.withLock { state -> (@Sendable () -> Void)? in
            guard !state.hasEnded, state.reason == nil else { return nil }
            state.reason = reason
            return state.action
        }
        action?()
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
            state.action = nil
            return state.reason
        }
    }

    /// Has an action done when the end is asked for, or at once if it was, in place of the action given before.
    func onEndRequest(_ action: @escaping @Sendable () -> Void) {
        let isAsked = state.withLock { state in
            state.action = action
            return state.reason != nil
        }
        if isAsked { action() }
    }

    /// Waits until the end is asked for.
    func waitForEndRequest() async {
        for await _ in requests { return }
    }

    /// Passes the time of a pause, or less where the end is asked for.
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
