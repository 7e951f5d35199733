internal import JoblineProtocol

// The ways in which a connection comes to its end.
extension ConnectionStateMachine {
    /// The peer sends nothing more, and every frame that it sent was handed in.
    mutating func inputClosed() {
        inputEnded = true
        switch state {
        case .serving, .draining: state = .finishing
        case .finishing, .failing, .departing, .discarding, .closing, .closed: break
        }
    }

    /// The input cannot be understood any more.
    ///
    /// - Parameter inputEnded: True if it ended in the middle of a frame.
    /// - Returns: Every watch: nobody can cancel it any more, and the connection would wait for it for ever.
    mutating func framingBroken(_ error: WireError, inputEnded: Bool = false) -> [Ended] {
        if inputEnded { self.inputEnded = true }
        switch state {
        case .serving, .draining: state = .failing(error)
        // A request that the server itself stopped in the middle of is refused like the others.
        case .departing: state = .failing(inputEnded ? .draining(processed: false) : error)
        case .finishing, .failing, .discarding, .closing, .closed: return []
        }
        return window.endWatches(.cancelled(), waiting: .cancelled(processed: false))
    }

    /// The server goes down.
    ///
    /// - Returns: Every request that is refused because its work had not begun, and every watch: it would not end by itself, and
    ///   goes on elsewhere as well.
    mutating func drain() -> [Ended] {
        switch state {
        case .serving:
            state = .draining
            return window.refuseWaiting(.draining(processed: false))
                + window.endWatches(.draining(processed: false), waiting: .draining(processed: false))
        case .finishing, .failing:
            return window.endWatches(.draining(processed: false), waiting: .draining(processed: false))
        case .draining, .departing, .discarding, .closing, .closed: return []
        }
    }

    /// The server goes down and waits no longer for what is in flight.
    ///
    /// - Returns: Every request that was not answered.
    mutating func drainExpired() -> [Ended] { drain() + window.abandon() }

    /// The connection is gone; nothing can be answered any more.
    ///
    /// - Returns: Every request that has no final reply and gets none.
    mutating func closed() -> [RequestWindow.Subject] {
        state = .closed
        defer { window = RequestWindow() }
        return window.open
    }

    /// The next step towards the end, once everything is answered.
    mutating func end() -> Step {
        switch state {
        case .serving, .closing, .closed: return .none
        case .finishing:
            state = .closing
            return .close
        case .failing(let error):
            state = .discarding
            return .conclude(error)
        case .draining:
            state = .departing
            return .depart
        case .departing, .discarding:
            guard inputEnded else { return .none }
            state = .closing
            return .close
        }
    }
}
