internal import JoblineProtocol
internal import NIOCore

/// Input of one connection: decodes frames, asks for reads, and bounds the time that the peer takes for one frame.
///
/// Confined to the connection's event loop.
final class ConnectionInput {
    private let limits: FrameDecoder.Limits
    private let frameTimeout: Duration
    private var decoder: FrameDecoder
    /// Whether the channel was asked to read and has not done so yet.
    private var isReading = false
    private var frameTimer: Scheduled<Void>?
    /// Whether the socket has nothing more to read.
    private(set) var hasEnded = false

    init(_ configuration: ServerConfiguration) {
        limits = configuration.frameLimits
        frameTimeout = configuration.frameTimeout
        decoder = FrameDecoder(limits: limits)
    }

    /// Whether no bytes wait to be decoded.
    var isEmpty: Bool { decoder.isEmpty }
    /// Whether a frame has begun and is incomplete.
    var isInsideFrame: Bool { decoder.isInsideFrame }
    /// Bytes that are held of unfinished or unread frames.
    var heldBytes: Int { decoder.heldBytes }

    /// Takes bytes that were read.
    func append(_ bytes: ByteBuffer, _ treatment: ConnectionStateMachine.Input) {
        switch treatment {
        case .decode, .pause: decoder.append(bytes)
        case .refuse, .discard: break
        }
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
    func finish() throws(FrameError) { try decoder.finish() }

    /// Drops the bytes that wait to be decoded.
    func discard() { decoder = FrameDecoder(limits: limits) }

    // MARK: Reading

    /// Asks the channel for one read, unless it was asked already.
    func read(_ treatment: ConnectionStateMachine.Input, _ context: ChannelHandlerContext) {
        guard !isReading else { return }
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

    /// Starts the frame timer, unless it runs.
    ///
    /// - Parameter expire: Called with the timeout when the frame has taken too long.
    func startFrameTimer(_ context: ChannelHandlerContext, expire: @escaping (Duration) -> Void) {
        guard frameTimer == nil else { return }
        frameTimer = context.eventLoop.scheduleTimer(in: frameTimeout) { [frameTimeout] in
            self.frameTimer = nil
            expire(frameTimeout)
        }
    }

    func stopFrameTimer() {
        frameTimer?.cancel()
        frameTimer = nil
    }
}
