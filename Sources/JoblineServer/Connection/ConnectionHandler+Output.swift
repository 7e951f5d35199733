internal import JoblineBackend
internal import JoblineProtocol
internal import Logging
internal import NIOCore

// What goes to the peer, and how the connection ends.
extension ConnectionHandler {
    func write(_ verdict: RequestWindow.ImmediateReply, to address: ReplyAddress) {
        switch verdict {
        case .error(let error): write(EncodedReply(error, to: address).bytes)
        case .acknowledged: write(EncodedReply(RPC.CancelResponse(), to: address, cap: .max).bytes)
        }
    }

    func writeDrainNotice() {
        write(Frame.encode(.bare) { $0.notification("Sidecar.Draining", NoParams()) }.bytes)
    }

    func write(_ bytes: ByteBuffer) {
        if outgoing.readableBytes == 0 {
            outgoing = bytes
        } else {
            outgoing.writeImmutableBuffer(bytes)
        }
    }

    /// Writes a reply whose outcome is JSON already.
    ///
    /// - Returns: How many bytes it has.
    func write(_ outcome: UnsafeRawBufferPointer, isError: Bool, to address: ReplyAddress) -> Int {
        if outgoing.storageCapacity == 0 { outgoing = output.spares.take() }
        return Frame.append(address.form, id: address.id, outcome, isError: isError, to: &outgoing)
    }

    /// Gives to the socket what was written since the last time, in turn with what other connections write, and closes if that was
    /// all there is to do.
    func flushSoon(_ context: ChannelHandlerContext) {
        guard outgoing.readableBytes > 0 else { return flush(context) }
        guard !flushIsScheduled else { return }
        flushIsScheduled = true
        output.add(self, context)
    }

    func flush(_ context: ChannelHandlerContext) {
        flushIsScheduled = false
        guard isActive else { return }
        if outgoing.readableBytes > 0 {
            var bytes = ByteBuffer()
            swap(&bytes, &outgoing)
            send(bytes, context)
        }
        checkOutput(context)
        finishIfSent(context)
        checkBudget(context)
    }

    private func send(_ bytes: consuming ByteBuffer, _ context: ChannelHandlerContext) {
        let sent = unsent == 0 ? socket?.send(bytes) ?? 0 : 0
        metrics.sent(sent)
        let count = bytes.readableBytes - sent
        guard count > 0 else {
            output.spares.giveBack(bytes)
            // There is room for them again, and nothing else will say so.
            if !heldNotifications.isEmpty { scheduleTurn(context) }
            return
        }
        bytes.moveReaderIndex(forwardBy: sent)
        unsent += count
        metrics.unsent(count)
        context.writeAndFlush(wrapOutboundOut(bytes)).assumeIsolated().whenComplete { result in
            self.unsent -= count
            self.metrics.unsent(-count)
            // Where it failed the channel is closing, and its socket is closed already.
            guard case .success = result else { return }
            self.metrics.sent(count)
            self.sent(context)
        }
    }

    private func sent(_ context: ChannelHandlerContext) {
        guard isActive else { return }
        let wasPaused = machine.input == .pause
        checkOutput(context)
        finishIfSent(context)
        checkBudget(context)
        if !heldNotifications.isEmpty || (wasPaused && machine.input == .decode) { scheduleTurn(context) }
    }

    private func finishIfSent(_ context: ChannelHandlerContext) {
        guard unsent == 0, outgoing.readableBytes == 0 else { return }
        switch whenSent {
        case .nothing: break
        case .stopInput:
            whenSent = .nothing
            stopInput(context)
        case .close: context.close(promise: nil)
        }
    }

    private func checkOutput(_ context: ChannelHandlerContext) {
        switch machine.outputChanged(unsent: unsent) {
        case .none: break
        case .startTimer: startSlowConsumerTimer(context)
        case .stopTimer:
            slowConsumerTimer?.cancel()
            slowConsumerTimer = nil
        case .close: closeSlowConsumer(context)
        }
    }

    func startSlowConsumerTimer(_ context: ChannelHandlerContext) {
        guard slowConsumerTimer == nil else { return }
        let timeout = environment.configuration.slowConsumerTimeout
        slowConsumerTimer = schedule(in: timeout, context) { handler, context in
            handler.slowConsumerTimer = nil
            if handler.machine.slowConsumerTimerFired() { handler.closeSlowConsumer(context) }
        }
    }

    func closeSlowConsumer(_ context: ChannelHandlerContext) {
        ends(.slowConsumer)
        logger.info("slow consumer closed", metadata: ["pid": "\(peer.pid)", "unsent-bytes": "\(unsent)"])
        context.close(promise: nil)
    }

    /// The end of the input comes as if the peer had sent it.
    private func stopInput(_ context: ChannelHandlerContext) {
        if let socket { return socket.stopInput() }
        socketInputEnded = true
        scheduleTurn(context)
    }
}

/// The value `{}`.
private struct NoParams: JSONEncodable {
    func write(to writer: inout JSONWriter) { writer.object { _ in } }
}
