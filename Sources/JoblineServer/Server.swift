package import JoblineBackend
internal import JoblineProtocol
package import Logging
package import NIOCore
internal import NIOPosix
internal import ServiceLifecycle
internal import Synchronization

/// Serves the methods of the contract to whoever connects to one listening socket.
///
/// What a request goes through is in the folders: `Connection` reads and answers it, `Access` and `Limits` let it pass, `Dispatch` hands it
/// to a service. The server knows no backend.
package final class Server: Service {
    /// What the server does now.
    package struct Status: Sendable, Hashable {
        /// Connections that are served.
        package var connections: Int
        /// Requests that are worked on.
        package var inFlight: Int
        /// Bytes that connections hold: unfinished frames, requests in flight, unsent replies, as far as they are charged for.
        package var heldBytes: Int
        /// True once a drain has begun.
        package var isDraining: Bool
        /// Why the last attempt to accept a connection failed; nil if it did not.
        package var acceptFailure: String?
        /// Connections that there may be, by the configuration and by the descriptors that there are.
        package var connectionCap: Int
    }

    /// That of the start, for what is fixed then.
    private let configuration: ServerConfiguration
    /// That for connections from now on.
    private let configurationInForce: Mutex<ServerConfiguration>
    private let listener: UnixListener
    private let makeServices: @Sendable (any RPCService, Server) -> Services
    private let environment: RequestPipeline.Environment
    private let budget = BufferBudget()
    private let metrics = ServerMetrics()
    private let logger: Logger
    private let group: (any EventLoopGroup)?
    private let gate: AcceptGate
    private let acceptFailure = AcceptFailure()
    private let whenServing: @Sendable () async -> Void
    private let stops = AsyncStream<Stop>.makeStream(bufferingPolicy: .bufferingOldest(1))
    private let pipelines: PerEventLoop<RequestPipeline>
    private let outputs = PerEventLoop { _ in OutputQueue() }
    private let runningGroup = Mutex<(any EventLoopGroup)?>(nil)

    private enum Stop: Sendable {
        case drain
        case listenerClosed
    }

    /// How long connections may take to send the errors with which an overlong drain ends.
    private static let farewell = Duration.seconds(1)

    /// - Parameters:
    ///   - configuration: Sizes, times and numbers.
    ///   - listener: The socket; it is closed when the server ends, and its file removed if this process made it.
    ///   - limits: Which rates are let pass.
    ///   - access: Who may read and who may write.
    ///   - faults: Which calls go wrong on purpose; nil: none.
    ///   - logger: For connections and requests at debug, for failures above.
    ///   - clock: Where deadlines and limits take their time from.
    ///   - group: Event loops to run on; nil: the server makes its own and shuts them down.
    ///   - whenServing: Called once connections are accepted.
    ///   - services: Where the requests of a connection go, given what answers the methods of the protocol itself, and
    ///     the server.
    /// - Throws: If a number in the configuration makes no sense.
    package init(
        configuration: ServerConfiguration, listener: UnixListener, limits: RateLimiter.Limits,
        access: AccessRules = AccessRules(), cache: ResponseCache? = nil, faults: FaultInjector? = nil,
        logger: Logger, clock: MonotonicClock = .continuous,
        group: (any EventLoopGroup)? = nil,
        whenServing: @escaping @Sendable () async -> Void = {},
        services: @escaping @Sendable (any RPCService, Server) -> Services
    ) throws(ServerError) {
        try configuration.validate()
        self.configuration = configuration
        configurationInForce = Mutex(configuration)
        self.listener = listener
        makeServices = services
        self.logger = logger
        self.group = group
        self.whenServing = whenServing
        let registry = ConnectionRegistry(caps: configuration.connectionCaps)
        gate = AcceptGate(unserved: configuration.unservedConnections) { registry.connections }
        let environment = RequestPipeline.Environment(
            access: AccessControl(access), limiter: RateLimiter(limits), cache: cache, faults: faults, clock: clock,
            origin: clock.now(), registry: registry)
        self.environment = environment
        let slotLimits = configuration.slotLimits
        pipelines = PerEventLoop { [metrics] eventLoop in
            RequestPipeline(
                environment, scheduler: WorkScheduler(slotLimits, executor: EventLoopExecutor(eventLoop)),
                metrics: metrics.metrics(of: eventLoop), eventLoop: eventLoop)
        }
    }

    /// What the server does now.
    package var status: Status {
        let registry = environment.registry
        return Status(
            connections: registry.connections, inFlight: registry.inFlight, heldBytes: budget.total,
            isDraining: registry.isDraining, acceptFailure: acceptFailure.reason, connectionCap: registry.caps.total)
    }

    /// Connections that there may be by the configuration in force, whether or not there are descriptors for them.
    package var configuredConnections: Int { configurationInForce.withLock { $0.connections } }

    /// What the server counted since its start, and what is open now.
    package var statistics: ServerStatistics {
        ServerStatistics(environment, budget, metrics.all)
    }

    /// Puts other numbers and rules in force while the server runs, all of them or none.
    ///
    /// Limits, access rules and caps on connections hold at once; connections that are open keep the sizes and times that they
    /// began with, and are not closed where there are more than the caps allow by now. The event loops, the socket and the drain
    /// stay as they are.
    ///
    /// - Throws: If a number in the configuration makes no sense; then nothing has changed.
    package func reconfigure(
        _ configuration: ServerConfiguration, limits: RateLimiter.Limits, access: AccessRules
    ) throws(ServerError) {
        try configuration.validate()
        configurationInForce.withLock { $0 = configuration }
        environment.registry.caps = configuration.connectionCaps
        environment.limiter.replace(limits, now: environment.now.nanoseconds)
        environment.access.replace(access)
    }

    /// Goes once through every event loop; returns only if all of them still turn.
    ///
    /// - Throws: ``ServerError`` if the server does not run.
    package func ping() async throws {
        guard let group = runningGroup.withLock({ $0 }) else {
            throw ServerError(.state, "the server does not run")
        }
        for eventLoop in group.makeIterator() { try await eventLoop.submit {}.get() }
    }

    /// Has every request whose deadline has passed be answered so, where the server's clock is one that is moved by hand.
    package func timeHasMoved() { environment.registry.timeHasMoved() }

    /// Closes every connection, as if its socket had failed.
    package func disconnect() { environment.registry.closeAll() }

    /// Begins the drain: no more connections, requests in flight are finished, and ``run()`` returns.
    package func drain() { stops.continuation.yield(.drain) }

    /// Serves until a graceful shutdown, a cancellation or ``drain()``, then drains.
    ///
    /// - Throws: ``ServerError`` if the listening socket cannot be used, or breaks.
    package func run() async throws {
        guard let descriptor = listener.take() else {
            throw ServerError(.state, "the listening socket was used or closed before")
        }
        let group = self.group ?? MultiThreadedEventLoopGroup(numberOfThreads: configuration.threads)
        runningGroup.withLock { $0 = group }
        defer { runningGroup.withLock { $0 = nil } }
        do {
            let channel = try await accept(descriptor, on: group)
            await whenServing()
            let stop = await waitForStop()
            await shutDown(channel, on: group.next())
            try await shutDownOwnGroup(group)
            if case .listenerClosed = stop { throw ServerError(.listening, "the listening socket broke") }
        } catch {
            listener.unlink()
            throw error
        }
    }

    private func waitForStop() async -> Stop {
        await withTaskCancellationOrGracefulShutdownHandler {
            for await stop in stops.stream { return stop }
            return .drain
        } onCancelOrGracefulShutdown: {
            self.drain()
        }
    }
}

