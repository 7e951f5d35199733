internal import JoblineProtocol
internal import Logging
internal import NIOCore

/// Performs the actions of the state machine: connects, writes, schedules timers, completes calls.
///
/// Not thread-safe: every method must be called on the event loop.
final class ConnectionDriver {
    typealias CallID = ClientStateMachine.CallID
    typealias Generation = ClientStateMachine.Generation

    /// Establishes a connection; runs the initializer on its channel before the first read.
    typealias Connector =
        @Sendable (
            any EventLoop, _ initializer: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>
        ) -> EventLoopFuture<any Channel>

    struct Configuration: Sendable {
        var socketPath: String
        var clientName: String?
        var replyLimits: FrameDecoder.Limits
        var logger: Logger
    }

    let eventLoop: any EventLoop
    let configuration: Configuration
    private let connector: Connector

    // Exclusivity checks off: only accessed on the event loop, never re-entered; saves 5 % of the time of a call.
    @exclusivity(unchecked) var machine: ClientStateMachine
    @exclusivity(unchecked) private var calls: [CallID: OutgoingCall] = [:]
    var watches: [CallID: OutgoingWatch] = [:]
    var jobChanges = JobChangeReader()
    private var channel: (any Channel)?
    /// Completes when the last connection attempt has succeeded or failed.
    private var connecting: EventLoopFuture<Void>
    private var requestCap = FrameDecoder.Limits.requests.framed
    /// Encoded requests that are not written to the channel yet.
    @exclusivity(unchecked) private var outgoing = ByteBuffer()
    private var timer: (at: NIODeadline, task: Scheduled<Void>)?
    private var backOffTimer: Scheduled<Void>?

    init(
        eventLoop: any EventLoop, configuration: Configuration, machine: consuming ClientStateMachine,
        connector: @escaping Connector
    ) {
        self.eventLoop = eventLoop
        self.configuration = configuration
        self.machine = machine
        self.connector = connector
        self.connecting = eventLoop.makeSucceededVoidFuture()
    }
}

// MARK: - From the callers

extension ConnectionDriver {
    /// Processes a batch of changes to calls, in order.
    func take(_ changes: [CallChange]) {
        let now = eventLoop.now
        var next: Generation?
        for change in changes {
            switch change {
            case .submitted(let id, let call): next = submit(id, call, now) ?? next
            case .cancelled(let id): cancel(id)
            }
        }
        if let next { connect(next) }
        settle()
    }

    /// - Returns: The number of the connection to establish; nil if none is needed.
    private func submit(_ id: CallID, _ call: OutgoingCall, _ now: NIODeadline) -> Generation? {
        switch machine.submit(id, deadline: call.deadline, now: now) {
        case .wait:
            calls[id] = call
            return nil
        case .connect(let generation):
            calls[id] = call
            return generation
        case .refuse(let failure):
            call.completion(.failure(failure))
            return nil
        }
    }

    private func cancel(_ id: CallID) {
        switch machine.cancelled(id) {
        case .none: break
        case .fail(let failure): finish(id, .failure(failure))
        case .failAndTellServer(let failure, let linkEnd):
            // Written before the caller resumes, which may close the client.
            tellServer(toCancel: id)
            finish(id, .failure(failure))
            perform(linkEnd)
        }
    }

    /// Fails all calls and watches and closes the connection.
    ///
    /// - Returns: A future that completes once the socket is closed.
    func close() -> EventLoopFuture<Void> {
        let ended = machine.closed()
        let closing = closeChannel()
        end(ended)
        backOffTimer?.cancel()
        backOffTimer = nil
        settle()
        return connecting.flatMapErrorThrowing { _ in }.flatMap { closing }
    }
}

// MARK: - Connecting

extension ConnectionDriver {
    func connect(_ generation: Generation) {
        let driver = NIOLoopBound(self, eventLoop: eventLoop)
        let limits = configuration.replyLimits
        let made = connector(eventLoop) { channel in
            channel.eventLoop.makeCompletedFuture {
                let handler = ReplyHandler(driver: driver.value, generation: generation, limits: limits)
                try channel.pipeline.syncOperations.addHandler(handler)
            }
        }
        connecting = made.flatMapErrorThrowing {
            driver.value.connectFailed(generation, $0)
            throw $0
        }.flatMap { driver.value.connected(generation, $0) }
    }

    /// - Returns: A future that completes at once, or after the close of a connection that is no longer needed.
    private func connected(_ generation: Generation, _ channel: any Channel) -> EventLoopFuture<Void> {
        defer { settle() }
        switch machine.connected(generation, now: eventLoop.now) {
        case .use:
            self.channel = channel
            configuration.logger.debug("connected", metadata: ["socket": "\(configuration.socketPath)"])
            sendHello()
            // The peer may have closed the connection before this callback ran.
            if !channel.isActive { lost(generation, cause: nil) }
            return eventLoop.makeSucceededVoidFuture()
        case .close:
            return channel.close()
        }
    }

    private func connectFailed(_ generation: Generation, _ error: any Error) {
        let failure = ConnectFailure(error, path: configuration.socketPath)
        configuration.logger.debug("cannot connect", metadata: ["reason": "\(failure.message)"])
        if let action = machine.connectFailed(generation, failure) {
            end(action.ended)
            perform(action.next)
        }
        settle()
    }

    func perform(_ linkEnd: ClientStateMachine.LinkEnd?) {
        guard let linkEnd else { return }
        _ = closeChannel()
        end(linkEnd.ended)
        perform(linkEnd.next)
    }

