internal import JoblineProtocol
internal import NIOCore

/// Input of one connection: decodes frames, asks for reads, and bounds the time that the peer takes for one frame.
///
/// Confined to the connection's event loop.
final class ConnectionInput {
    private let metrics: RequestMetrics
    private let limits: FrameDecoder.Limits
    private let frameTimeout: Duration
    private var decoder: FrameDecoder
    /// Whether the channel was asked to read and has not done so yet.
    private var isReading = false
    private var frameTimer: Scheduled<Void>?
    private var expire: ((Duration) -> Void)?
    /// The channel's, while it is active.
    private var context: ChannelHandlerContext?
    /// Whether the socket has nothing more to read.
    private(set) var hasEnded = false

    init(_ configuration: ServerConfiguration, _ metrics: RequestMetrics) {
        self.metrics = metrics
        limits = configuration.frameLimits
        frameTimeout = configuration.frameTimeout
        decoder = FrameDecoder(limits: limits)
    }

    /// Whether no bytes wait to be decoded.
    var isEmpty: Bool { decoder.isEmpty }
    /// Bytes that are held of unfinished or unread frames.
    var heldBytes: Int { decoder.heldBytes }

    /// Takes bytes that were read.
    func append(_ bytes: ByteBuffer, _ treatment: ConnectionStateMachine.Input) {
        metrics.read(bytes.readableBytes)
        if !treatment.dropsBytes { decoder.append(bytes) }
    }

    /// Decodes the next frame.
    ///
    /// - Returns: nil if there is no complete frame.
    func next() throws(FrameError) -> Frame? {
        guard let frame = try decoder.next() else { return nil }
        stopFrameTimer()
        return frame
    }

    /// The socket has nothing more to read.
    func end() { hasEnded = true }

    /// Checks that the input did not end inside a frame.
    func checkEnd() throws(FrameError) { try decoder.finish() }

    /// Drops the bytes that wait to be decoded.
    func discard() { decoder = FrameDecoder(limits: limits) }

    // MARK: Channel

    /// The channel is active.
    ///
    /// - Parameter expire: Called with the timeout when the peer has taken too long for a frame.
    func open(_ context: ChannelHandlerContext, expire: @escaping (Duration) -> Void) {
        self.context = context
        self.expire = expire
    }

    /// The channel is closed.
    func close() {
        context = nil
        expire = nil
        stopFrameTimer()
    }

    /// Asks the channel for one read, unless it was asked already.
    func read(_ treatment: ConnectionStateMachine.Input) {
        guard let context, !isReading else { return }
        switch treatment {
        case .pause, .refuse: return
        case .decode, .discard:
            isReading = true
            context.read()
        }
    }

    /// The channel has read.
    func readEnded() { isReading = false }

    // MARK: Frame timeout

    /// Runs the frame timer while a frame is incomplete, and stops it otherwise.
    ///
    /// - Parameter isWaiting: Whether the server waits for more bytes. Time in which it does not read is not counted.
    func checkFrameTimer(isWaiting: Bool) {
        guard isWaiting, decoder.isInsideFrame else { return stopFrameTimer() }
        guard frameTimer == nil, let context else { return }
        frameTimer = context.eventLoop.scheduleTimer(in: frameTimeout) {
            self.frameTimer = nil
            self.expire?(self.frameTimeout)
        }
    }

    private func stopFrameTimer() {
        frameTimer?.cancel()
        frameTimer = nil
    }
}
