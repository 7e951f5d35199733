import Glibc
import JoblineProtocol
import NIOCore
import NIOPosix
import Synchronization

/// A daemon that does what the test says: takes connections on a real Unix socket, hands the requests to a script, and sends
/// bytes as they are written down.
struct ScriptedPeer {
    /// One connection, as the script sees it.
    final class Client {
        /// Number of the connection, from 1.
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

        /// The next request but the client's hello, which is answered; nil where the client hung up.
        func next() async throws -> Request? {
            while true {
                if let frame = try decoder.next() {
                    let request = try Request(frame)
                    guard request.method == "rpc.hello" else { return request }
                    // A client that has disconnected needs no reply; the script sees the end.
                    try? await greet()
                    continue
                }
                // A client that disconnects with unread bytes resets the connection.
                guard let bytes = try? await inbound.next(isolation: #isolation) else { return nil }
                decoder.append(bytes)
            }
        }

        /// Sends bytes as they are.
        func send(_ text: String) async throws { try await outbound.write(ByteBuffer(string: text)) }

        /// Sends bytes that need not be a text.
        func send(_ bytes: some Sequence<UInt8>) async throws { try await outbound.write(ByteBuffer(bytes: bytes)) }

        /// Answers the client's hello, with which it knows that there is someone.
        private func greet() async throws {
            let body = #"{"jsonrpc":"2.0","id":"hello","error":{"code":-32601,"message":"scripted"}}"#
            try await send("\(body.utf8.count)\n\(body)\n")
        }

        /// Sends a framed result.
        func answer(_ request: Request?, _ result: String = "{}") async throws {
            try await reply(request, "\"result\":\(result)")
        }

        /// Sends a framed error.
        func fail(_ request: Request?, _ code: Int, _ data: String = "{}") async throws {
            try await reply(request, "\"error\":{\"code\":\(code),\"message\":\"scripted\",\"data\":\(data)}")
        }

        /// Tells what a job is like, to the request that watches it.
        func notify(_ request: Request?, _ family: String, _ jobID: String, _ state: String, _ more: String = "")
            async throws
        {
            guard case .integer(let id) = request?.id else { return }
            let params =
                "{\"watch\":\(id),\"service\":\"S\",\"family\":\"\(family)\",\"id\":\"\(jobID)\",\"state\":\"\(state)\"\(more)}"
            let body = "{\"jsonrpc\":\"2.0\",\"method\":\"Sidecar.JobChanged\",\"params\":\(params)}"
            try await send("\(body.utf8.count)\n\(body)\n")
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
        let connections = Connections()
        // Each connection is taken up as it is accepted: one that waits in a queue when the test is cancelled would be let go
        // without being closed, which NIO does not forgive.
        let server = try await ServerBootstrap(group: NIOSingletons.posixEventLoopGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    connections.serve(
                        try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel), script)
                }
            }
            .bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true).get()
        let outcome: Result<Value, any Error>
        do { outcome = .success(try await body(path)) } catch { outcome = .failure(error) }
        try? await server.close()
        await connections.end()
        unlink(path)
        return try outcome.get()
    }

    /// The connections of a peer, each with the task that runs its script.
    private final class Connections: Sendable {
        private let tasks = Mutex<[Task<Void, Never>]?>([])

        func serve(
            _ connection: NIOAsyncChannel<ByteBuffer, ByteBuffer>,
            _ script: @escaping @Sendable (Client) async throws -> Void
        ) {
            tasks.withLock { tasks in
                let number = (tasks?.count ?? 0) + 1
                let task = Task {
                    // Errors of a script after its client disconnected are not results of the test.
                    _ = try? await connection.executeThenClose { inbound, outbound in
                        try await script(Client(number: number, inbound: inbound, outbound: outbound))
                    }
                }
                if tasks == nil { task.cancel() } else { tasks?.append(task) }
            }
        }

        /// Ends all scripts and waits for them.
        func end() async {
            let running = tasks.withLock { tasks in
                defer { tasks = nil }
                return tasks ?? []
            }
            for task in running { task.cancel() }
            for task in running { await task.value }
        }
    }

    /// A path where nothing is; short enough for a socket.
    static func uniquePath() -> String { "/tmp/jobline-\(String(UInt64.random(in: .min ... .max), radix: 36)).sock" }
}
