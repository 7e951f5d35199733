internal import Synchronization

/// Value that is set once, from any thread, and that one task awaits.
final class Promise<Value: Sendable>: Sendable {
    private enum State {
        case open
        case awaited(CheckedContinuation<Value, Never>)
        case given(Value)
        case taken
    }

    private let state = Mutex(State.open)

    /// Sets the value.
    ///
    /// - Returns: False if there already is a value, which is kept.
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

    /// Waits for the value; may be called once. Cancellation does not end the wait, so the value must always be set.
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