    private func perform(_ next: ClientStateMachine.Next) {
        switch next {
        case .rest: break
        case .connect(let generation): connect(generation)
        case .backOff(let pause):
            backOffTimer = eventLoop.assumeIsolated().scheduleTask(in: pause) {
                self.backOffTimer = nil
                if let generation = self.machine.backOffEnded() { self.connect(generation) }
            }
        }
    }

    private func closeChannel() -> EventLoopFuture<Void> {
        outgoing = ByteBuffer()
        guard let channel else { return eventLoop.makeSucceededVoidFuture() }
        self.channel = nil
        channel.close(promise: nil)
        return channel.closeFuture
    }
}

// MARK: - Hello

extension ConnectionDriver {
    /// Id of the request for the server's limits; calls and watches have integer ids.
    private static let helloID = "hello"
    /// Id of the keep-alive ping.
    private static let pingID = "ping"
    /// Id of the ping that tests whether the daemon drains.
    private static let probeID = "probe"

    private func sendHello() {
        let params = RPC.HelloRequest(client: configuration.clientName)
        write(Request(id: .string(Self.helloID), name: .known(.rpcHello), params: params.json()))
    }

    /// Adopts the server's limits; keeps the defaults if the response is an error or invalid.
    private func greeted(_ generation: Generation, _ outcome: Result<ByteBuffer, WireError>) {
        guard case .success(let json) = outcome, let hello = try? RPC.HelloResponse(json: json) else { return }
        requestCap = hello.limits.requestBytes
        machine.windowAdvertised(generation, hello.limits.inFlight)
    }

    /// Handles the response to a hello, ping or probe.
    func ownRequestAnswered(_ generation: Generation, _ id: String, _ outcome: Result<ByteBuffer, WireError>) {
        switch (id, outcome) {
        case (Self.helloID, _): greeted(generation, outcome)
        case (Self.probeID, .failure(let error)):
            perform(machine.probed(generation, isDraining: error.code == .unavailable))
        case (Self.probeID, .success): perform(machine.probed(generation, isDraining: false))
        // `heard` has already recorded the sign of life.
        case (Self.pingID, _): break
        default: violated(generation, "the daemon answered a request that was not sent")
        }
    }
}

// MARK: - After every event

extension ConnectionDriver {
    /// Writes all requests that may be written now and schedules the timer for the next deadline.
    func settle() {
        let now = eventLoop.now
        while channel != nil, let id = machine.nextToWrite(now: now) {
            write(id, now)
            // Lets the channel report that it is no longer writable, which stops the loop.
            if outgoing.readableBytes >= Self.chunkBytes { handOver() }
        }
        handOver()
        guard let next = machine.nextTime else {
            timer?.task.cancel()
            timer = nil
            return
        }
        // An early timer is harmless: it finds nothing due and is scheduled again.
        if let timer, timer.at <= next { return }
        timer?.task.cancel()
        let task = eventLoop.assumeIsolated().scheduleTask(deadline: next) { self.timeReached() }
        timer = (next, task)
    }

    private func timeReached() {
        timer = nil
        let action = machine.timeReached(now: eventLoop.now)
        for id in action.tellServer { tellServer(toCancel: id) }
        end(action.ended)
        if action.pings { ping() }
        perform(action.linkEnd)
        settle()
    }

    private func write(_ id: CallID, _ now: NIODeadline) {
        let start = outgoing.writerIndex
        let bodyBytes: Int
        if let call = calls[id] {
            bodyBytes = call.append(id: id, now: now, to: &outgoing)
        } else if let request = watches[id]?.request(id: id) {
            bodyBytes = write(request)
        } else {
            // The watch has nothing left to request.
            perform(machine.notWritten(id))
            finishWatch(id, nil)
            return
        }
        guard bodyBytes <= requestCap else {
            outgoing.moveWriterIndex(to: start)
            let message = "a request of \(bodyBytes) bytes exceeds the daemon's limit of \(requestCap) bytes"
            perform(machine.notWritten(id))
            end([ClientStateMachine.Ended(id: id, failure: CallFailure(.tooLarge, message, written: false))])
            return
        }
    }

    /// Sends a ping.
    private func ping(id: String = pingID) {
        guard channel != nil else { return }
        write(Request(id: .string(id), name: .known(.rpcPing)))
    }

    /// Sends a ping that tests whether the daemon drains.
    func probe() { ping(id: Self.probeID) }

    func tellServer(toCancel id: CallID) {
        guard channel != nil else { return }
        let params = RPC.CancelRequest(id: .integer(id))
        write(Request(id: nil, name: .known(.rpcCancel), params: params.json()))
    }

    /// - Returns: Size of the request's body in bytes.
    @discardableResult
    private func write(_ request: Request) -> Int {
        Frame.append(.framed, to: &outgoing) { request.write(to: &$0) }
    }

    /// Size in bytes at which batched requests are written to the channel: 32 KiB.
    private static let chunkBytes = 1 << 15

    private func handOver() {
        guard outgoing.readableBytes > 0 else { return }
        // Emptied first: the channel may call back during the write.
        channel?.writeAndFlush(exchange(&outgoing, with: ByteBuffer()), promise: nil)
    }

    func end(_ ended: [ClientStateMachine.Ended]) {
        for call in ended {
            if watches[call.id] == nil {
                finish(call.id, .failure(call.failure))
            } else {
                finishWatch(call.id, call.failure)
            }
        }
    }

    func finish(_ id: CallID, _ outcome: Result<ByteBuffer, CallFailure>) {
        calls.removeValue(forKey: id)?.completion(outcome)
    }
}
