internal import LibC
internal import JoblineBackend
internal import JoblineProtocol
internal import Logging
internal import NIOCore

/// Carries out what the state machine of one connection decides: frames in, requests to the services, replies out.
///
/// Everything runs on the connection's event loop but the work of the services, which runs in a task a request. The tasks are
/// not children of the server's: a service that ignores its cancellation cannot keep the server from ending. The registry
/// counts them instead, and the drain waits for them as long as it may.
final class ConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// What all connections of a server share.
    struct Environment: Sendable {
        /// That of the time at which the connection was accepted, which it keeps.
        var configuration: ServerConfiguration
        let registry: ConnectionRegistry
        let access: AccessControl
        let limiter: RateLimiter
        let budget: BufferBudget
        /// nil where every question goes to its service.
        let answers: ResponseCache?
        /// nil where nothing goes wrong on purpose.
        let faults: FaultInjector?
        let clock: MonotonicClock
        /// Moments count from here.
        let origin: ContinuousClock.Instant
        /// For connection after connection, with what identifies it.
        let logger: Logger

        /// The present.
        var instant: ServerInstant { ServerInstant(clock.now(), since: origin) }
    }

    enum WhenSent {
        case nothing
        /// The peer reads the last word before it can notice that nothing more is taken from it.
        case stopInput
        case close
    }

    let environment: Environment
    let peer: PeerCredentials
    /// The connection's number.
    let connection: Int
    /// Shared by the connections of an event loop.
    let scheduler: WorkScheduler
    /// Shared by the same.
    let output: OutputQueue
    /// Shared by the same.
    let metrics: RequestMetrics
    let answer: Dispatch.Answer
    let logger: Logger

    // What each request changes several times is not checked for being in use already, which costs a twentieth of it: what changes
    // it is on the event loop, and calls nobody back.
    @exclusivity(unchecked) var machine: ConnectionStateMachine
    /// When the present turn began, or the last one; what came in it counts as having come then.
    private(set) var turnBegan: ServerInstant
    /// The time by which answers end, once it was needed in the turn.
    var timeOfAnswers: Timestamp?
    /// What the peer may do, once it was asked.
    var access: AccessControl.Answer?
    var work: [RequestKey: Work] = [:]
    /// The channel's, for as long as it is active.
    private(set) var socket: PeerSocket?
    private(set) var isActive = false
    /// Replies that were not given to the socket yet.
    @exclusivity(unchecked) var outgoing = ByteBuffer()
    /// Bytes that were given to the socket and not taken by it.
    var unsent = 0
    /// What watches have to tell and the peer has no room for.
    var heldNotifications = CircularBuffer<Notification>()
    var heldNotificationBytes = 0
    /// What watches have to tell and the event loop has not taken; there once there is a watch.
    var inbox: NotificationInbox?
    /// What to do once everything is sent.
    var whenSent = WhenSent.nothing

    /// Why the connection ends, as far as that is known; what was first counts.
    private var end: ConnectionEnd?
    @exclusivity(unchecked) var decoder: FrameDecoder
    /// What the user's budget was charged for this connection, in bytes.
    var charged = 0
    /// True if nothing more can be read.
    var socketInputEnded = false
    /// True from when the channel is asked to read until it has.
    private var isReading = false
    private var turnIsScheduled = false
    var flushIsScheduled = false
    var slowConsumerTimer: Scheduled<Void>?
    private var frameTimer: Scheduled<Void>?
    private var deadlineTimer: Scheduled<Void>?
    private var deadlineOfTimer: ContinuousClock.Instant?

    /// - Parameters:
    ///   - peer: The process at the other end.
    ///   - admission: What the registry said to this connection.
    ///   - scheduler: Whose turn it is, on the connection's event loop.
    ///   - output: What is written, on the same.
    ///   - metrics: What happens on the connection's event loop.
    ///   - answer: Where requests go.
    init(
        _ environment: Environment, peer: PeerCredentials, admission: ConnectionRegistry.Admission,
        scheduler: WorkScheduler, output: OutputQueue, metrics: RequestMetrics, answer: @escaping Dispatch.Answer
    ) {
        self.environment = environment
        self.peer = peer
        connection = admission.connection
        self.scheduler = scheduler
        self.output = output
        self.metrics = metrics
        self.answer = answer
        end = admission.exceededCap == nil ? nil : .refused
        var logger = environment.logger
        logger[metadataKey: "connection"] = "\(admission.connection)"
        logger[metadataKey: "uid"] = "\(peer.uid)"
        self.logger = logger
        let configuration = environment.configuration
        decoder = FrameDecoder(limits: configuration.frameLimits)
        machine = ConnectionStateMachine(
            limits: configuration.connectionLimits, refusal: admission.exceededCap.map(WireError.tooManyConnections))
        turnBegan = environment.instant
        if admission.isDraining { _ = machine.drain() }
    }

    var now: ContinuousClock.Instant { environment.clock.now() }

    // MARK: Channel events

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { begin(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        begin(context)
        context.fireChannelActive()
    }

    private func begin(_ context: ChannelHandlerContext) {
        isActive = true
        socket = PeerSocket(of: context)
        logger.debug("connection opened", metadata: ["pid": "\(peer.pid)", "gid": "\(peer.gid)"])
        turn(context)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        metrics.read(bytes.readableBytes)
        switch machine.input {
        case .decode, .pause: decoder.append(bytes)
        case .refuse, .discard: break
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        if !turnIsScheduled { turn(context) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed:
            socketInputEnded = true
        case ConnectionEvent.drain:
            for ended in machine.drain() { conclude(ended) }
        case ConnectionEvent.drainExpired:
            ends(.drain)
            for ended in machine.drainExpired() { conclude(ended) }
        case ConnectionEvent.timeHasMoved:
            for ended in machine.expired(at: now) { conclude(ended) }
        default:
            context.fireUserInboundEventTriggered(event)
            return
        }
        if !turnIsScheduled { turn(context) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // NIO's own say which system call failed; nothing is known of others.
        logger.debug(
            "connection failed", metadata: ["error": "\(error is IOError ? "\(error)" : "\(type(of: error))")"])
        // A peer that closes without having read everything resets the connection, and what is then written finds nobody.
        let isPeers = [ECONNRESET, EPIPE].contains((error as? IOError)?.errnoCode)
        if !isPeers { ends(.failed) }
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        isActive = false
        socket = nil
        for subject in machine.closed() { record(subject, .lost) }
        environment.registry.ends(connection, end ?? .peer)
        for timer in [slowConsumerTimer, frameTimer, deadlineTimer] { timer?.cancel() }
        scheduler.withdrawAll(of: connection)
        metrics.pending(-work.values.count { $0.task == nil })
        for work in work.values { work.task?.cancel() }
        dropNotifications { _ in true }
        // It has this handler.
        inbox = nil
        charge(for: 0)
        logger.debug("connection closed", metadata: ["cancelled": "\(work.count)"])
        work = [:]
        context.fireChannelInactive()
    }

    /// Puts down why the connection ends, unless that is known.
    func ends(_ end: ConnectionEnd) {
        if self.end == nil { self.end = end }
    }

    // MARK: Turns

    /// A bounded piece of work: a number of frames, and whatever follows from them or from what happened before. What is written
    /// goes out in turn with what the other connections write.
    private func turn(_ context: ChannelHandlerContext) {
        turnBegan = environment.instant
        timeOfAnswers = nil
        var budget = environment.configuration.requestsPerTurn
        var isDry = false
        if machine.hasStep { takeSteps(context) }
        decoding: while budget > 0, machine.input == .decode, !decoder.isEmpty {
            budget -= 1
            do throws(FrameError) {
                guard let frame = try decoder.next() else {
                    isDry = true
                    break decoding
                }
                frameTimer?.cancel()
                frameTimer = nil
                metrics.received()
                let look = lookUnread(frame, context)
                // What is at hand changes nothing that steps could follow from.
                if look == .answered { continue decoding }
                receive(frame, after: look, context)
            } catch {
                ends(.brokenFrame)
                breakOff(.framingBroken(error))
            }
            takeSteps(context)
        }
        // Then another turn would find nothing.
        if decoder.isEmpty { isDry = true }
        if socketInputEnded { endInput(isDry: isDry, context) }
        checkFrameTimeout(isDry: isDry, context)
        scheduleNextDeadline(context)
        releaseNotifications(context)
        flushSoon(context)
        // More may be there, but others come first.
        if budget == 0, !isDry, machine.input == .decode { scheduleTurn(context) }
        readIfAllowed(context)
    }

    /// Ends the connection after what it has asked, as the rest of its input cannot be understood.
    func breakOff(_ error: WireError, inputEnded: Bool = false) {
        for ended in machine.framingBroken(error, inputEnded: inputEnded) { conclude(ended) }
    }

    /// Has another turn taken after what else is waiting on the event loop.
    func scheduleTurn(_ context: ChannelHandlerContext) {
        guard !turnIsScheduled else { return }
        turnIsScheduled = true
        context.eventLoop.assumeIsolated().execute {
            self.turnIsScheduled = false
            guard self.isActive else { return }
            self.turn(context)
        }
    }

    private func takeSteps(_ context: ChannelHandlerContext) {
        while true {
            switch machine.step() {
            case .none: return
            case .start(let admitted):
                metrics.dequeued()
                start(admitted, context)
            case .answer(let address, let verdict): write(verdict, to: address)
            case .conclude(let error):
                write(.error(error), to: ReplyAddress(form: .bare, id: nil))
                logger.debug("connection broken off", metadata: ["code": "\(error.code.rawValue)"])
                whenSent = .stopInput
                startSlowConsumerTimer(context)
            case .depart:
                ends(.drain)
                writeDrainNotice()
                whenSent = .stopInput
                startSlowConsumerTimer(context)
            case .close:
                whenSent = .close
                startSlowConsumerTimer(context)
            }
        }
    }

    private func endInput(isDry: Bool, _ context: ChannelHandlerContext) {
        switch machine.input {
        case .pause: return
        case .decode:
            guard isDry else { return }
            do throws(FrameError) {
                try decoder.finish()
                machine.inputClosed()
            } catch {
                ends(.brokenFrame)
                breakOff(.framingBroken(error), inputEnded: true)
            }
        case .refuse, .discard:
            machine.inputClosed()
        }
        takeSteps(context)
    }

    private func readIfAllowed(_ context: ChannelHandlerContext) {
        guard !isReading, !turnIsScheduled else { return }
        switch machine.input {
        case .pause, .refuse: return
        case .decode, .discard:
            isReading = true
            context.read()
        }
    }

    // MARK: Time

    /// Bounds the time that the peer takes for one frame; time in which the server itself does not read is not counted.
    private func checkFrameTimeout(isDry: Bool, _ context: ChannelHandlerContext) {
        guard isDry, machine.input == .decode, decoder.isInsideFrame else {
            frameTimer?.cancel()
            frameTimer = nil
            return
        }
        guard frameTimer == nil else { return }
        let timeout = environment.configuration.frameTimeout
        frameTimer = schedule(in: timeout, context) { handler, context in
            handler.frameTimer = nil
            handler.ends(.frameTimeout)
            handler.breakOff(.frameStalled(timeout))
            handler.turn(context)
        }
    }

    /// Keeps one timer, for the earliest deadline that was known when it was set.
    private func scheduleNextDeadline(_ context: ChannelHandlerContext) {
        // In most turns everything is answered, and the rest costs more to look at.
        guard !machine.isIdle, deadlineOfTimer == nil, let deadline = machine.nextDeadline else { return }
        setDeadlineTimer(deadline, context)
    }

    /// Makes sure that the timer fires no later than `deadline`.
    func watch(_ deadline: ContinuousClock.Instant?, _ context: ChannelHandlerContext) {
        guard let deadline else { return }
        if let known = deadlineOfTimer, known <= deadline { return }
        setDeadlineTimer(deadline, context)
    }

    private func setDeadlineTimer(_ deadline: ContinuousClock.Instant, _ context: ChannelHandlerContext) {
        deadlineTimer?.cancel()
        deadlineOfTimer = deadline
        deadlineTimer = schedule(in: now.duration(to: deadline), context) { handler, context in
            handler.deadlineOfTimer = nil
            for ended in handler.machine.expired(at: handler.now) { handler.conclude(ended) }
            handler.turn(context)
        }
    }

    func schedule(
        in time: Duration, _ context: ChannelHandlerContext,
        _ body: @escaping (ConnectionHandler, ChannelHandlerContext) -> Void
    ) -> Scheduled<Void> {
        // Never at once, so that two clocks that disagree cannot make a loop of it.
        let delay = max(time.nanoseconds, 100_000)
        return context.eventLoop.assumeIsolated().scheduleTask(in: .nanoseconds(delay)) {
            guard self.isActive else { return }
            body(self, context)
        }
    }
}
