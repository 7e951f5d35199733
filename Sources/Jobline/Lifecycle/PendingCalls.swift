internal import Synchronization

/// Counter of pending calls, so that a client can close after the last one.
final class PendingCalls: Sendable {
    private struct State {
        var count = 0
        var isClosed = false
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
        var lastWaiter = 0
    }

    private let state = Mutex(State())

    /// Whether new calls are refused.
    var isClosed: Bool { state.withLock { $0.isClosed } }

    /// Registers a call.
    ///
    /// - Returns: False if the client is closed; ``end()`` must not be called then.
    func begin() -> Bool {
        state.withLock { state in
            guard !state.isClosed else { return false }
            state.count += 1
            return true
        }
    }

    /// Unregisters a call.
    func end() {
        let waiters = state.withLock { state in
            state.count -= 1
            guard state.count == 0 else { return [CheckedContinuation<Void, Never>]() }
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Refuses new calls.
    func close() { state.withLock { $0.isClosed = true } }

    /// Waits until no call is pending, or the task is cancelled.
    func untilNone() async {
        let number = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isDone = state.withLock { state in
                    // Checked under the lock: a later cancellation finds the continuation.
                    guard state.count > 0, !Task.isCancelled else { return true }
                    state.waiters[number] = continuation
                    return false
                }
                if isDone { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: number) }?.resume()
        }
    }
}
