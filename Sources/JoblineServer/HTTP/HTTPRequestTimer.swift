internal import JoblineProtocol
internal import NIOCore

/// Bounds the time from the first byte of a request to its last, and refuses connections over a cap.
///
/// It stands before the decoder, which keeps the bytes of an incomplete head. Confined to the connection's event loop.
final class HTTPRequestTimer: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Time that a peer has to read a response after which the connection is closed.
    private static let farewell = Duration.seconds(1)

    private let timeout: Duration
    private let metrics: RequestMetrics
    /// Reason for which the connection is not served; nil if it is.
    private let refusal: WireError?
    /// Called when a request takes too long. Returns false if its head is incomplete: then no handler behind the decoder may
    /// respond.
    var whenExpired: () -> Bool = { false }
    private var timer: Scheduled<Void>?
    /// Whether the request was read whole, and its response is not written.
    private var isAnswering = false

    init(timeout: Duration, metrics: RequestMetrics, refusal: WireError?) {
        self.timeout = timeout
        self.metrics = metrics
        self.refusal = refusal
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        metrics.read(unwrapInboundIn(data).readableBytes)
        guard refusal == nil else { return }
        if timer == nil, !isAnswering {
            timer = context.eventLoop.scheduleTimer(in: timeout) {
                self.timer = nil
                if self.whenExpired() { return }
                self.refuse("408 Request Timeout", "the request is not complete after \(self.timeout)", context)
            }
        }
        context.fireChannelRead(data)
    }

    func channelActive(context: ChannelHandlerContext) {
        if let refusal { refuse("503 Service Unavailable", refusal.message, context) }
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        stop()
        context.fireChannelInactive()
    }

    /// Responds without a request, before the encoder, and closes.
    ///
    /// - Parameters:
    ///   - status: Status and reason of the response.
    ///   - message: Lower-case clause without quotes.
    private func refuse(_ status: String, _ message: String, _ context: ChannelHandlerContext) {
        let body = "{\"message\":\"\(message)\"}"
        let head =
            "HTTP/1.1 \(status)\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n"
            + "Connection: close\r\n\r\n"
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: head + body)), promise: nil)
        // A close with unread bytes would reset the connection before the peer has read the response.
        context.close(mode: .output, promise: nil)
        _ = context.eventLoop.scheduleTimer(in: Self.farewell) { context.close(promise: nil) }
    }

    /// A request was read whole.
    func requestEnded() {
        isAnswering = true
        stop()
    }

    /// Its response was written.
    func responseEnded() { isAnswering = false }

    private func stop() {
        timer?.cancel()
        timer = nil
    }
}
