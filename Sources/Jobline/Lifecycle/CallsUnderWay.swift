internal import Synchronization

/// Counts the calls under way, so that a client can be closed when the last of them has ended.
final class CallsUnderWay: Sendable {
    private struct State {
        var count = 0
        var isClosed = false
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
        var lastWaiter = 0
    }

    private let state = Mutex(State())

    /// True once no more calls begin.
    var isClosed: Bool { state.withLock { $0.isClosed } }

    /// A call begins.
    ///
    /// - Returns: False if none may; it then does not end either.
    func begin() -> Bool {
        state.withLock { state in
            guard !state.isClosed else { return false }
            state.count += 1
            return true
        }
    }

    /// A call that began has ended.
    func end() {
        let waiters = state.withLock { state in
            state.count -= 1
            guard state.count == 0 else { return [CheckedContinuation<Void, Never>]() }
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.resume() }
    }

    /// No more calls begin from here on.
    func close() { state.withLock { $0.isClosed = true } }

    /// Returns once no call is under way, or the task is cancelled.
    func untilNone() async {
        let number = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isDone = state.withLock { state in
                    // Asked under the lock: a cancel from now on finds the continuation.
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
