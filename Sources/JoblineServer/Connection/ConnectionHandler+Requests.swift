internal import JoblineBackend
internal import JoblineProtocol
internal import Logging
internal import NIOCore

// From a frame to a service, and from the service to a reply.
extension ConnectionHandler {
    /// - Parameter look: What came of looking for an answer to the unread frame.
    func receive(_ frame: Frame, after look: CacheLookup, _ context: ChannelHandlerContext) {
        do throws(Request.Rejection) {
            let request = try Request(frame)
            let method = request.name.method
            if method == .rpcCancel {
                cancel(request)
            } else {
                let look = if look == .none, let method { self.look(for: request, method, context) } else { look }
                guard look != .answered else { return }
                let isWatch = method?.descriptor.notification != nil
                let now = turnBegan.instant(since: environment.origin)
                let action = machine.received(request, isWatch: isWatch, at: now)
                perform(action, for: request, isWithinLimits: look == .passed, context)
            }
        } catch {
            settle(machine.rejected(ReplyAddress(form: frame.form, id: error.id), error.error), nil, error.id)
        }
    }

    private func perform(
        _ action: ConnectionStateMachine.ReceiveAction, for request: Request, isWithinLimits: Bool,
        _ context: ChannelHandlerContext
    ) {
        switch action {
        case .start(let admitted): start(admitted, isWithinLimits: isWithinLimits, context)
        case .queued(let deadline):
            metrics.queued()
            watch(deadline, context)
        case .answer, .settled, .lost:
            settle(action, request.name.method, request.id, request.traceparent)
        }
    }

    /// Ends a request that needs no work.
    private func settle(
        _ action: ConnectionStateMachine.ReceiveAction, _ method: Method?, _ id: RequestID?,
        _ traceparent: String? = nil
    ) {
        switch action {
        case .answer(let address, .error(var error)):
            if error.code == .tooManyRequests { error.type = method?.descriptor.errorTypes.throttled }
            record(method, id, traceparent, .failure(error.code))
            write(.error(error), to: address)
        case .answer(let address, .acknowledged):
            record(method, id, traceparent, .success)
            write(.acknowledged, to: address)
        case .settled(.error(let error)): record(method, id, traceparent, .failure(error.code))
        case .settled(.acknowledged): record(method, id, traceparent, .success)
        case .lost: record(method, id, traceparent, .lost)
        case .start, .queued: break
        }
    }

    private func cancel(_ request: Request) {
        do throws(WireError) {
            let cancel: RPC.CancelRequest = try Method.rpcCancel.decode(request.params)
            let action = machine.receivedCancel(of: cancel.id, replyTo: request.replyAddress)
            if let ended = action.ended { conclude(ended) }
            settle(action.reply, .rpcCancel, request.id, request.traceparent)
        } catch {
            settle(machine.rejected(request.replyAddress, error), .rpcCancel, request.id, request.traceparent)
        }
    }

    // MARK: Work

    /// - Parameter isWithinLimits: True if the limits have counted it already.
    func start(_ admitted: RequestWindow.Admitted, isWithinLimits: Bool = false, _ context: ChannelHandlerContext) {
        let request = admitted.request
        guard let method = request.name.method else {
            finish(admitted, nil, .methodNotFound(request.method))
            return
        }
        let rights = rights(context)
        if rights != .all, !rights.allow(method.descriptor.limitClass) {
            finish(admitted, method, .accessDenied(method, uid: peer.uid))
            return
        }
        let watchedJobs = method.descriptor.notification.map { _ in Self.watchedJobs(request) }
        if let watchedJobs, var error = machine.watches(admitted.key, jobs: watchedJobs) {
            error.type = method.descriptor.errorTypes.throttled
            finish(admitted, method, error)
            return
        }
        if !isWithinLimits,
            let refusal = environment.limiter.refusal(of: method, uid: peer.uid, now: turnBegan.nanoseconds)
        {
            finish(admitted, method, WireError(refusal, of: method, uid: peer.uid))
            return
        }
        watch(admitted.deadline, context)
        let fault = environment.faults?.fault(for: method)
        // What goes wrong on purpose takes no place from what does not.
        // Neither does what may last for days.
        let requestClass = fault == nil && watchedJobs == nil ? WorkScheduler.RequestClass.of(method) : nil
        if let watchedJobs { metrics.watches(1, jobs: watchedJobs) }
        work[admitted.key] = Work(
            method: method, id: request.id, traceparent: request.traceparent, requestClass: requestClass,
            arrival: ServerInstant(admitted.arrival, since: environment.origin),
            requestBytes: request.bytes, watchedJobs: watchedJobs)
        if let requestClass, !scheduler.takeSlot(in: requestClass) {
            let waiting = admitted.onItsOwn
            metrics.pending(1)
            scheduler.wait(in: requestClass, connection: connection, admitted.key) {
                self.metrics.pending(-1)
                self.begin(waiting, method, requestClass, fault, context)
            }
        } else {
            begin(watchedJobs == nil ? admitted : admitted.onItsOwn, method, requestClass, fault, context)
        }
    }

    /// Has the service begin; from here on a place is taken until it has ended.
    private func begin(
        _ admitted: RequestWindow.Admitted, _ method: Method, _ requestClass: WorkScheduler.RequestClass?,
        _ fault: Fault?,
        _ context: ChannelHandlerContext
    ) {
        work[admitted.key]?.task = makeTask(admitted, method, requestClass, fault, context)
    }

    /// What the peer may do by the rules in force.
    func rights(_ context: ChannelHandlerContext) -> AccessRights {
        if let access, environment.access.isCurrent(access) { return access.rights }
        let answer = environment.access.answer(for: peer) { PeerGroups.supplementary(context) }
        access = answer
        return answer.rights
    }

