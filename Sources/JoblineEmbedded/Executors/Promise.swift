internal import Synchronization

/// A value that is given once, from any thread, and that one task waits for.
final class Promise<Value: Sendable>: Sendable {
    private enum State {
        case open
        case awaited(CheckedContinuation<Value, Never>)
        case given(Value)
        case taken
    }

    private let state = Mutex(State.open)

    /// Gives the value.
    ///
    /// - Returns: False if there is one already; it stays.
    @discardableResult
    func fulfill(_ value: Value) -> Bool {
        let (isFirst, waiter) = state.withLock { state -> (Bool, CheckedContinuation<Value, Never>?) in
            switch state {
            case .open:
                state = .given(value)
                return (true, nil)
            case .awaited(let waiter):
                state = .taken
                return (true, waiter)
            case .given, .taken: return (false, nil)
            }
        }
        waiter?.resume(returning: value)
        return isFirst
    }

    /// Waits for the value, once. Whoever gives it has to do so whatever happens: nothing else ends the wait.
    func value() async -> Value {
        await withCheckedContinuation { waiter in
            let value = state.withLock { state -> Value? in
                guard case .given(let value) = state else {
                    state = .awaited(waiter)
                    return nil
                }
                state = .taken
                return value
            }
            if let value { waiter.resume(returning: value) }
        }
    }
}
