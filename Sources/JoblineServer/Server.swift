package import JoblineBackend
internal import JoblineProtocol
package import Logging
package import NIOCore
internal import NIOPosix
internal import ServiceLifecycle
internal import Synchronization

/// Serves the methods of the contract to whoever connects to one listening socket.
///
/// Connections are doors to the request pipeline: `Connection` reads frames and writes replies, `Pipeline` takes each request through
/// `Access`, `Limits`, `Cache` and `Scheduling` to its service. The server knows no concrete backend.
package final class Server: Service {
    /// State of the server at one moment.
    package struct Status: Sendable, Hashable {
        /// Number of connections that are served.
        package var connections: Int
        /// Number of requests at their services.
        package var inFlight: Int
        /// Bytes that connections are charged for: unfinished frames, requests in flight, unsent replies.
        package var heldBytes: Int
        /// Whether a drain has begun.
        package var isDraining: Bool
        /// Reason for which the last accept failed; nil if it succeeded.
        package var acceptFailure: String?
        /// Maximum number of connections, by the configuration and the descriptor limit.
        package var connectionCap: Int
    }

    /// Configuration of the start, for settings that a reload does not change.
    let configuration: ServerConfiguration
    /// Configuration of new connections.
    let currentConfiguration: Mutex<ServerConfiguration>
    private let listener: UnixListener
    /// Listening sockets of the AWS endpoint.
    private let httpListeners: [HTTPListener]
    private let makeServices: @Sendable (any RPCService, Server) -> Services
    let environment: RequestPipeline.Environment
    let budget = BufferBudget()
    private let metrics = ServerMetrics()
    let logger: Logger
    private let group: (any EventLoopGroup)?
    private let gate: AcceptGate
    private let acceptFailure = AcceptFailure()
    private let whenServing: @Sendable () async -> Void
    private let stops = AsyncStream<Stop>.makeStream(bufferingPolicy: .bufferingOldest(1))
    let pipelines: PerEventLoop<RequestPipeline>
    private let outputs = PerEventLoop { _ in OutputQueue() }
    let dates = PerEventLoop { _ in HTTPDate() }
    private let runningGroup = Mutex<(any EventLoopGroup)?>(nil)

    private enum Stop: Sendable {
        case drain
        case listenerClosed
    }

    /// Time that connections have to send the errors with which an overlong drain ends.
    private static let farewell = Duration.seconds(1)

    /// - Parameters:
    ///   - configuration: Sizes, times and numbers.
    ///   - listener: Listening socket. The server closes it at its end, and removes its file if this process created it.
    ///   - http: Listening sockets of the AWS endpoint; none if it is off.
    ///   - limits: Rate limits.
    ///   - access: Access rules.
    ///   - cache: Cache of results; nil if none are cached.
    ///   - faults: Injects faults; nil for none.
    ///   - logger: Logs connections and requests at debug level, failures above.
    ///   - clock: Clock of deadlines and rate limits.
    ///   - group: Event loops to run on; nil if the server is to create its own and shut them down.
    ///   - whenServing: Called when connections are accepted.
    ///   - services: Makes the services of a connection, given the service of the protocol's own methods and the server.
    /// - Throws: ``ServerError`` if a number in the configuration is out of its range.
    package init(
        configuration: ServerConfiguration, listener: UnixListener, http: [HTTPListener] = [],
        limits: RateLimiter.Limits,
        access: AccessRules = AccessRules(), cache: ResponseCache? = nil, faults: FaultInjector? = nil,
        logger: Logger, clock: MonotonicClock = .continuous,
        group: (any EventLoopGroup)? = nil,
        whenServing: @escaping @Sendable () async -> Void = {},
        services: @escaping @Sendable (any RPCService, Server) -> Services
    ) throws(ServerError) {
        try configuration.validate()
        self.configuration = configuration
        currentConfiguration = Mutex(configuration)
        self.listener = listener
        httpListeners = http
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

    /// Current state.
    package var status: Status {
        let registry = environment.registry
        return Status(
            connections: registry.connections, inFlight: registry.inFlight, heldBytes: budget.total,
            isDraining: registry.isDraining, acceptFailure: acceptFailure.reason, connectionCap: registry.caps.total)
    }

    /// Maximum number of connections by the configuration in force, regardless of descriptors.
    package var configuredConnections: Int { currentConfiguration.withLock { $0.connections } }

    /// Counters since the start and current gauges.
    package var statistics: ServerStatistics {
        ServerStatistics(environment, budget, metrics.all)
    }

    /// Replaces configuration and rules while the server runs, all of them or none.
    ///
    /// Limits, access rules and caps on connections apply at once. Open connections keep the sizes and times that they began with,
    /// and are not closed if there are more than the new caps allow. Event loops, socket and drain are not affected.
    ///
    /// - Throws: ``ServerError`` if a number in the configuration is out of its range; nothing has changed then.
    package func reconfigure(
        _ configuration: ServerConfiguration, limits: RateLimiter.Limits, access: AccessRules
    ) throws(ServerError) {
        try configuration.validate()
        currentConfiguration.withLock { $0 = configuration }
        environment.registry.caps = configuration.connectionCaps
        environment.limiter.replace(limits, now: environment.now.nanoseconds)
        environment.access.replace(access)
    }

    /// Runs an empty task on every event loop. Returns only if none of them is stuck.
    ///
    /// - Throws: ``ServerError`` if the server does not run.
    package func ping() async throws {
        guard let group = runningGroup.withLock({ $0 }) else {
            throw ServerError(.state, "the server does not run")
        }
        for eventLoop in group.makeIterator() { try await eventLoop.submit {}.get() }
    }

    /// Ends requests whose deadline has passed. For tests whose clock is moved by hand.
    package func timeHasMoved() { environment.registry.timeHasMoved() }

    /// Closes every connection as if its socket had failed.
    package func disconnect() { environment.registry.closeAll() }

    /// Begins the drain: no connections are accepted, requests in flight finish, and ``run()`` returns.
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
            var channels = [try await accept(descriptor, on: group)]
            for listener in httpListeners { channels.append(try await accept(listener, on: group)) }
            await whenServing()
            let stop = await waitForStop()
            await shutDown(channels, on: group.next())
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
        let bootstrap = bootstrap(gate, on: group)
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

    /// Returns a bootstrap whose connections wait at a gate.
    func bootstrap(_ gate: AcceptGate, on group: any EventLoopGroup) -> ServerBootstrap {
        let logger = logger
        return ServerBootstrap(group: group)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers([AcceptBackoff(self.acceptFailure, logger), gate])
                }
            }
    }

    private func serve(_ channel: any Channel) throws {
        let peer = try PeerCredentials(of: channel)
        let registry = environment.registry
        let admission = registry.admit(channel, caller: peer.caller)
        if admission.exceededCap == nil { gate.reconsider() }
        let configuration = currentConfiguration.withLock { $0 }
        let session = session(of: peer, admission, configuration)
        let pipeline = pipelines[channel.eventLoop]
        let output = ConnectionOutput(
            configuration, queue: outputs[channel.eventLoop], metrics: pipeline.metrics,
            charge: BufferCharge(budget, caller: peer.caller, limit: configuration.userBytes))
        try channel.pipeline.syncOperations.addHandler(
            ConnectionHandler(
                configuration, admission: admission, registry: registry, session: session, pipeline: pipeline,
                output: output))
    }

    /// Returns the session of a connection's caller.
    func session(
        of peer: PeerCredentials, _ admission: ConnectionRegistry.Admission, _ configuration: ServerConfiguration
    ) -> CallerSession {
        let services = makeServices(
            ConnectionRPC(
                configuration: configuration, registry: environment.registry, connection: admission.connection,
                peer: peer), self)
        var logger = logger
        logger[metadataKey: "connection"] = "\(admission.connection)"
        logger[metadataKey: "uid"] = "\(peer.uid)"
        return CallerSession(
            peer: peer, connection: admission.connection,
            answer: { try await services.answer($0, params: $1, context: $2) }, logger: logger)
    }
}

// MARK: - Ending

extension Server {
    private func shutDown(_ channels: [any Channel], on eventLoop: any EventLoop) async {
        let registry = environment.registry
        logger.debug("drain began", metadata: ["connections": "\(registry.connections)"])
        listener.unlink()
        for case .unix(let listener) in httpListeners { listener.unlink() }
        for channel in channels { try? await channel.close().get() }
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
