internal import JoblineProtocol
internal import NIOCore

/// Channel handler that decodes the frames of one connection and forwards its events to the driver.
final class ReplyHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let driver: ConnectionDriver
    private let generation: ClientStateMachine.Generation
    // Exclusivity checks off for the same reason as in the driver.
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
            driver.violated(generation, "the daemon sent an invalid frame: \(error.message)")
        } catch let error as JSONError {
            driver.violated(generation, "the daemon sent an invalid response: \(error.message)")
        } catch {
            driver.violated(generation, "the daemon sent data that could not be decoded")
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
