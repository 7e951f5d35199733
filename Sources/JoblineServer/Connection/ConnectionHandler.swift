internal import JoblineBackend
internal import JoblineProtocol
internal import LibC
internal import Logging
internal import NIOCore

/// Carries out the decisions of one connection's state machine: frames in, requests to the pipeline, replies out.
///
/// Confined to the connection's event loop. The work of requests runs in tasks of its own, which the registry counts: the drain
/// waits for them, but a service that ignores its cancellation cannot keep the server from ending.
final class ConnectionHandler: ChannelInboundHandler, PipelineDoor {
    typealias InboundIn = ByteBuffer

    /// Configuration when the connection was accepted; reloads do not affect it.
    private let configuration: ServerConfiguration
    private let registry: ConnectionRegistry
    private let session: CallerSession
    private let pipeline: RequestPipeline
    private let input: ConnectionInput
    private let output: ConnectionOutput
    private let notifications = ConnectionNotifications()
    private let requests: ConnectionRequests
    private var machine: ConnectionStateMachine
    private var deadlineTimer = DeadlineTimer()
    private var turnIsScheduled = false
    /// The channel's, while it is active.
    private var context: ChannelHandlerContext?

    init(
        _ configuration: ServerConfiguration, admission: ConnectionRegistry.Admission, registry: ConnectionRegistry,
        session: CallerSession, pipeline: RequestPipeline, output: ConnectionOutput
    ) {
        self.configuration = configuration
        self.registry = registry
        self.session = session
        self.pipeline = pipeline
        self.output = output
        input = ConnectionInput(configuration, pipeline.metrics)
        requests = ConnectionRequests(configuration, session, pipeline, output, notifications)
        machine = ConnectionStateMachine(configuration, admission)
    }

    // MARK: Channel events

    func channelActive(context: ChannelHandlerContext) {
        self.context = context
        input.open(context) { timeout in
            self.breakInput(.frameStalled(timeout), .frameTimeout)
            self.turn()
        }
        output.open(context) {
            if self.machine.slowConsumerTimerFired() { self.closeSlowConsumer() }
        }
        session.logger.debug(
            "connection opened", metadata: ["pid": "\(session.peer.pid)", "gid": "\(session.peer.gid)"])
        turn()
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        input.append(unwrapInboundIn(data), machine.input)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        input.readEnded()
        if !turnIsScheduled { turn() }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed: input.end()
        case ConnectionEvent.drain: requests.end(machine.drain())
        case ConnectionEvent.drainExpired:
            registry.ends(session.connection, .drain)
            requests.end(machine.drainExpired())
        case ConnectionEvent.timeHasMoved: requests.end(machine.expired(at: pipeline.now))
        default: return context.fireUserInboundEventTriggered(event)
        }
        if !turnIsScheduled { turn() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // Only errors of system calls are free of callers' data.
        let text = error is IOError ? "\(error)" : "\(type(of: error))"
        session.logger.debug("connection failed", metadata: ["error": "\(text)"])
        // A peer that closes with unread bytes resets the connection, and a later write finds nobody.
        close([ECONNRESET, EPIPE].contains((error as? IOError)?.errnoCode) ? .peer : .failed)
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.context = nil
        registry.ends(session.connection, .peer)
        let cancelled = requests.abandon(queued: machine.closed())
        input.close()
        deadlineTimer.clear()
        notifications.close()
        output.close()
        session.logger.debug("connection closed", metadata: ["cancelled": "\(cancelled)"])
        context.fireChannelInactive()
    }

