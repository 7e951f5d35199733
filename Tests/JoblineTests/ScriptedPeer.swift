import JoblineProtocol
import NIOCore
import NIOPosix

/// A daemon that does what the test says: takes connections on a real Unix socket, hands the requests to a script, and sends
/// bytes as they are written down.
struct ScriptedPeer {
    /// One connection, as the script sees it.
    final class Client {
        /// Which connection it is, from 1 on.
        let number: Int
        private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
        private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
        private var decoder = FrameDecoder(limits: .requests)

        init(
            number: Int, inbound: NIOAsyncChannelInboundStream<ByteBuffer>,
            outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
        ) {
            self.number = number
            self.inbound = inbound.makeAsyncIterator()
            self.outbound = outbound
        }

        /// The next request, the client's hello left out; nil where the client hung up.
        func next() async throws -> Request? {
            while true {
                if let frame = try decoder.next() {
                    let request = try Request(frame)
                    if request.method == "rpc.hello" { continue }
                    return request
                }
                guard let bytes = try await inbound.next(isolation: #isolation) else { return nil }
                decoder.append(bytes)
            }
        }

        /// Sends bytes as they are.
        func send(_ text: String) async throws { try await outbound.write(ByteBuffer(string: text)) }

        /// Sends bytes that need not be a text.
        func send(_ bytes: some Sequence<UInt8>) async throws { try await outbound.write(ByteBuffer(bytes: bytes)) }

        /// Sends a framed result.
        func answer(_ request: Request?, _ result: String = "{}") async throws {
            try await reply(request, "\"result\":\(result)")
        }

        /// Sends a framed error.
        func fail(_ request: Request?, _ code: Int, _ data: String = "{}") async throws {
            try await reply(request, "\"error\":{\"code\":\(code),\"message\":\"scripted\",\"data\":\(data)}")
        }

        private func reply(_ request: Request?, _ outcome: String) async throws {
            guard case .integer(let id) = request?.id else { return }
            let body = "{\"jsonrpc\":\"2.0\",\"id\":\(id),\(outcome)}"
            try await send("\(body.utf8.count)\n\(body)\n")
        }
    }

    /// Runs a peer while `body` runs.
    ///
    /// - Parameters:
    ///   - path: Where it listens.
    ///   - script: What it does with a connection, which is closed at the end of the script.
    ///   - body: The test.
    static func run<Value: Sendable>(
        at path: String = uniquePath(), script: @escaping @Sendable (Client) async throws -> Void,
        _ body: (_ path: String) async throws -> Value
    ) async throws -> Value {
        let server = try await ServerBootstrap(group: NIOSingletons.posixEventLoopGroup)
            .bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await serve(server, script) }
            let value = try await body(path)
            group.cancelAll()
            // What a script throws because its client is gone is no result of the test.
            while let ended = await group.nextResult() { _ = ended }
            return value
        }
    }

    private static func serve(
        _ server: NIOAsyncChannel<NIOAsyncChannel<ByteBuffer, ByteBuffer>, Never>,
        _ script: @escaping @Sendable (Client) async throws -> Void
    ) async throws {
        try await server.executeThenClose { connections in
            try await withThrowingDiscardingTaskGroup { group in
                var number = 0
                for try await connection in connections {
                    number += 1
                    group.addTask { [number] in
                        try? await connection.executeThenClose { inbound, outbound in
                            try await script(Client(number: number, inbound: inbound, outbound: outbound))
                        }
                    }
                }
            }
        }
    }

    /// A path where nothing is; short enough for a socket.
    static func uniquePath() -> String { "/tmp/jobline-\(String(UInt64.random(in: .min ... .max), radix: 36)).sock" }
}
