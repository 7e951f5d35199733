internal import ArgumentParser
internal import NIOCore
internal import NIOPosix

/// The least that a server on SwiftNIO does for a request: it finds the frame and its id, and sends a frame that is
/// always the same. Nothing is looked up, and of JSON there is only the beginning that every frame has.
struct FloorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "floor", abstract: "Answers each frame with a canned one of a given size.")

    @Option(help: "Where to listen.")
    var socket: String

    @Option(help: "Bytes of an answer, 100 to 1000000.")
    var bytes = 700

    func validate() throws {
        guard (100...1_000_000).contains(bytes) else { throw ValidationError("an answer has 100 to 1000000 bytes") }
    }

    func run() async throws {
        let reply = CannedReply(bytes: bytes)
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup(numberOfThreads: 1))
            .serverChannelOption(.backlog, value: 4096)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(FloorHandler(reply))
                }
            }
            .bind(unixDomainSocketPath: socket).get()
        try await channel.closeFuture.get()
    }
}

/// A frame that is the same each time but for its id.
struct CannedReply: Sendable {
    static let beforeID = Array(#"{"jsonrpc":"2.0","id":"#.utf8)
    private static let idDigits = 4

    let header: ByteBuffer
    let afterID: ByteBuffer

    /// - Parameter bytes: Of the frame's body, with an id of four digits.
    init(bytes: Int) {
        let result = #","result":{"text":""#
        let end = "\"}}"
        let filling = bytes - Self.beforeID.count - Self.idDigits - result.utf8.count - end.utf8.count
        header = ByteBuffer(bytes: Array("\(bytes)\n".utf8) + Self.beforeID)
        afterID = ByteBuffer(string: result + String(repeating: "x", count: max(filling, 0)) + end + "\n")
    }
}

/// Answers all frames of a read with one write.
final class FloorHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let reply: CannedReply
    private var input = ByteBuffer()
    private var output = ByteBuffer()

    init(_ reply: CannedReply) { self.reply = reply }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        if input.readableBytes == 0 { input = bytes } else { input.writeBuffer(&bytes) }
        while let id = nextID() {
            output.writeImmutableBuffer(reply.header)
            output.writeImmutableBuffer(id)
            output.writeImmutableBuffer(reply.afterID)
        }
        input.discardReadBytes()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        guard output.readableBytes > 0 else { return }
        context.writeAndFlush(wrapOutboundOut(output), promise: nil)
        output.clear()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    /// Takes a whole frame from the input, and its id out of that.
    private func nextID() -> ByteBuffer? {
        let frame: (start: Int, length: Int)? = input.withUnsafeReadableBytes { bytes in
            var (length, index) = (0, 0)
            while index < bytes.count, bytes[index] != UInt8(ascii: "\n") {
                length = length &* 10 &+ Int(bytes[index] &- UInt8(ascii: "0"))
                index += 1
            }
            return index + 1 + length + 1 <= bytes.count ? (index + 1, length) : nil
        }
        guard let frame, let body = input.getSlice(at: input.readerIndex + frame.start, length: frame.length) else {
            return nil
        }
        input.moveReaderIndex(forwardBy: frame.start + frame.length + 1)
        let digits = body.withUnsafeReadableBytes { bytes in
            bytes.dropFirst(CannedReply.beforeID.count).prefix { $0 != UInt8(ascii: ",") }.count
        }
        return body.getSlice(at: body.readerIndex + CannedReply.beforeID.count, length: digits)
    }
}