    /// Handles a bounded number of frames, and everything that follows from them or from earlier events.
    private func turn() {
        guard let context else { return }
        let now = pipeline.beginTurn()
        takeSteps()
        let isDry = decode(arrivedAt: now)
        if input.hasEnded, machine.input.dropsBytes || isDry && machine.input == .decode { endInput() }
        input.checkFrameTimer(isWaiting: isDry && machine.input == .decode)
        // The deadlines of requests that were answered in this turn need no timer.
        if !machine.isIdle, deadlineTimer.deadline == nil { setDeadlineTimer(machine.nextDeadline) }
        sendNotifications()
        output.scheduleFlush(of: self, context)
        // Other connections come before the rest of the input.
        if !isDry, machine.input == .decode { scheduleTurn() }
        if !turnIsScheduled { input.read(machine.input) }
    }

    /// Handles the frames of one turn. Returns whether the input has no further complete frame.
    private func decode(arrivedAt now: ContinuousClock.Instant) -> Bool {
        var frames = configuration.requestsPerTurn
        while frames > 0, machine.input == .decode, !input.isEmpty {
            frames -= 1
            do throws(FrameError) {
                guard let frame = try input.next() else { return true }
                pipeline.metrics.received()
                // Answering before parsing: 1.8 times as many describes a second, 8 at a time.
                let early = requests.answer(frame) { machine.wouldStart($0, bytes: $1) }
                if case .answered = early { continue }
                receive(frame, early, at: now)
            } catch {
                breakInput(.framingBroken(error), .brokenFrame)
            }
            takeSteps()
        }
        return input.isEmpty
    }

    /// Schedules another turn after the work that waits on the event loop.
    private func scheduleTurn() {
        guard let context, !turnIsScheduled else { return }
        turnIsScheduled = true
        context.eventLoop.assumeIsolated().execute {
            self.turnIsScheduled = false
            self.turn()
        }
    }

    private func takeSteps() { while machine.hasStep, takeStep() {} }

    /// - Returns: Whether there was a step.
    private func takeStep() -> Bool {
        switch machine.step() {
        case .none: return false
        case .start(let admitted):
            pipeline.metrics.dequeued()
            start(admitted)
        case .refuse(let admitted, let error):
            pipeline.metrics.dequeued()
            requests.refuse(admitted, error)
        case .answer(let address, let reply): requests.write(reply, to: address)
        case .conclude(let error):
            session.logger.debug("connection broken off", metadata: ["code": "\(error.code.rawValue)"])
            output.append(error, to: ReplyAddress(form: .bare, id: nil))
            output.complete(with: .stopInput)
        case .depart:
            registry.ends(session.connection, .drain)
            output.appendDrainNotice()
            output.complete(with: .stopInput)
        case .close: output.complete(with: .close)
        }
        return true
    }

    private func endInput() {
        do throws(FrameError) {
            if machine.input == .decode { try input.checkEnd() }
            machine.inputClosed()
        } catch {
            breakInput(.framingBroken(error), .brokenFrame, inputEnded: true)
        }
        takeSteps()
    }

    /// Ends the connection after the requests that were read: the rest of the input is of no use.
    private func breakInput(_ error: WireError, _ end: ConnectionEnd, inputEnded: Bool = false) {
        registry.ends(session.connection, end)
        requests.end(machine.inputBroke(error, inputEnded: inputEnded))
    }

    // MARK: Requests

    /// Parses and handles a frame with an early decision, if there is one.
    private func receive(_ frame: Frame, _ early: RequestPipeline.Decision?, at now: ContinuousClock.Instant) {
        do throws(Request.Rejection) {
            let request = try Request(frame)
            if request.name.method == .rpcCancel { return cancel(request) }
            switch machine.received(request, watchedJobs: request.watchedJobs, at: now) {
            case .start(let admitted): start(admitted, early)
            case .queued(let deadline):
                pipeline.metrics.queued()
                setDeadlineTimer(deadline)
            case let action: requests.settle(action, RequestRecord(request))
            }
        } catch {
            requests.settle(
                machine.rejected(ReplyAddress(form: frame.form, id: error.id), error.error),
                RequestRecord(nil, error.id))
        }
    }

