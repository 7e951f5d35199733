import NIOCore

/// Channel handler that simulates a peer which does not always read.
final class SlowReader: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var held: [(bytes: ByteBuffer, promise: EventLoopPromise<Void>?)] = []
    private var isReading = true
    private var context: ChannelHandlerContext?

    func setReading(_ isReading: Bool) {
        self.isReading = isReading
        guard isReading, let context else { return }
        let due = held
        held = []
        for write in due { context.write(wrapOutboundOut(write.bytes), promise: write.promise) }
        context.flush()
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        for write in held { write.promise?.fail(ChannelError.ioOnClosedChannel) }
        held = []
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if isReading {
            context.write(data, promise: promise)
        } else {
            held.append((unwrapOutboundIn(data), promise))
        }
    }
}
