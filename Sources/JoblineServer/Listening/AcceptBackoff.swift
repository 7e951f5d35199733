internal import Logging
internal import NIOCore
internal import Synchronization

/// Pauses for one second after a failure to accept a connection. Usually the process or the host has no free descriptor.
///
/// SwiftNIO's own `AcceptBackoffHandler` only delays the next read. The event loop still polls the socket, which is readable,
/// and retries at once in an endless loop. This handler also turns polling off.
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
        // Reading resumes after the pause.
        if !isPaused { context.read() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        let text = error is IOError ? "\(error)" : "\(type(of: error))"
        failure.reason = text
        logger.error("cannot accept a connection; retrying every second", metadata: ["error": "\(text)"])
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
        // Fails only for a closed channel, which reads nothing.
        try? context.channel.syncOptions?.setOption(.autoRead, value: isOn)
    }
}

/// Reason for the failure of the last attempt to accept a connection.
final class AcceptFailure: Sendable {
    private let last = Mutex<String?>(nil)

    /// nil if the attempt succeeded.
    var reason: String? {
        get { last.withLock { $0 } }
        set { last.withLock { $0 = newValue } }
    }
}
