internal import ArgumentParser
internal import NIOCore
internal import NIOPosix

/// The least that a server on SwiftNIO does for a request: it finds the frame and its id, and sends a frame that is
/// always the same. Nothing is looked up, and of JSON there is only the beginning that every frame has.
struct FloorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "floor", abstract: "Answers each frame with a canned one of a given size.")

    @OptionGroup var options: CannedOptions

    func run() async throws {
        let reply = options.reply
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup(numberOfThreads: 1))
            .serverChannelOption(.backlog, value: 4096)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(FloorHandler(reply))
                }
            }
            .bind(unixDomainSocketPath: options.socket).get()
        try await channel.closeFuture.get()
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
