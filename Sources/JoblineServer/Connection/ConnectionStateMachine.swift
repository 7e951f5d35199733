internal import JoblineProtocol

/// What one connection does about everything that can happen to it; decides, and does nothing itself.
///
/// Each event is one method that returns what to do at once. What follows from it later, such as the next request in order
/// or the end of the connection, comes from ``step()``, to be called after every event until it returns `none`.
struct ConnectionStateMachine: ~Copyable {
    typealias Instant = ContinuousClock.Instant
    typealias Admitted = RequestWindow.Admitted
    typealias Ended = RequestWindow.Ended
    typealias ImmediateReply = RequestWindow.ImmediateReply

    /// The numbers that a connection keeps to.
    struct Limits: Sendable {
        /// Requests at a time; those with an id and those without are counted apart.
        var inFlight: Int
        /// Bytes of parameters that requests at a time may have, all together; one request alone may have more.
        var inFlightBytes: Int
        /// Jobs that all watches may have together.
        var watchedJobs: Int
        var defaultTimeout: Duration
        var maximumTimeout: Duration
        /// Unsent bytes over which reading stops.
        var softOutputBytes: Int
        /// Unsent bytes over which the connection is closed.
        var hardOutputBytes: Int
        /// Unsent bytes over which notifications wait.
        var notificationBytes: Int { softOutputBytes / 8 }
    }

    enum State {
        /// Requests are read and served. Exits: `finishing` at the end of the input, `failing` where framing breaks,
        /// `draining`, `closed`.
        case serving
        /// The peer sends nothing more. Exits: `closing` once everything is answered, `closed`.
        case finishing
        /// Framing broke, or the connection is refused. Exits: `discarding` once everything is answered and the error is
        /// said, `closed`.
        case failing(WireError)
        /// The server goes down; requests that have not begun are refused. Exits: `departing` once everything is answered, `finishing` at
        /// the end of the input, `failing` where framing breaks, `closed`.
        case draining
        /// The notice is said and the input stopped; what the peer had sent before is refused. Exits: `closing` at the end
        /// of the input, `failing` where framing breaks, `closed`.
        case departing
        /// The last word is said and the input stopped; what the peer had sent before is dropped, so that closing does not
        /// reset the connection under the peer's hands. Exits: `closing` at the end of the input, `closed`.
        case discarding
        /// Nothing but flushing is left. Exits: `closed`.
        case closing
        /// No exit.
        case closed
    }

    /// What to do with bytes that come in.
    enum Input: Sendable, Hashable {
        /// Read, and hand in frame by frame.
        case decode
        /// Read nothing; keep what was read already for later.
        case pause
        /// Read nothing; throw away what was read already.
        case refuse
        /// Read and throw away.
        case discard
    }

    let limits: Limits
    var state: State
    var window = RequestWindow()
    var inputEnded = false
    private var isOverSoftCap = false

    /// - Parameter refusal: Why this connection is not served at all.
    init(limits: Limits, refusal: WireError? = nil) {
        self.limits = limits
        state = refusal.map(State.failing) ?? .serving
    }

    /// What to do with bytes that come in.
    var input: Input {
        switch state {
        case .serving, .draining:
            isOverSoftCap || isOrderFull ? .pause : .decode
        case .departing: .decode
        case .discarding, .closing, .closed: .discard
        case .finishing, .failing: .refuse
        }
    }

    /// What waits in order cannot be refused, for nothing tells its refusals apart: reading stops instead.
    private var isOrderFull: Bool {
        window.orderedCount >= limits.inFlight || (window.orderedCount > 0 && window.bytes >= limits.inFlightBytes)
    }

    /// Bytes of parameters that are held for requests in flight.
    var heldBytes: Int { window.bytes + window.watchBytes }

    /// True if every request is answered.
    var isIdle: Bool { window.isIdle }

    /// The earliest deadline of a request that is not answered.
    var nextDeadline: Instant? { window.nextDeadline }
}

// MARK: - Requests

extension ConnectionStateMachine {
    enum ReceiveAction: Hashable {
        /// Begin the work.
        case start(Admitted)
        /// Send this now.
        case answer(ReplyAddress, ImmediateReply)
        /// This is the outcome, but nothing is sent now: no reply is due, or it comes from ``step()`` in its turn.
        case settled(ImmediateReply)
        /// The request waits for the one before it; its deadline counts.
        case queued(deadline: Instant?)
        /// Nothing: the connection ends, and the request with it.
        case lost
    }

    /// True if a request with this id would begin now, if it arrived.
    func wouldBegin(_ id: RequestID?) -> Bool {
        guard case .serving = state else { return false }
        guard let id else { return !window.isOrderBusy }
        return !window.isInFlight(id) && window.hasRoom(limit: limits.inFlight)
    }

    /// A request arrived.
    ///
    /// - Parameter isWatch: True if it lasts until its caller has seen enough: it takes no place from other requests, and has
    ///   no deadline unless it names one.
    mutating func received(_ request: Request, isWatch: Bool = false, at now: Instant) -> ReceiveAction {
        switch state {
        case .serving: break
        case .draining, .departing: return reply(to: request.replyAddress, .error(.draining(processed: false)))
        case .finishing, .failing, .discarding, .closing, .closed: return .lost
        }
        if let id = request.id {
            if window.isInFlight(id) { return reply(to: request.replyAddress, .error(.duplicateID())) }
            guard isWatch || window.hasRoom(limit: limits.inFlight) else {
                return reply(to: request.replyAddress, .error(.windowFull(limits.inFlight)))
            }
            guard isWatch || window.bytes == 0 || window.bytes + request.bytes <= limits.inFlightBytes else {
                return reply(to: request.replyAddress, .error(.windowFull(bytes: limits.inFlightBytes)))
            }
        }
        let asked = request.timeoutMilliseconds.map { Duration.milliseconds($0) }
        let timeout = asked ?? (isWatch ? nil : limits.defaultTimeout)
        let deadline = timeout.map { now.advanced(by: min($0, limits.maximumTimeout)) }
        return window.admit(request, at: now, deadline: deadline, isWatch: isWatch).map(ReceiveAction.start)
            ?? .queued(deadline: deadline)
    }

