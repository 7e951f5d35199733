internal import Glibc
internal import JoblineProtocol
internal import Logging
internal import NIOCore

// What goes to the peer, and how the connection ends.
extension ConnectionHandler {
    func write(_ verdict: RequestWindow.Verdict, to address: ReplyAddress) {
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

    /// With this, a channel is writable only while all that was given to it has left: that is known without a promise for each write.
    static let writeBufferWaterMark = ChannelOptions.Types.WriteBufferWaterMark(low: 1, high: 1)

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
        guard context.channel.isActive else { return }
        if outgoing.readableBytes > 0 {
            var bytes = ByteBuffer()
            swap(&bytes, &outgoing)
            send(bytes, context)
        }
        watchOutput(context)
        finishIfSent(context)
        watchBudget(context)
    }

    private func send(_ bytes: consuming ByteBuffer, _ context: ChannelHandlerContext) {
        let count = bytes.readableBytes
        tally.writing(count)
        context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
        guard !context.channel.isWritable else {
            tally.wrote(count, isSent: true)
            output.spares.giveBack(bytes)
            // There is room for them again, and nothing else will say so.
            if !heldNotifications.isEmpty { scheduleTurn(context) }
            return
        }
        unsent += count
        // Done when all before it is.
        context.writeAndFlush(wrapOutboundOut(ByteBuffer())).assumeIsolated().whenComplete { result in
            self.unsent -= count
            self.tally.wrote(count, isSent: (try? result.get()) != nil)
            self.sent(context)
        }
    }

    private func sent(_ context: ChannelHandlerContext) {
        guard context.channel.isActive else { return }
        let wasPaused = machine.input == .pause
        watchOutput(context)
        finishIfSent(context)
        watchBudget(context)
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

    private func watchOutput(_ context: ChannelHandlerContext) {
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

    /// Ends the input at the kernel: what the peer had sent before can still be read, and what it sends later fails at its side
    /// instead of being lost. The end of the input then comes as if the peer had sent it.
    private func stopInput(_ context: ChannelHandlerContext) {
        let stopped = try? context.pipeline.syncOperations.withUnsafeTransportIfAvailable(
            of: NIOBSDSocket.Handle.self
        ) { shutdown($0, Int32(SHUT_RD)) }
        guard stopped == nil else { return }
        socketInputEnded = true
        scheduleTurn(context)
    }
}

/// The value `{}`.
private struct NoParams: JSONEncodable {
    func write(to writer: inout JSONWriter) { writer.object { _ in } }
}