    private func cancel(_ request: Request) {
        do throws(WireError) {
            let cancel: RPC.CancelRequest = try Method.rpcCancel.decode(request.params)
            let action = machine.receivedCancel(of: cancel.id, replyTo: request.replyAddress)
            if let ended = action.ended { requests.end([ended]) }
            requests.settle(action.reply, RequestRecord(request))
        } catch {
            requests.settle(machine.rejected(request.replyAddress, error), RequestRecord(request))
        }
    }

    private func start(_ admitted: RequestWindow.Admitted, _ early: RequestPipeline.Decision? = nil) {
        guard let context else { return }
        let goesOn = requests.start(admitted, early, for: self) { method in
            // Notifications that arrive before the turn go out in the same write.
            notifications.sender(of: admitted, method, context) { self.scheduleTurn() }
        }
        guard goesOn else { return }
        machine.began(admitted)
        setDeadlineTimer(admitted.deadline)
    }

    func finished(_ request: PendingRequest, _ result: PipelineResult) {
        guard context != nil else { return }
        guard let result else { return close(.failed) }
        requests.finish(request.key, result, machine.finished(request.key))
        // Replies that are ready before the turn go out in the same write.
        scheduleTurn()
    }

    private func setDeadlineTimer(_ deadline: ContinuousClock.Instant?) {
        guard let context, let deadline, !deadlineTimer.fires(by: deadline) else { return }
        deadlineTimer.set(deadline, at: pipeline.now, context) {
            self.deadlineTimer.clear()
            self.requests.end(self.machine.expired(at: self.pipeline.now))
            self.turn()
        }
    }

    /// Writes notifications as far as the peer has room, and ends watches whose caller has lost the right to them.
    private func sendNotifications() {
        notifications.send(to: output, pipeline.metrics) { request in
            if pipeline.isAllowed(request.method, for: session) {
                return machine.notifies(request.key, unsent: output.pendingBytes)
            }
            let revoked = machine.revoked(request.key, .accessDenied(request.method, session.caller))
            if let revoked { requests.end([revoked]) }
            // It may have been the last request that the connection was open for.
            scheduleTurn()
            return .discard
        }
    }

    // MARK: Output

    func flush() {
        guard let context else { return }
        let isSent = output.flush(of: self, context)
        outputChanged()
        // The socket has room for them again, and no event will tell.
        if isSent, !notifications.isEmpty { scheduleTurn() }
    }

    /// The socket took bytes that it had no room for before.
    func socketTookBytes() {
        guard context != nil else { return }
        let wasPaused = machine.input == .pause
        outputChanged()
        if !notifications.isEmpty || (wasPaused && machine.input == .decode) { scheduleTurn() }
    }

    private func outputChanged() {
        guard let context else { return }
        switch machine.outputChanged(unsent: output.unsent) {
        case .none: break
        case .startTimer: output.startSlowConsumerTimer()
        case .stopTimer: output.stopSlowConsumerTimer()
        case .close: return closeSlowConsumer()
        }
        if output.completeIfSent(context) {
            input.end()
            scheduleTurn()
        }
        checkBudget()
    }

    private func closeSlowConsumer(_ end: ConnectionEnd = .slowConsumer) {
        session.logger.info(
            "slow consumer closed", metadata: ["pid": "\(session.peer.pid)", "unsent-bytes": "\(output.unsent)"])
        close(end)
    }

    /// Bounds the memory of all connections of the caller: the connection that exceeds it has to end.
    private func checkBudget() {
        guard context != nil else { return }
        let held = input.heldBytes + machine.heldBytes + output.unsent + notifications.heldBytes
        guard output.charge(held) else { return }
        if output.unsent > 0 { return closeSlowConsumer(.userBytes) }
        input.discard()
        breakInput(.bufferFull(configuration.userBytes), .userBytes)
        scheduleTurn()
    }

    /// Closes at once, without a last reply.
    private func close(_ end: ConnectionEnd) {
        registry.ends(session.connection, end)
        context?.close(promise: nil)
    }
}
