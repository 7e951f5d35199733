internal import JoblineProtocol

/// Decides what one connection does at every event, and does no I/O.
///
/// Each event is one method that returns what to do at once. Later consequences, such as the next request in order or the end of
/// the connection, come from ``step()``, which is called after every event until it returns `none`.
struct ConnectionStateMachine: ~Copyable {
    typealias Instant = ContinuousClock.Instant
    typealias Admitted = RequestWindow.Admitted
    typealias Ended = RequestWindow.Ended
    typealias ImmediateReply = RequestWindow.ImmediateReply

    private let limits: Limits
    private var phase: ConnectionPhase
    private var window = RequestWindow()
    private var isOverSoftCap = false

    /// - Parameter refusal: Reason for which the connection is refused; nil if it is served.
    init(limits: Limits, refusal: WireError? = nil) {
        self.limits = limits
        phase = ConnectionPhase(refusal: refusal)
    }

    /// Treatment of incoming bytes.
    var input: Input {
        switch phase.state {
        case .serving, .draining: isOverSoftCap || isOrderFull ? .pause : .decode
        case .departing: .decode
        case .discarding, .closing, .closed: .discard
        case .finishing, .failing: .refuse
        }
    }

    /// Whether too many requests without id wait. They cannot be refused, because refusals without id are ambiguous, so reading
    /// stops.
    private var isOrderFull: Bool {
        window.orderedCount >= limits.inFlight || (window.orderedCount > 0 && window.bytes >= limits.inFlightBytes)
    }

    /// Size of the parameters of requests in flight, in bytes.
    var heldBytes: Int { window.bytes + window.watchBytes }

    /// Whether every request has its final reply.
    var isIdle: Bool { window.isIdle }

    /// Earliest deadline of a request without final reply.
    var nextDeadline: Instant? { window.nextDeadline }
}

// MARK: - Requests

extension ConnectionStateMachine {
    enum ReceiveAction: Hashable {
        /// Start the request, then call ``began(_:)`` unless it was answered at once.
        case start(Admitted)
        /// Send the reply now.
        case answer(ReplyAddress, ImmediateReply)
        /// The outcome is decided, but nothing is sent now: no reply is due, or ``step()`` returns it in its turn.
        case settled(ImmediateReply)
        /// The request waits for its predecessor; its deadline counts.
        case queued(deadline: Instant?)
        /// The connection ends, and the request with it.
        case lost
    }

    /// A request arrived.
    ///
    /// - Parameter watchedJobs: Number of jobs that the request watches; nil if it is no watch. A watch lasts until its caller ends
    ///   it: it takes no slot of the window, and has no deadline unless it asks for one.
    mutating func received(_ request: Request, watchedJobs: Int? = nil, at now: Instant) -> ReceiveAction {
        switch phase.state {
        case .serving: break
        case .draining, .departing: return reply(to: request.replyAddress, .error(.draining(processed: false)))
        case .finishing, .failing, .discarding, .closing, .closed: return .lost
        }
        if let id = request.id,
            let obstacle = window.obstacle(to: id, request.bytes, isWatch: watchedJobs != nil, limits)
        {
            return reply(to: request.replyAddress, .error(obstacle.error(limits)))
        }
        let asked = request.timeoutMilliseconds.map { Duration.milliseconds($0) }
        let timeout = asked ?? (watchedJobs == nil ? limits.defaultTimeout : nil)
        let deadline = timeout.map { now.advanced(by: min($0, limits.maximumTimeout)) }
        guard let admitted = window.admit(request, at: now, deadline: deadline, watchedJobs: watchedJobs) else {
            return .queued(deadline: deadline)
        }
        if let error = watchRefusal(admitted) { return reply(to: request.replyAddress, .error(error)) }
        return .start(admitted)
    }