    /// A watch is about to begin.
    ///
    /// - Parameter jobs: How many jobs it asks for.
    /// - Returns: Why it does not begin, if they are too many.
    mutating func watches(_ key: RequestKey, jobs: Int) -> WireError? {
        guard window.watchedJobs + jobs <= limits.watchedJobs else { return .tooManyWatched(limits.watchedJobs) }
        window.watches(key, jobs: jobs)
        return nil
    }

    /// A frame arrived that is no request, or a request that the connection itself does not accept.
    mutating func rejected(_ address: ReplyAddress?, _ error: WireError) -> ReceiveAction {
        switch state {
        case .serving, .draining, .departing: return reply(to: address, .error(error))
        case .finishing, .failing, .discarding, .closing, .closed: return .lost
        }
    }

    struct CancelAction: Hashable {
        /// The request that ends here, if it was in flight.
        let ended: Ended?
        /// The answer to the cancel itself.
        let reply: ReceiveAction
    }

    /// `rpc.cancel` arrived; it is outside the window and the order, so that it gets through when they are full.
    mutating func receivedCancel(of target: RequestID, replyTo address: ReplyAddress?) -> CancelAction {
        switch state {
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
        /// Send the reply there.
        case deliver(ReplyAddress)
        /// This is the outcome, but nobody is told.
        case withhold
        /// The outcome was another one.
        case discard
    }

    /// The work of a request came to its end.
    mutating func finished(_ key: RequestKey) -> FinishAction {
        guard let address = window.finish(key) else { return .discard }
        return address.map(FinishAction.deliver) ?? .withhold
    }

    /// The caller may not have any more of what it asked for.
    ///
    /// - Returns: The request that ends here, if it was in flight.
    mutating func revoked(_ key: RequestKey, _ error: WireError) -> Ended? { window.end(key, error) }

    /// Time passed: ends what is due. What waits in order is answered in its turn.
    mutating func expired(at now: Instant) -> [Ended] { window.expire(at: now) }

    /// A reply that was decided at once goes out at once, unless it would overtake one before it.
    private mutating func reply(to address: ReplyAddress?, _ verdict: ImmediateReply) -> ReceiveAction {
        guard let address else { return .settled(verdict) }
        // Where a line has no id, its place in the order is all that ties a reply to it.
        guard address.id == nil, address.form == .bare, window.isOrderBusy else { return .answer(address, verdict) }
        window.enqueue(address, verdict)
        return .settled(verdict)
    }
}

// MARK: - Output

extension ConnectionStateMachine {
    enum NotifyAction: Hashable {
        case send
        /// The peer has to read first: offer it again when more has been sent.
        case hold
        /// The request has its final reply.
        case discard
    }

    /// A request in flight has something to tell before its final reply.
    ///
    /// Notifications stop long before the soft cap, so that a peer that only reads slowly is never over it because of them.
    ///
    /// - Parameter unsent: Bytes that the socket has not taken.
    func notifies(_ key: RequestKey, unsent: Int) -> NotifyAction {
        guard window.isOpen(key) else { return .discard }
        return unsent > limits.notificationBytes ? .hold : .send
    }

    enum OutputAction: Hashable {
        case none
        /// Call ``slowConsumerTimerFired()`` after the slow consumer's time.
        case startTimer
        case stopTimer
        /// Close at once: the peer does not read.
        case close
    }

    /// Bytes were given to the socket, or taken by it.
    mutating func outputChanged(unsent: Int) -> OutputAction {
        let wasOver = isOverSoftCap
        isOverSoftCap = unsent > limits.softOutputBytes
        switch state {
        case .closed: return .none
        case .departing, .discarding, .closing: return unsent > limits.hardOutputBytes ? .close : .none
        case .serving, .finishing, .failing, .draining:
            if unsent > limits.hardOutputBytes { return .close }
            return wasOver == isOverSoftCap ? .none : isOverSoftCap ? .startTimer : .stopTimer
        }
    }

    /// True: close at once.
    mutating func slowConsumerTimerFired() -> Bool {
        switch state {
        case .serving, .finishing, .failing, .draining: isOverSoftCap
        case .departing, .discarding, .closing: true
        case .closed: false
        }
    }
}

// MARK: - What follows

extension ConnectionStateMachine {
    enum Step: Hashable {
        case none
        case start(Admitted)
        case answer(ReplyAddress, ImmediateReply)
        /// Say this last, on a line and without id, and stop the input when it is sent.
        case conclude(WireError)
        /// Say that the server goes down, and stop the input when it is sent.
        case depart
        /// Close when everything is sent.
        case close
    }

    /// False only where ``step()`` has nothing to say; it costs less to ask than to take a step.
    var hasStep: Bool {
        guard case .serving = state else { return true }
        return !isIdle
    }

    /// What is due now.
    ///
    /// From `conclude`, `depart` and `close` on, the slow consumer's time runs until the connection is closed.
    mutating func step() -> Step {
        switch state {
        case .closing, .closed: return .none
        case .serving, .finishing, .failing, .draining, .departing, .discarding: break
        }
        switch window.next() {
        case .start(let admitted): return .start(admitted)
        case .reply(let address, let verdict): return .answer(address, verdict)
        case .nothing: break
        }
        return isIdle ? end() : .none
    }
}
