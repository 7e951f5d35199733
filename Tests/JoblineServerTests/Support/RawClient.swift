import JoblineProtocol
import NIOCore
import NIOPosix
import Testing

/// A client that knows nothing but bytes.
final class RawClient: Sendable {
    private let channel: any Channel
    private let received: Received

    /// Collects what arrives until somebody asks for it.
    private actor Received {
        private var bytes = ""
        private var isEnded = false
        private var waiting: [CheckedContinuation<Void, Never>] = []

        func append(_ text: String) {
            bytes += text
            wake()
        }

        func end() {
            isEnded = true
            wake()
        }

        private func wake() {
            for continuation in waiting { continuation.resume() }
            waiting = []
        }

        private func more() async { await withCheckedContinuation { waiting.append($0) } }

        /// The next line without its line feed; nil at the end.
        func line() async -> String? {
            while true {
                if let end = bytes.firstIndex(of: "\n") {
                    defer { bytes.removeSubrange(...end) }
                    return String(bytes[..<end])
                }
                if isEnded { return nil }
                await more()
            }
        }

        func rest() async -> String {
            while !isEnded { await more() }
            defer { bytes = "" }
            return bytes
        }
    }

    private init(_ channel: any Channel, _ received: Received) {
        self.channel = channel
        self.received = received
    }

    /// - Parameter reads: False for a client that never reads.
    static func connect(to path: String, reads: Bool = true) async throws -> RawClient {
        let received = Received()
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelOption(.autoRead, value: reads)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let (stream, continuation) = AsyncStream<String>.makeStream()
                    try channel.pipeline.syncOperations.addHandler(Collector(continuation: continuation))
                    Task {
                        for await text in stream { await received.append(text) }
                        await received.end()
                    }
                }
            }
            .connect(unixDomainSocketPath: path).get()
        return RawClient(channel, received)
    }

    func send(_ text: String) async throws {
        try await channel.writeAndFlush(ByteBuffer(string: text)).get()
    }

    /// Sends without caring whether the server still takes it.
    func sendAnyway(_ text: String) { channel.writeAndFlush(ByteBuffer(string: text), promise: nil) }

    /// Sends an object in a frame.
    func sendFramed(_ object: String) async throws { try await send("\(object.utf8.count)\n\(object)\n") }

    func halfClose() async throws { try await channel.close(mode: .output).get() }

    func close() async { try? await channel.close().get() }

    /// Resumes reading.
    func startReading() async throws { try await channel.setOption(.autoRead, value: true).get() }

    /// Waits until the server has closed.
    func closed() async { try? await channel.closeFuture.get() }

    /// The next line; nil at the end of the stream.
    func line() async -> String? { await received.line() }

    /// The next framed object.
    func framed() async throws -> String {
        let length = try #require(await line())
        let object = try #require(await line())
        #expect(Int(length) == object.utf8.count)
        return object
    }

    /// Everything up to the end of the stream, at which the server has closed.
    func rest() async -> String { await received.rest() }

    private final class Collector: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        let continuation: AsyncStream<String>.Continuation

        init(continuation: AsyncStream<String>.Continuation) { self.continuation = continuation }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            continuation.yield(String(buffer: unwrapInboundIn(data)))
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if case ChannelEvent.inputClosed = event {
                continuation.finish()
                context.close(promise: nil)
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

        /// Also where the channel never became active, because nobody listened.
        func handlerRemoved(context: ChannelHandlerContext) { continuation.finish() }
    }
}