    /// Whether a request with this id and as many bytes of parameters would start if it arrived now.
    func wouldStart(_ id: RequestID, bytes: Int) -> Bool {
        guard case .serving = phase.state else { return false }
        return window.obstacle(to: id, bytes, isWatch: false, limits) == nil
    }

    private func watchRefusal(_ admitted: Admitted) -> WireError? {
        guard let jobs = admitted.watchedJobs, window.watchedJobs + jobs > limits.watchedJobs else { return nil }
        return .tooManyWatched(limits.watchedJobs)
    }

    /// The work of a started request began, and goes on.
    mutating func began(_ admitted: Admitted) { window.begin(admitted) }

    /// A frame arrived that is no request, or a request that the connection itself refuses.
    mutating func rejected(_ address: ReplyAddress?, _ error: WireError) -> ReceiveAction {
        switch phase.state {
        case .serving, .draining, .departing: return reply(to: address, .error(error))
        case .finishing, .failing, .discarding, .closing, .closed: return .lost
        }
    }

    struct CancelAction: Hashable {
        /// Request that ends here; nil if none has the id.
        let ended: Ended?
        /// Answer to the cancel itself.
        let reply: ReceiveAction
    }

    /// `rpc.cancel` arrived. It bypasses the window and the order, so that it works when they are full.
    mutating func receivedCancel(of target: RequestID, replyTo address: ReplyAddress?) -> CancelAction {
        switch phase.state {
        case .serving, .draining, .departing: break
        case .finishing, .failing, .discarding, .closing, .closed: return CancelAction(ended: nil, reply: .lost)
        }
        if let id = address?.id, window.isInFlight(id) {
            return CancelAction(ended: nil, reply: reply(to: address, .error(.duplicateID())))
        }
        let ended = window.end(target, .cancelled())
        return CancelAction(ended: ended, reply: reply(to: address, .acknowledged))
    }

    enum FinishAction: Hashable {
        /// Send the reply.
        case deliver(ReplyAddress)
        /// No reply is due.
        case withhold
        /// The request has its final reply already.
        case discard
    }

    /// The work of a request ended.
    mutating func finished(_ key: RequestKey) -> FinishAction {
        guard let address = window.finish(key) else { return .discard }
        return address.map(FinishAction.deliver) ?? .withhold
    }

    /// The caller lost the right to a request in flight.
    ///
    /// - Returns: The request that ends here; nil if it has its final reply.
    mutating func revoked(_ key: RequestKey, _ error: WireError) -> Ended? { window.end(key, error) }

    /// Time passed: ends the requests whose deadline is over. Requests that wait in order are answered in their turn.
    mutating func expired(at now: Instant) -> [Ended] { window.expire(at: now) }

    /// Replies at once, unless the reply would overtake another one: replies without id belong to their requests by order.
    private mutating func reply(to address: ReplyAddress?, _ reply: ImmediateReply) -> ReceiveAction {
        guard let address else { return .settled(reply) }
        guard address.id == nil, address.form == .bare, window.isOrderBusy else { return .answer(address, reply) }
        window.enqueue(address, reply)
        return .settled(reply)
    }
}

// MARK: - The end

extension ConnectionStateMachine {
    /// The peer sends nothing more, and every frame that it sent was handled.
    mutating func inputClosed() { phase.inputClosed() }

    /// The rest of the input cannot be understood.
    ///
    /// - Parameter inputEnded: Whether it ended inside a frame.
    /// - Returns: Every watch: nobody can cancel it any more, and it would keep the connection open.
    mutating func inputBroke(_ error: WireError, inputEnded: Bool = false) -> [Ended] {
        guard phase.inputBroke(error, inputEnded: inputEnded) else { return [] }
        return window.endWatches(.cancelled(), waiting: .cancelled(processed: false))
    }

