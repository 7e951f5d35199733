internal import JoblineBackend
internal import JoblineProtocol
internal import NIOCore

/// Requests of one connection at the pipeline, and replies to requests that need no work.
///
/// Confined to the connection's event loop.
final class ConnectionRequests {
    private let session: CallerSession
    private let pipeline: RequestPipeline
    private let output: ConnectionOutput
    private let notifications: ConnectionNotifications
    /// Maximum size of a reply, in bytes.
    private let replyBytes: Int
    private var pending: [RequestKey: PendingRequest] = [:]

    init(
        _ configuration: ServerConfiguration, _ session: CallerSession, _ pipeline: RequestPipeline,
        _ output: ConnectionOutput, _ notifications: ConnectionNotifications
    ) {
        self.session = session
        self.pipeline = pipeline
        self.output = output
        self.notifications = notifications
        replyBytes = configuration.replyBytes
    }

    // MARK: At the pipeline

    /// Answers a request that is written as most programs write it, if that takes no work.
    ///
    /// - Parameter wouldStart: Whether a request with this id and size would start now.
    /// - Returns: nil if the request has to be parsed first.
    func answer(_ frame: Frame, wouldStart: (RequestID, Int) -> Bool) -> RequestPipeline.Decision? {
        frame.body.withUnsafeReadableBytes { body in
            guard let request = PlainRequest(body), pipeline.isCached(request.method),
                wouldStart(.integer(request.id), request.params.count)
            else { return nil }
            let address = ReplyAddress(form: frame.form, id: .integer(request.id))
            let record = RequestRecord(request.method, address.id)
            return admit(record, request.params, address)
        }
    }

    /// Lets the pipeline admit a request, and writes the reply if that decides the outcome.
    private func admit(
        _ record: RequestRecord, _ params: UnsafeRawBufferPointer, _ address: ReplyAddress?
    ) -> RequestPipeline.Decision {
        pipeline.admit(record, params, of: session) { outcome, isError in
            if let address { output.append(outcome, isError: isError, to: address) }
        }
    }

    /// Starts a request.
    ///
    /// - Parameters:
    ///   - early: Decision about the request before it was parsed; nil if there is none yet.
    ///   - door: Told when the work of the request has ended.
    ///   - notify: Makes the function through which a watch sends notifications.
    /// - Returns: Whether the work goes on. If not, the reply is written.
    func start(
        _ admitted: RequestWindow.Admitted, _ early: RequestPipeline.Decision?, for door: any PipelineDoor,
        notify: (Method) -> RequestContext.Notify?
    ) -> Bool {
        let request = admitted.request
        let address = request.replyAddress
        guard let method = request.name.method else {
            refuse(admitted, .methodNotFound(request.method))
            return false
        }
        let decision =
            early
            ?? (request.params ?? ByteBuffer()).withUnsafeReadableBytes { params in
                admit(RequestRecord(request), params, address)
            }
        guard case .passed = decision else { return false }
        let call = PipelineRequest(admitted, method, replyBytes: replyBytes)
        pending[admitted.key] = pipeline.start(
            call, admitted.key, of: session, for: door, notify: notify(method))
        return true
    }

    /// Ends requests whose outcome is decided before their work has ended.
    func end(_ ended: [RequestWindow.Ended]) {
        for ended in ended {
            var error = ended.error
            switch ended.subject {
            case .waiting(let request):
                pipeline.record(.failure(error.code), RequestRecord(request, isQueued: true), session)
            case .begun(let key):
                guard let request = pending[key] else { break }
                if request.isWatch { notifications.drop { $0 == key } }
                if !pipeline.end(request, .failure(error.code)) { error.processed = false }
            }
            if let address = ended.address { output.append(error, to: address) }
        }
    }

    /// Writes the reply of a request whose work has ended.
    func finish(
        _ key: RequestKey, _ result: Result<ByteBuffer, WireError>, _ action: ConnectionStateMachine.FinishAction
    ) {
        pending[key] = nil
        guard case .deliver(let address) = action else { return }
        switch result {
        case .success(let bytes): bytes.withUnsafeReadableBytes { output.append($0, to: address) }
        case .failure(let error): output.append(error, to: address)
        }
    }

    /// Abandons everything: the connection is closed.
    ///
    /// - Parameter queued: Requests that never began.
    /// - Returns: Number of requests whose work is cancelled.
    func abandon(queued: [Request]) -> Int {
        for request in queued { pipeline.record(.lost, RequestRecord(request, isQueued: true), session) }
        pipeline.abandon(pending.values, of: session)
        defer { pending = [:] }
        return pending.count
    }

    // MARK: Without work

    /// Records a request that needs no work, and writes its reply if one is due now.
    func settle(_ action: ConnectionStateMachine.ReceiveAction, _ record: RequestRecord) {
        switch action {
        case .answer(let address, let reply): settle(reply, record, to: address)
        case .settled(let reply): settle(reply, record, to: nil)
        case .lost: pipeline.record(.lost, record, session)
        case .start, .queued: break
        }
    }

    /// Records a request that is refused when it was about to start, and writes its reply.
    func refuse(_ admitted: RequestWindow.Admitted, _ error: WireError) {
        settle(.error(error), RequestRecord(admitted.request), to: admitted.request.replyAddress)
    }

    private func settle(_ reply: RequestWindow.ImmediateReply, _ record: RequestRecord, to address: ReplyAddress?) {
        var (reply, outcome) = (reply, RequestOutcome.success)
        if case .error(var error) = reply {
            if error.code == .tooManyRequests { error.type = record.method?.descriptor.errorTypes.throttled }
            (reply, outcome) = (.error(error), .failure(error.code))
        }
        pipeline.record(outcome, record, session)
        if let address { write(reply, to: address) }
    }

    /// Writes a reply that needs no work.
    func write(_ reply: RequestWindow.ImmediateReply, to address: ReplyAddress) {
        switch reply {
        case .error(let error): output.append(error, to: address)
        case .acknowledged: output.append(RPC.CancelResponse(), to: address)
        }
    }
}

extension RequestRecord {
    /// - Parameter isQueued: Whether the request waits for its predecessor.
    init(_ request: Request, isQueued: Bool = false) {
        self.init(request.name.method, request.id, traceparent: request.traceparent, isQueued: isQueued)
    }
}

extension PipelineRequest {
    /// - Parameter replyBytes: Maximum size of the reply around the result, in bytes.
    fileprivate init(_ admitted: RequestWindow.Admitted, _ method: Method, replyBytes: Int) {
        let request = admitted.request
        self.init(
            method: method, params: request.params, arrival: admitted.arrival, deadline: admitted.deadline,
            id: request.id, traceparent: request.traceparent,
            resultBytes: max(0, replyBytes - Frame.bytes(aroundResultOf: request.id)), watchedJobs: admitted.watchedJobs
        )
    }
}
