internal import JoblineProtocol
internal import NIOCore

/// Turns the bytes of one connection into messages, and tells the driver of everything that happens on it.
final class ReplyHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let driver: ConnectionDriver
    private let generation: ClientStateMachine.Generation
    // As the driver's machine.
    @exclusivity(unchecked) private var decoder: FrameDecoder
    private var failure: (any Error)?

    init(driver: ConnectionDriver, generation: ClientStateMachine.Generation, limits: FrameDecoder.Limits) {
        self.driver = driver
        self.generation = generation
        self.decoder = FrameDecoder(limits: limits)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        driver.heard(generation)
        defer { driver.settle() }
        decoder.append(unwrapInboundIn(data))
        do {
            while let frame = try decoder.next() {
                try driver.received(frame, generation)
            }
        } catch let error as FrameError {
            driver.violated(generation, "what came over the socket is no frame: \(error.message)")
        } catch let error as JSONError {
            driver.violated(generation, "what came over the socket is no reply: \(error.message)")
        } catch {
            driver.violated(generation, "what came over the socket could not be read")
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        driver.writabilityChanged(generation, context.channel.isWritable)
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        failure = error
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        driver.lost(generation, cause: failure)
        context.fireChannelInactive()
    }
}
