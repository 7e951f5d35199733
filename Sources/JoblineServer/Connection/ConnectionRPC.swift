internal import COpenRPC
internal import JoblineBackend
internal import JoblineProtocol
internal import NIOCore

/// Service of the protocol's methods for one connection; the connection handles `rpc.cancel` itself.
struct ConnectionRPC: RPCService {
    /// Configuration when the connection was accepted; reloads do not affect it.
    let configuration: ServerConfiguration
    let registry: ConnectionRegistry
    let connection: Int
    let peer: PeerCredentials

    func hello(_ request: RPC.HelloRequest, context: RequestContext) async throws -> RPC.HelloResponse {
        let missing = (request.require ?? []).filter { !configuration.features.contains($0) }
        guard missing.isEmpty else {
            throw ServiceError(
                .invalid, "this server does not have: \(missing.joined(separator: ", "))", path: "require")
        }
        return RPC.HelloResponse(
            protocolVersion: ProtocolVersion.current,
            version: configuration.version,
            features: configuration.features,
            services: configuration.backends,
            connection: connection,
            peer: RPC.Peer(uid: Int(peer.uid), gid: Int(peer.gid), pid: Int(peer.pid)),
            access: context.access.classes,
            limits: RPC.Limits(configuration, registry.caps))
    }

    func ping(_ request: RPC.PingRequest, context: RequestContext) async throws -> RPC.PingResponse {
        RPC.PingResponse()
    }

    func discover(_ request: RPC.DiscoverRequest, context: RequestContext) async throws -> JSONDocument {
        openRPCDocument
    }
}

/// Result of `rpc.discover`, without the white space of the file.
private let openRPCDocument =
    JSONDocument(String(cString: jobline_openrpc_document())) ?? JSONDocument(compact: ByteBuffer(string: "{}"))

extension AccessRights {
    /// Rights as access classes of the contract.
    fileprivate var classes: [RPC.AccessClass] {
        [(AccessRights.read, RPC.AccessClass.read), (.write, .write)].filter { contains($0.0) }.map(\.1)
    }
}

extension RPC.Limits {
    fileprivate init(_ configuration: ServerConfiguration, _ caps: ConnectionCaps) {
        self.init(
            requestBytes: configuration.requestBytes,
            bareRequestBytes: configuration.bareRequestBytes,
            replyBytes: configuration.replyBytes,
            idBytes: RequestID.maximumBytes,
            methodBytes: Request.maximumMethodBytes,
            traceparentBytes: Request.maximumTraceparentBytes,
            maximumDepth: JSONReader.maximumDepth,
            blankLines: FrameDecoder.maximumBlankLines,
            frameMs: configuration.frameTimeout.milliseconds,
            inFlight: configuration.inFlight,
            inFlightBytes: configuration.inFlightBytes,
            userBytes: configuration.userBytes,
            defaultTimeoutMs: min(configuration.defaultTimeout, configuration.maximumTimeout).milliseconds,
            maximumTimeoutMs: configuration.maximumTimeout.milliseconds,
            softOutputBytes: configuration.softOutputBytes,
            hardOutputBytes: configuration.hardOutputBytes,
            slowConsumerMs: configuration.slowConsumerTimeout.milliseconds,
            connections: caps.total,
            connectionsPerUser: caps.perUser,
            drainMs: configuration.drainTimeout.milliseconds, watchedJobs: configuration.watchedJobs)
    }
}

extension Duration {
    fileprivate var milliseconds: Int { Int(nanoseconds / 1_000_000) }
}
