internal import JoblineProtocol
internal import Logging
internal import NIOCore

// From a frame to a service, and from the service to a reply.
extension ConnectionHandler {
    func receive(_ frame: Frame, _ context: ChannelHandlerContext) {
        do throws(Request.Rejection) {
            let request = try Request(frame)
            if request.method == Method.rpcCancel.rawValue {
                cancel(request)
            } else {
                let action = machine.received(request, at: now)
                perform(action, for: request, context)
            }
        } catch {
            log(nil, error.id, .failure(error.error.code))
            perform(machine.rejected(ReplyAddress(form: frame.form, id: error.id), error.error))
        }
    }

    private func perform(
        _ action: ConnectionStateMachine.ReceiveAction, for request: Request, _ context: ChannelHandlerContext
    ) {
        switch action {
        case .start(let admitted): start(admitted, context)
        case .answer(let address, .error(var error)):
            let method = Method(rawValue: request.method)
            if error.code == .tooManyRequests { error.type = method?.descriptor.errorTypes.throttled }
            log(method, request.id, .failure(error.code))
            write(.error(error), to: address)
        case .answer(let address, .acknowledged): write(.acknowledged, to: address)
        case .queued(let deadline): watch(deadline, context)
        case .wait: break
        }
    }

    private func perform(_ action: ConnectionStateMachine.ReceiveAction) {
        switch action {
        case .answer(let address, let verdict): write(verdict, to: address)
        case .start, .queued, .wait: break
        }
    }

    private func cancel(_ request: Request) {
        let parsed: RPC.CancelRequest
        do throws(JSONError) {
            parsed = try RPC.CancelRequest(json: request.params ?? ByteBuffer(string: "{}"))
        } catch {
            var wireError = WireError(.invalidParams, error.message, retryable: false, processed: false)
            wireError.path = error.pathDescription.isEmpty ? nil : error.pathDescription
            perform(machine.rejected(request.replyAddress, wireError))
            return
        }
        let action = machine.receivedCancel(of: parsed.id, replyTo: request.replyAddress)
        if let ended = action.ended { conclude(ended) }
        perform(action.reply)
    }

    // MARK: Work

    func start(_ admitted: RequestWindow.Admitted, _ context: ChannelHandlerContext) {
        let request = admitted.request
        guard let method = Method(rawValue: request.method) else {
            finish(admitted, nil, .methodNotFound(request.method))
            return
        }
        let nanoseconds = environment.origin.duration(to: now).nanoseconds
        if let refusal = environment.limiter.refusal(of: method, uid: peer.uid, now: nanoseconds) {
            finish(admitted, method, WireError(refusal, of: method, uid: peer.uid))
            return
        }
        watch(admitted.deadline, context)
        work[admitted.key] = Work(
            task: makeTask(admitted, method, context), method: method, id: request.id, began: now,
            requestBytes: request.params?.readableBytes ?? 0)
    }

    private func makeTask(
        _ admitted: RequestWindow.Admitted, _ method: Method, _ context: ChannelHandlerContext
    ) -> Task<Void, Never> {
        let request = admitted.request
        let requestContext = RequestContext(
            peer: peer, deadline: admitted.deadline, traceparent: request.traceparent)
        let replyBytes = environment.configuration.replyBytes
        let registry = environment.registry
        let eventLoop = context.eventLoop
        let isolated = NIOLoopBound((self, context), eventLoop: eventLoop)
        registry.taskBegan()
        return Task { [answer, logger] in
            let reply: EncodedReply
            do {
                let result = try await answer(method, request.params, requestContext)
                reply = EncodedReply(result, to: request.replyAddress, cap: replyBytes)
            } catch {
                let wireError = WireError(error, from: method)
                if wireError.code == .internalError { Self.report(error, method, logger) }
                reply = EncodedReply(wireError, to: request.replyAddress)
            }
            eventLoop.execute {
                let (handler, context) = isolated.value
                handler.finish(admitted.key, reply, context)
                registry.taskEnded()
            }
        }
    }

    /// Logs what the wire does not tell: the kind of the error, and never what was in the request.
    private static func report(_ error: any Error, _ method: Method, _ logger: Logger) {
        var metadata: Logger.Metadata = ["method": "\(method.rawValue)", "error": "\(type(of: error))"]
        if let error = error as? ServiceError, let cause = error.cause {
            metadata["cause"] = "\(type(of: cause))"
        }
        logger.error("service failed", metadata: metadata)
    }

    /// The work of a request came to its end.
    private func finish(_ key: RequestKey, _ reply: EncodedReply, _ context: ChannelHandlerContext) {
        guard let work = work.removeValue(forKey: key) else { return }
        switch machine.finished(key) {
        case .deliver: write(reply.bytes)
        case .discard: break
        }
        log(work.method, work.id, reply.outcome, work, replyBytes: reply.bytes.readableBytes)
        // What else comes to its end meanwhile goes out in the same write.
        scheduleTurn(context)
    }

    /// A request is answered before it got to a service.
    private func finish(_ admitted: RequestWindow.Admitted, _ method: Method?, _ error: WireError) {
        log(method, admitted.request.id, .failure(error.code))
        switch machine.finished(admitted.key) {
        case .deliver(let address): write(.error(error), to: address)
        case .discard: break
        }
    }

    /// The final reply of a request is decided before its work came to an end.
    func conclude(_ ended: RequestWindow.Ended) {
        if let key = ended.key, let work = work[key] {
            work.task.cancel()
            log(work.method, work.id, .failure(ended.error.code), work)
        }
        if let address = ended.address { write(.error(ended.error), to: address) }
    }

    // MARK: Log

    private func log(
        _ method: Method?, _ id: RequestID?, _ outcome: EncodedReply.Outcome, _ work: Work? = nil, replyBytes: Int = 0
    ) {
        guard isDebugging else { return }
        let kind =
            switch id {
            case .integer: "integer"
            case .string: "string"
            case nil: "none"
            }
        var metadata: Logger.Metadata = [
            "method": "\(method?.rawValue ?? "unknown")", "id": "\(kind)", "code": "\(outcome.description)",
        ]
        if let work {
            metadata["request-bytes"] = "\(work.requestBytes)"
            metadata["reply-bytes"] = "\(replyBytes)"
            metadata["microseconds"] = "\(work.began.duration(to: now).nanoseconds / 1000)"
        }
        logger.debug("request", metadata: metadata)
    }
}
