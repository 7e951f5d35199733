internal import Logging
internal import NIOCore
internal import Synchronization

/// Waits for a second after a connection could not be accepted, which mostly means that the process or the host is out of descriptors.
///
/// SwiftNIO's own `AcceptBackoffHandler` delays the next read, but leaves the event loop waiting for the socket, which has a connection:
/// so it tries again at once, for ever. This one also has the event loop wait for something else.
final class AcceptBackoff: ChannelDuplexHandler {
    typealias InboundIn = any Channel
    typealias InboundOut = any Channel
    typealias OutboundIn = Never

    private static let pause = TimeAmount.seconds(1)

    private let failure: AcceptFailure
    private let logger: Logger
    private var isPaused = false

    init(_ failure: AcceptFailure, _ logger: Logger) {
        self.failure = failure
        self.logger = logger
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        failure.reason = nil
        context.fireChannelRead(data)
    }

    func read(context: ChannelHandlerContext) {
        // Reading goes on by itself after the pause.
        if !isPaused { context.read() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        let text = error is IOError ? "\(error)" : "\(type(of: error))"
        failure.reason = text
        logger.error("a connection could not be accepted; trying again every second", metadata: ["error": "\(text)"])
        context.fireErrorCaught(error)
        guard !isPaused else { return }
        isPaused = true
        Self.setAutoRead(false, context)
        let this = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        context.eventLoop.scheduleTask(in: Self.pause) {
            let (handler, context) = this.value
            handler.isPaused = false
            Self.setAutoRead(true, context)
        }
    }

    private static func setAutoRead(_ isOn: Bool, _ context: ChannelHandlerContext) {
        // Fails for a channel that is closed, from which nothing is read anyway.
        try? context.channel.syncOptions?.setOption(.autoRead, value: isOn)
    }
}

/// Why the last attempt to accept a connection failed.
final class AcceptFailure: Sendable {
    private let last = Mutex<String?>(nil)

    /// nil if it did not fail.
    var reason: String? {
        get { last.withLock { $0 } }
        set { last.withLock { $0 = newValue } }
    }
}