    /// The server drains.
    ///
    /// - Returns: Requests that are refused because their work had not begun, and every watch, which would not end by itself.
    mutating func drain() -> [Ended] {
        var refused: [Ended] = []
        switch phase.state {
        case .serving: refused = window.refuseWaiting(.draining(processed: false))
        case .finishing, .failing: break
        case .draining, .departing, .discarding, .closing, .closed: return []
        }
        phase.drain()
        return refused + window.endWatches(.draining(processed: false), waiting: .draining(processed: false))
    }

    /// The time for the drain is over.
    ///
    /// - Returns: Every request without final reply.
    mutating func drainExpired() -> [Ended] { drain() + window.abandon() }

    /// The connection is closed; nothing can be sent any more.
    ///
    /// - Returns: Requests that never began and get no reply.
    mutating func closed() -> [Request] {
        phase.close()
        defer { window = RequestWindow() }
        return window.waiting
    }
}

// MARK: - Output

extension ConnectionStateMachine {
    enum NotifyAction: Hashable {
        case send
        /// Offer the notification again when more bytes were sent.
        case hold
        /// The request has its final reply.
        case discard
    }

    /// A request in flight has a notification.
    ///
    /// Notifications stop long before the soft cap, so that they never make a slow reader exceed it.
    ///
    /// - Parameter unsent: Bytes that the socket has not taken.
    func notifies(_ key: RequestKey, unsent: Int) -> NotifyAction {
        guard window.isOpen(key) else { return .discard }
        return unsent > limits.notificationBytes ? .hold : .send
    }

    enum OutputAction: Hashable {
        case none
        /// Call ``slowConsumerTimerFired()`` after the slow consumer timeout.
        case startTimer
        case stopTimer
        /// Close at once: the peer does not read.
        case close
    }

    /// Bytes were written, or taken by the socket.
    mutating func outputChanged(unsent: Int) -> OutputAction {
        let wasOver = isOverSoftCap
        isOverSoftCap = unsent > limits.softOutputBytes
        switch phase.state {
        case .closed: return .none
        case .departing, .discarding, .closing: return unsent > limits.hardOutputBytes ? .close : .none
        case .serving, .finishing, .failing, .draining:
            if unsent > limits.hardOutputBytes { return .close }
            return wasOver == isOverSoftCap ? .none : isOverSoftCap ? .startTimer : .stopTimer
        }
    }

    /// Returns whether to close at once.
    func slowConsumerTimerFired() -> Bool {
        switch phase.state {
        case .serving, .finishing, .failing, .draining: isOverSoftCap
        case .departing, .discarding, .closing: true
        case .closed: false
        }
    }
}

// MARK: - Steps

extension ConnectionStateMachine {
    enum Step: Hashable {
        case none
        /// Start the request, then call ``began(_:)`` unless it was answered at once.
        case start(Admitted)
        /// Answer a request whose turn has come with an error.
        case refuse(Admitted, WireError)
        case answer(ReplyAddress, ImmediateReply)
        /// Send this error last, on a line and without id, and stop the input when it is sent.
        case conclude(WireError)
        /// Send the drain notice, and stop the input when it is sent.
        case depart
        /// Close when everything is sent.
        case close
    }

    /// Whether ``step()`` may have a step; cheaper than a call of it.
    var hasStep: Bool {
        guard case .serving = phase.state else { return true }
        return !isIdle
    }

    /// Takes the next step.
    ///
    /// From `conclude`, `depart` and `close` on, the slow consumer timeout runs until the connection is closed.
    mutating func step() -> Step {
        switch phase.state {
        case .closing, .closed: return .none
        case .serving, .finishing, .failing, .draining, .departing, .discarding: break
        }
        switch window.next() {
        case .start(let admitted): return watchRefusal(admitted).map { .refuse(admitted, $0) } ?? .start(admitted)
        case .reply(let address, let reply): return .answer(address, reply)
        case .nothing: break
        }
        guard isIdle else { return .none }
        switch phase.step() {
        case .none: return .none
        case .conclude(let error): return .conclude(error)
        case .depart: return .depart
        case .close: return .close
        }
    }
}