// MARK: - Accepting

extension Server {
    private func accept(_ descriptor: CInt, on group: any EventLoopGroup) async throws -> any Channel {
        let logger = logger
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers([
                        AcceptBackoff(self.acceptFailure, logger), self.gate,
                    ])
                }
            }
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            // The handler of a connection asks for each read.
            .childChannelOption(.autoRead, value: false)
            .childChannelOption(.maxMessagesPerRead, value: 1)
            // A connection keeps its last buffer while it is idle: small for one that asks little, and never large.
            .childChannelOption(
                .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 512, initial: 1024, maximum: 8192)
            )
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try self.serve(channel) }
            }
        do {
            let channel = try await bootstrap.withBoundSocket(descriptor).get()
            try await setBacklog(of: channel)
            channel.closeFuture.whenComplete { _ in self.stops.continuation.yield(.listenerClosed) }
            return channel
        } catch {
            throw ServerError(.listening, "the listening socket cannot be used", cause: error)
        }
    }

    /// SwiftNIO listens anew on a socket it is given, with a short queue.
    private func setBacklog(of channel: any Channel) async throws {
        let backlog = configuration.backlog
        try await channel.eventLoop.submit {
            try channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) {
                UnixListener.setBacklog(of: $0, backlog)
            }
        }.get()
    }

    private func serve(_ channel: any Channel) throws {
        let peer = try PeerCredentials(of: channel)
        let registry = environment.registry
        let admission = registry.admit(channel, caller: peer.caller)
        if admission.exceededCap == nil { gate.reconsider() }
        let configuration = configurationInForce.withLock { $0 }
        let services = makeServices(
            ConnectionRPC(
                configuration: configuration, registry: registry, connection: admission.connection, peer: peer), self)
        var logger = logger
        logger[metadataKey: "connection"] = "\(admission.connection)"
        logger[metadataKey: "uid"] = "\(peer.uid)"
        let session = CallerSession(
            peer: peer, connection: admission.connection,
            answer: { try await services.answer($0, params: $1, context: $2) }, logger: logger)
        let pipeline = pipelines[channel.eventLoop]
        let output = ConnectionOutput(
            configuration, queue: outputs[channel.eventLoop], metrics: pipeline.metrics, budget: budget,
            caller: peer.caller)
        try channel.pipeline.syncOperations.addHandler(
            ConnectionHandler(
                configuration, admission: admission, registry: registry, session: session, pipeline: pipeline,
                output: output))
    }
}

// MARK: - Ending

extension Server {
    private func shutDown(_ channel: any Channel, on eventLoop: any EventLoop) async {
        let registry = environment.registry
        logger.debug("drain began", metadata: ["connections": "\(registry.connections)"])
        listener.unlink()
        try? await channel.close().get()
        registry.drain()
        let timeout = Task.isCancelled ? .zero : configuration.drainTimeout
        if await registry.waitUntilIdle(timeout, on: eventLoop) { return }
        logger.notice("drain is over its time", metadata: ["in-flight": "\(registry.inFlight)"])
        registry.expireDrain()
        if await registry.waitUntilIdle(Self.farewell, on: eventLoop) { return }
        registry.closeAll()
        if await registry.waitUntilIdle(Self.farewell, on: eventLoop) { return }
        logger.warning("work goes on after the drain", metadata: ["in-flight": "\(registry.inFlight)"])
    }

    private func shutDownOwnGroup(_ running: any EventLoopGroup) async throws {
        // Work that has not ended comes back to its event loop: leave that to the end of the process.
        guard group == nil, environment.registry.inFlight == 0 else { return }
        try await running.shutdownGracefully()
    }
}
