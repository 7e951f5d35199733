internal import Logging
internal import NIOCore

/// Tells of connections that the kernel has and the process cannot take, which mostly means that it is out of descriptors. Those who
/// wait notice nothing but that they wait.
final class AcceptErrorLog: ChannelInboundHandler {
    typealias InboundIn = any Channel

    private let logger: Logger

    init(_ logger: Logger) { self.logger = logger }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        let text = error is IOError ? "\(error)" : "\(type(of: error))"
        logger.error("a connection could not be accepted; trying again every second", metadata: ["error": "\(text)"])
        context.fireErrorCaught(error)
    }
}
