internal import JoblineProtocol
internal import NIOCore

/// The methods of the protocol itself, as one connection sees them; `rpc.cancel` is the connection's own.
struct ConnectionRPC: RPCService {
    let configuration: ServerConfiguration
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
            limits: RPC.Limits(
                requestBytes: configuration.requestBytes,
                bareRequestBytes: configuration.bareRequestBytes,
                replyBytes: configuration.replyBytes,
                inFlight: configuration.inFlight,
                maximumTimeoutMs: Int(configuration.maximumTimeout.nanoseconds / 1_000_000),
                maximumDepth: JSONReader.maximumDepth))
    }

    func ping(_ request: RPC.PingRequest, context: RequestContext) async throws -> RPC.PingResponse {
        RPC.PingResponse()
    }

    func discover(_ request: RPC.DiscoverRequest, context: RequestContext) async throws -> JSONDocument {
        OpenRPC.parsed
    }
}

extension OpenRPC {
    /// The document in the form in which replies carry it.
    static let parsed = JSONDocument(document) ?? JSONDocument(compact: ByteBuffer(string: "{}"))
}