    private func makeTask(
        _ admitted: RequestWindow.Admitted, _ method: Method, _ requestClass: WorkScheduler.RequestClass?,
        _ fault: Fault?,
        _ context: ChannelHandlerContext
    ) -> Task<Void, Never> {
        let request = admitted.request
        let cache = requestClass == .read && fault == nil ? environment.answers : nil
        let dispatch = Dispatch(
            method: method, request: request,
            context: RequestContext(
                peer: peer, access: rights(context), arrival: admitted.arrival, deadline: admitted.deadline,
                traceparent: request.traceparent,
                id: request.id, connection: connection, replyBytes: environment.configuration.replyBytes,
                dependency: cache.map { _ in CacheDependency() }, notify: notify(for: admitted, method, context)),
            answer: answer, cache: cache, logger: logger)
        let complete = completion(of: admitted.key, requestClass, context)
        guard let fault else {
            // Jobs are read there, or waited for; little is done besides.
            let executor = requestClass?.isJobRequest == true ? scheduler.executor : nil
            return Task(executorPreference: executor) { complete(await dispatch.run()) }
        }
        logger.debug("fault injected", metadata: ["method": "\(method.rawValue)", "rule": "\(fault.rule)"])
        let clock = environment.clock
        return Task { complete(await dispatch.run(fault, clock)) }
    }

    /// What brings the reply back to the event loop, from wherever the work came to its end.
    private func completion(
        of key: RequestKey, _ requestClass: WorkScheduler.RequestClass?, _ context: ChannelHandlerContext
    ) -> @Sendable (EncodedReply?) -> Void {
        let registry = environment.registry
        let eventLoop = context.eventLoop
        let handler = NIOLoopBound(self, eventLoop: eventLoop)
        let context = NIOLoopBound(context, eventLoop: eventLoop)
        registry.taskBegan()
        let ended = { @Sendable (reply: EncodedReply?) in
            if let requestClass { handler.value.scheduler.releaseSlot(requestClass) }
            if let reply {
                handler.value.finish(key, reply, context.value)
            } else {
                handler.value.breakOff(context.value)
            }
            registry.taskEnded()
        }
        return { reply in
            // What reads jobs or waits for them is there already.
            if eventLoop.inEventLoop { ended(reply) } else { eventLoop.execute { ended(reply) } }
        }
    }

    /// The connection is to end without another word.
    private func breakOff(_ context: ChannelHandlerContext) {
        guard isActive else { return }
        ends(.failed)
        context.close(promise: nil)
    }

    /// The work of a request came to its end.
    private func finish(_ key: RequestKey, _ reply: EncodedReply, _ context: ChannelHandlerContext) {
        guard let work = work.removeValue(forKey: key) else { return }
        switch machine.finished(key) {
        case .deliver:
            record(
                work.method, work.id, work.traceparent, reply.outcome, work.details,
                replyBytes: reply.bytes.readableBytes)
            write(reply.bytes)
        case .withhold: record(work.method, work.id, work.traceparent, reply.outcome, work.details)
        case .discard: break
        }
        // What else comes to its end meanwhile goes out in the same write.
        scheduleTurn(context)
    }

    /// A request is answered before it got to a service.
    private func finish(_ admitted: RequestWindow.Admitted, _ method: Method?, _ error: WireError) {
        record(method, admitted.request.id, admitted.request.traceparent, .failure(error.code))
        switch machine.finished(admitted.key) {
        case .deliver(let address): write(.error(error), to: address)
        case .withhold, .discard: break
        }
    }

    /// The final reply of a request is decided before its work came to an end.
    func conclude(_ ended: RequestWindow.Ended) {
        var error = ended.error
        record(ended.subject, .failure(error.code))
        if case .begun(let key) = ended.subject, let work = work[key] {
            if let task = work.task {
                task.cancel()
                if work.watchedJobs != nil { dropNotifications { $0 == key } }
            } else {
                withdraw(key, work)
                error.processed = false
            }
        }
        if let address = ended.address { write(.error(error), to: address) }
    }

    /// Takes back a request whose turn has not come.
    private func withdraw(_ key: RequestKey, _ waiting: Work) {
        if let requestClass = waiting.requestClass { scheduler.withdraw(key, of: connection, from: requestClass) }
        metrics.pending(-1)
        work[key] = nil
        _ = machine.finished(key)
    }

    // MARK: Log

    /// The one line of a request. Its id is the caller's own text, so that only its kind is told.
    func log(
        _ method: Method?, _ id: RequestID?, _ traceparent: String?, _ outcome: EncodedReply.Outcome,
        _ details: RequestDetails?, replyBytes: Int, at instant: ServerInstant
    ) {
        logger.debug(
            "request",
            metadata: describe(method, id, traceparent, outcome, details, replyBytes: replyBytes, at: instant))
    }

    private func describe(
        _ method: Method?, _ id: RequestID?, _ traceparent: String?, _ outcome: EncodedReply.Outcome,
        _ details: RequestDetails?, replyBytes: Int, at instant: ServerInstant
    ) -> Logger.Metadata {
        let kind =
            switch id {
            case .integer: "integer"
            case .string: "string"
            case nil: "none"
            }
        var metadata: Logger.Metadata = [
            "method": "\(method?.rawValue ?? "unknown")", "id": "\(kind)", "code": "\(outcome.description)",
        ]
        if let trace = traceparent.flatMap(TraceID.init(traceparent:)) { metadata["trace"] = "\(trace.text)" }
        if let details {
            metadata["request-bytes"] = "\(details.requestBytes)"
            metadata["reply-bytes"] = "\(replyBytes)"
            metadata["microseconds"] = "\(details.arrival.microseconds(to: instant))"
        }
        return metadata
    }
}
