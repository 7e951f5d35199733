internal import JoblineProtocol
internal import NIOCore

/// Output of one connection: replies that wait for a flush, bytes that the socket has not taken, and the time and memory that a
/// slow reader gets.
///
/// Confined to the connection's event loop.
final class ConnectionOutput {
    /// Action when everything is sent.
    enum Completion {
        case none
        /// Stop the input: the peer reads the last reply before it notices that nothing more is read from it.
        case stopInput
        case close
    }

    private let queue: OutputQueue
    private let metrics: RequestMetrics
    private let charge: BufferCharge
    private let configuration: ServerConfiguration

    private var buffer = ByteBuffer()
    /// Bytes that were given to the channel and not taken by the socket.
    private(set) var unsent = 0
    /// nil unless the channel is active and has a socket.
    private var socket: PeerSocket?
    private var isFlushScheduled = false
    private var completion = Completion.none
    private var slowConsumerTimer: Scheduled<Void>?
    private var expire: (() -> Void)?
    private var eventLoop: (any EventLoop)?

    init(
        _ configuration: ServerConfiguration, queue: OutputQueue, metrics: RequestMetrics, charge: BufferCharge
    ) {
        self.configuration = configuration
        self.queue = queue
        self.metrics = metrics
        self.charge = charge
    }

    /// The channel is active.
    ///
    /// - Parameter expire: Called when the peer has not read for the slow consumer timeout.
    func open(_ context: ChannelHandlerContext, expire: @escaping () -> Void) {
        eventLoop = context.eventLoop
        socket = PeerSocket(of: context)
        self.expire = expire
    }

    /// The channel is closed.
    func close() {
        socket = nil
        expire = nil
        stopSlowConsumerTimer()
        _ = charge.hold(0)
    }

    /// Bytes that are not sent.
    var pendingBytes: Int { unsent + buffer.readableBytes }

    // MARK: Writing

    /// Appends a reply whose outcome is compact JSON.
    func append(_ outcome: UnsafeRawBufferPointer, isError: Bool = false, to address: ReplyAddress) {
        prepareBuffer()
        Frame.append(address.form, id: address.id, outcome, isError: isError, to: &buffer)
    }

    func append(_ error: WireError, to address: ReplyAddress) {
        prepareBuffer()
        Frame.append(address.form, to: &buffer) { $0.reply(id: address.id, .failure(error)) }
    }

    func append(_ result: any JSONEncodable, to address: ReplyAddress) {
        prepareBuffer()
        Frame.append(address.form, to: &buffer) { $0.reply(id: address.id, .success(result)) }
    }

    func append(_ notification: ConnectionNotifications.Notification) {
        prepareBuffer()
        let request = notification.request
        notification.params.withUnsafeReadableBytes {
            Frame.append(request.form, notification: request.name, $0, watch: request.id, to: &buffer)
        }
    }

    func appendDrainNotice() {
        prepareBuffer()
        Frame.append(.bare, to: &buffer) { $0.notification("Sidecar.Draining", NoParams()) }
    }

    private func prepareBuffer() {
        if buffer.storageCapacity == 0 { buffer = queue.takeBuffer() }
    }

    // MARK: Flushing

    /// Flushes in turn with other connections, or at once if nothing is written.
    func scheduleFlush(of handler: ConnectionHandler, _ context: ChannelHandlerContext) {
        guard buffer.readableBytes > 0 else { return handler.flush() }
        guard !isFlushScheduled else { return }
        isFlushScheduled = true
        queue.flush(handler, on: context.eventLoop)
    }

    /// Gives the written bytes to the socket, and those that it does not take to the channel.
    ///
    /// - Returns: Whether the socket took everything.
    func flush(of handler: ConnectionHandler, _ context: ChannelHandlerContext) -> Bool {
        isFlushScheduled = false
        guard buffer.readableBytes > 0 else { return unsent == 0 }
        var bytes = ByteBuffer()
        swap(&bytes, &buffer)
        let sent = unsent == 0 ? socket?.send(bytes) ?? 0 : 0
        metrics.sent(sent)
        let count = bytes.readableBytes - sent
        guard count > 0 else {
            queue.giveBack(consume bytes)
            return true
        }
        bytes.moveReaderIndex(forwardBy: sent)
        unsent += count
        metrics.unsent(count)
        context.writeAndFlush(NIOAny(bytes)).assumeIsolated().whenComplete { result in
            self.unsent -= count
            self.metrics.unsent(-count)
            // On a failure the channel is closing.
            guard case .success = result else { return }
            self.metrics.sent(count)
            handler.socketTookBytes()
        }
        return false
    }

    /// Sets the action for when everything is sent, which the peer may delay no longer than the slow consumer timeout.
    func complete(with completion: Completion) {
        self.completion = completion
        startSlowConsumerTimer()
    }

    /// Takes the action that is due when everything is sent.
    ///
    /// - Returns: Whether the input is to end although no socket can tell: the channel has none.
    func completeIfSent(_ context: ChannelHandlerContext) -> Bool {
        guard pendingBytes == 0 else { return false }
        switch exchange(&completion, with: completion == .close ? .close : .none) {
        case .none: return false
        case .stopInput:
            guard let socket else { return true }
            socket.stopInput()
            return false
        case .close:
            context.close(promise: nil)
            return false
        }
    }

    // MARK: Slow consumers

    /// Starts the slow consumer timer, unless it runs.
    func startSlowConsumerTimer() {
        guard slowConsumerTimer == nil, let eventLoop else { return }
        slowConsumerTimer = eventLoop.scheduleTimer(in: configuration.slowConsumerTimeout) {
            self.slowConsumerTimer = nil
            self.expire?()
        }
    }

    func stopSlowConsumerTimer() {
        slowConsumerTimer?.cancel()
        slowConsumerTimer = nil
    }

    // MARK: Memory

    /// Charges the caller's budget for the bytes that the connection holds.
    ///
    /// - Returns: Whether the caller now holds too many, and this connection holds more than before.
    func charge(_ held: Int) -> Bool { charge.hold(held) }
}

/// The value `{}`.
private struct NoParams: JSONEncodable {
    func write(to writer: inout JSONWriter) { writer.object { _ in } }
}
