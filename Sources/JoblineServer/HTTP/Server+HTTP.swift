internal import JoblineProtocol
internal import Logging
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import Synchronization

extension Server {
    /// Listens for the AWS endpoint.
    ///
    /// - Throws: ``ServerError`` if the socket cannot be used.
    func accept(_ listener: HTTPListener, on group: any EventLoopGroup) async throws -> any Channel {
        let registry = environment.registry
        let gate = AcceptGate(unserved: configuration.unservedConnections) { registry.connections }
        let bootstrap = bootstrap(gate, on: group)
            .serverChannelOption(.backlog, value: configuration.backlog)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try self.serveHTTP(channel, gate) }
            }
        do {
            switch listener {
            case .address(let address): return try await bootstrap.bind(host: address.host, port: address.port).get()
            case .unix(let listener):
                guard let descriptor = listener.take() else {
                    throw ServerError(.state, "the socket of the AWS endpoint was used or closed before")
                }
                return try await bootstrap.withBoundSocket(descriptor).get()
            }
        } catch {
            throw ServerError(.listening, "the AWS endpoint cannot listen at \(listener)", cause: error)
        }
    }

    private func serveHTTP(_ channel: any Channel, _ gate: AcceptGate) throws {
        let isTCP = channel.remoteAddress?.protocol != .unix
        let peer: PeerCredentials
        do {
            peer = try isTCP ? PeerCredentials(ofTCP: channel) : PeerCredentials(of: channel)
        } catch {
            logger.warning("connection of the AWS endpoint refused", metadata: ["error": "\(error)"])
            throw error
        }
        let registry = environment.registry
        let admission = registry.admit(channel, caller: peer.caller)
        if admission.exceededCap == nil { gate.reconsider() }
        let configuration = currentConfiguration.withLock { $0 }
        let pipeline = pipelines[channel.eventLoop]
        let handlers = channel.pipeline.syncOperations
        let timer = HTTPRequestTimer(
            timeout: configuration.frameTimeout, metrics: pipeline.metrics,
            refusal: admission.exceededCap.map(WireError.tooManyConnections))
        let door = HTTPDoor(
            configuration, admission: admission, registry: registry,
            session: session(of: peer, admission, configuration), pipeline: pipeline, timer: timer,
            date: dates[channel.eventLoop],
            charge: BufferCharge(budget, caller: peer.caller, limit: configuration.userBytes), isTCP: isTCP)
        timer.whenExpired = { [weak door] in door?.requestTimedOut() ?? false }
        try handlers.addHandler(timer)
        try handlers.configureHTTPServerPipeline(withPipeliningAssistance: true, withErrorHandling: true)
        try handlers.addHandler(door)
    }
}
