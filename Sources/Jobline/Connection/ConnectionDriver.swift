internal import JoblineProtocol
internal import Logging
internal import NIOCore

/// Does what the state machine decides: connects, writes, arms timers, resumes callers.
///
/// Lives on one event loop; every method is called there.
final class ConnectionDriver {
    typealias CallID = ClientStateMachine.CallID
    typealias Generation = ClientStateMachine.Generation

    /// Makes a connection whose channel has the given handler before its first byte is read.
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

    // What each call changes several times is not checked for being in use already, which costs a twentieth of it: what changes it
    // is on the event loop, and calls nobody back.
    @exclusivity(unchecked) var machine: ClientStateMachine
    @exclusivity(unchecked) private var calls: [CallID: OutgoingCall] = [:]
    var watches: [CallID: OutgoingWatch] = [:]
    var jobChanges = JobChangeReader()
    private var channel: (any Channel)?
    /// Completes when the last connection was made, or could not be.
    private var connecting: EventLoopFuture<Void>
    private var requestCap = FrameDecoder.Limits.requests.framed
    /// Requests that are not handed to the channel yet.
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
    /// What became of calls since the last time, in that order.
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

    /// - Returns: The connection to make for it, if it is the first that needs one.
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
            // First, so that the notice is out before the caller, who may close the client, goes on.
            tellServer(toCancel: id)
            finish(id, .failure(failure))
            perform(linkEnd)
        }
    }

    /// Ends every call and the connection.
    ///
    /// - Returns: Completes once the socket is closed.
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

// MARK: - From the connection

extension ConnectionDriver {
    /// Bytes came in, whatever they say.
    func heard(_ generation: Generation) { machine.heard(generation, now: eventLoop.now) }

    /// ``settle()`` has to follow, once for all frames that were read together.
    ///
    /// - Throws: If what came is no message.
    func received(_ frame: Frame, _ generation: Generation) throws(JSONError) {
        if let told = jobChanges.again(frame.body) { return jobChanged(generation, told) }
        switch try ServerMessage(frame) {
        case .reply(.integer(let id), let outcome) where machine.watches.contains(id):
            watchAnswered(generation, id, outcome)
        case .reply(.integer(let id), let outcome): answered(generation, id, outcome)
        case .reply(.string(Self.helloID), let outcome): greeted(generation, outcome)
        case .reply(.string(Self.probeID), .failure(let error)):
            perform(machine.probed(generation, isDraining: error.code == .unavailable))
        case .reply(.string(Self.probeID), .success): perform(machine.probed(generation, isDraining: false))
        // To have heard it was all.
        case .reply(.string(Self.pingID), _): break
        case .reply(.string, _): violated(generation, "the daemon answered a request that was not sent")
        case .reply(nil, .failure(let error)): perform(machine.refused(generation, error))
        case .reply(nil, .success): violated(generation, "the daemon sent a result without an id")
        case .notification("Sidecar.Draining", _): perform(machine.drainNoticed(generation))
        case .notification("Sidecar.JobChanged", let params): jobChanged(generation, params, frame.body)
        case .notification: break
        }
    }

    func writabilityChanged(_ generation: Generation, _ isWritable: Bool) {
        machine.writabilityChanged(generation, isWritable)
        settle()
    }

    func violated(_ generation: Generation, _ message: String) {
        perform(machine.violated(generation, message))
        settle()
    }

    func lost(_ generation: Generation, cause: (any Error)?) {
        perform(machine.lost(generation, cause: cause))
        settle()
    }

    private func answered(_ generation: Generation, _ id: CallID, _ outcome: Result<ByteBuffer, WireError>) {
        switch machine.answered(generation, id) {
        case .deliver(let linkEnd):
            finish(id, outcome.mapError(CallFailure.server))
            perform(linkEnd)
            if case .failure(let error) = outcome, error.code == .unavailable, error.processed == false,
                machine.turnedDown(generation)
            {
                ping(id: Self.probeID)
            }
        case .ignore(let linkEnd): perform(linkEnd)
        case .violation(let linkEnd): perform(linkEnd)
        }
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

    /// - Returns: Completes at once, or when the connection is closed again that no one wants any more.
    private func connected(_ generation: Generation, _ channel: any Channel) -> EventLoopFuture<Void> {
        defer { settle() }
        switch machine.connected(generation, now: eventLoop.now) {
        case .use:
            self.channel = channel
            configuration.logger.debug("connected", metadata: ["socket": "\(configuration.socketPath)"])
            sendHello()
            // The peer may have hung up before anyone listened.
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
    /// The id of the request that asks for the server's limits; calls have integers.
    private static let helloID = "hello"
    /// The id of the request that asks for a sign of life.
    private static let pingID = "ping"
    /// The id of the request that finds out whether the daemon drains.
    private static let probeID = "probe"

    private func sendHello() {
        let params = RPC.HelloRequest(client: configuration.clientName)
        write(Request(id: .string(Self.helloID), name: .known(.rpcHello), params: params.json()))
    }

    /// Takes over the server's limits. Without an answer that can be read the defaults of the contract stay.
    private func greeted(_ generation: Generation, _ outcome: Result<ByteBuffer, WireError>) {
        guard case .success(let json) = outcome, let hello = try? RPC.HelloResponse(json: json) else { return }
        requestCap = hello.limits.requestBytes
        machine.windowAdvertised(generation, hello.limits.inFlight)
    }
}

// MARK: - After every event

extension ConnectionDriver {
    /// Writes what may be written now, and sees that the clock is looked at in time.
    func settle() {
        let now = eventLoop.now
        while channel != nil, let id = machine.nextToWrite(now: now) {
            write(id, now)
            // The channel says when it has enough.
            if outgoing.readableBytes >= Self.chunkBytes { handOver() }
        }
        handOver()
        guard let next = machine.nextTime else {
            timer?.task.cancel()
            timer = nil
            return
        }
        // One that is early is harmless: it finds nothing and is armed again.
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
            // A watch may have nothing left to ask.
            perform(machine.notWritten(id))
            finishWatch(id, nil)
            return
        }
        guard bodyBytes <= requestCap else {
            outgoing.moveWriterIndex(to: start)
            let message = "a request of \(bodyBytes) bytes is over the daemon's cap of \(requestCap)"
            perform(machine.notWritten(id))
            end([ClientStateMachine.Ended(id: id, failure: CallFailure(.tooLarge, message, written: false))])
            return
        }
    }

    /// Asks for a sign of life.
    private func ping(id: String = pingID) {
        guard channel != nil else { return }
        write(Request(id: .string(id), name: .known(.rpcPing)))
    }

    func tellServer(toCancel id: CallID) {
        guard channel != nil else { return }
        let params = RPC.CancelRequest(id: .integer(id))
        write(Request(id: nil, name: .known(.rpcCancel), params: params.json()))
    }

    /// - Returns: How many bytes the request has.
    @discardableResult
    private func write(_ request: Request) -> Int {
        Frame.append(.framed, to: &outgoing) { request.write(to: &$0) }
    }

    /// Most requests travel in one piece with others; this many bytes are piece enough.
    private static let chunkBytes = 1 << 15

    private func handOver() {
        guard outgoing.readableBytes > 0 else { return }
        // The channel may call back while it is written to.
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

    private func finish(_ id: CallID, _ outcome: Result<ByteBuffer, CallFailure>) {
        calls.removeValue(forKey: id)?.completion(outcome)
    }
}
