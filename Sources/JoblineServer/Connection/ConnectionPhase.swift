internal import JoblineProtocol

/// Life of one connection, from its first request to its close. Part of the ``ConnectionStateMachine``.
struct ConnectionPhase {
    enum State {
        /// Requests are read and served. Exits: `finishing` at the end of the input, `failing` if the input is broken, `draining`,
        /// `closed`.
        case serving
        /// The peer sends nothing more. Exits: `closing` once everything is answered, `closed`.
        case finishing
        /// The input is broken, or the connection is refused. Exits: `discarding` once everything is answered and the error is
        /// sent, `closed`.
        indirect case failing(WireError)
        /// The server is draining; requests that have not begun are refused. Exits: `departing` once everything is answered,
        /// `finishing` at the end of the input, `failing` if the input is broken, `closed`.
        case draining
        /// The notice is sent and the input stopped; requests that the peer had sent before are refused. Exits: `closing` at the
        /// end of the input, `failing` if the input is broken, `closed`.
        case departing
        /// The last reply is sent and the input stopped; bytes that the peer had sent before are dropped, so that the close does
        /// not reset the connection before the peer has read the reply. Exits: `closing` at the end of the input, `closed`.
        case discarding
        /// Only flushing is left. Exits: `closed`.
        case closing
        /// No exit.
        case closed
    }

    /// Step towards the end, once everything is answered.
    enum Step {
        case none
        /// Send this error last, on a line and without id, and stop the input when it is sent.
        case conclude(WireError)
        /// Send the drain notice, and stop the input when it is sent.
        case depart
        /// Close when everything is sent.
        case close
    }

    private(set) var state: State
    private var inputEnded = false

    /// - Parameter refusal: Reason for which the connection is refused; nil if it is served.
    init(refusal: WireError?) { state = refusal.map(State.failing) ?? .serving }

    /// The peer sends nothing more, and every frame that it sent was handled.
    mutating func inputClosed() {
        inputEnded = true
        switch state {
        case .serving, .draining: state = .finishing
        case .finishing, .failing, .departing, .discarding, .closing, .closed: break
        }
    }

    /// The rest of the input cannot be understood.
    ///
    /// - Parameter inputEnded: Whether it ended inside a frame.
    /// - Returns: Whether this changes the phase.
    mutating func inputBroke(_ error: WireError, inputEnded: Bool) -> Bool {
        if inputEnded { self.inputEnded = true }
        switch state {
        case .serving, .draining: state = .failing(error)
        // The server itself stopped the input, perhaps inside a request: that request is refused like the others.
        case .departing: state = .failing(inputEnded ? .draining(processed: false) : error)
        case .finishing, .failing, .discarding, .closing, .closed: return false
        }
        return true
    }

    /// The server drains. A connection whose input has ended or is broken finishes as it would anyway.
    mutating func drain() {
        switch state {
        case .serving: state = .draining
        case .finishing, .failing, .draining, .departing, .discarding, .closing, .closed: break
        }
    }

    /// The connection is closed.
    mutating func close() { state = .closed }

    /// Takes the next step towards the end; everything is answered.
    mutating func step() -> Step {
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
