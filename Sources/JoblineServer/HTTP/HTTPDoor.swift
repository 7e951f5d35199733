internal import JoblineAWS
internal import JoblineBackend
internal import JoblineProtocol
internal import Logging
internal import NIOCore
internal import NIOHTTP1

/// One connection of the AWS endpoint: requests over HTTP/1.1 to the pipeline, and their responses.
///
/// The pipelining handler before it hands over one request at a time. Confined to the connection's event loop.
final class HTTPDoor: ChannelInboundHandler, PipelineDoor {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    /// Request while it is read.
    private struct Incoming {
        let head: AWSRequestHead
        let isKeepAlive: Bool
        /// Operation of the request, or refusal.
        let route: Result<AWSRoute, AWSRefusal>
    }

    /// Request at the pipeline.
    private struct Working {
        let route: AWSRoute
        let key: RequestKey
        let isKeepAlive: Bool
        let deadline: Scheduled<Void>
        /// nil while the pipeline starts the request.
        var pending: PendingRequest?
    }

    private enum State {
        /// Exits: `reading` with a head, `closing`.
        case idle
        /// Exits: `working` if the request starts, `idle` if it is answered at once, `closing`.
        case reading(Incoming)
        /// Exits: `idle` when the response is written, `closing`.
        case working(Working)
        /// The last response is written. No exit.
        case closing
    }

    private let configuration: ServerConfiguration
    private let registry: ConnectionRegistry
    private let session: CallerSession
    private let pipeline: RequestPipeline
    private let timer: HTTPRequestTimer
    private let check: HTTPRequestCheck
    private let date: HTTPDate
    private let charge: BufferCharge
    private var state = State.idle
    /// Body of the request, as far as it was read.
    private var body = ByteBuffer()
    private var lastKey: UInt64 = 0
    private var isDraining: Bool
    /// The channel's, while it is active.
    private var context: ChannelHandlerContext?

    init(
        _ configuration: ServerConfiguration, admission: ConnectionRegistry.Admission, registry: ConnectionRegistry,
        session: CallerSession, pipeline: RequestPipeline, timer: HTTPRequestTimer, date: HTTPDate,
        charge: BufferCharge,
        isTCP: Bool
    ) {
        self.configuration = configuration
        self.registry = registry
        self.session = session
        self.pipeline = pipeline
        self.timer = timer
        self.date = date
        self.charge = charge
        check = HTTPRequestCheck(isTCP: isTCP)
        isDraining = admission.isDraining
    }

    // MARK: Channel events

    func channelActive(context: ChannelHandlerContext) {
        self.context = context
        session.logger.debug("connection opened", metadata: ["door": "aws"])
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch (unwrapInboundIn(data), state) {
        case (.head(let head), .idle): begin(head)
        case (.body(let bytes), .reading): append(bytes)
        case (.end, .reading(let incoming)): handle(incoming)
        case (.head, _), (.body, _), (.end, _): break
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed, ConnectionEvent.drain:
            isDraining = true
            switch state {
            case .idle: close(event is ConnectionEvent ? .drain : .peer)
            case .reading where event is ChannelEvent: close(.peer)
            case .reading, .working, .closing: break
            }
        case ConnectionEvent.drainExpired: end(.draining(processed: nil))
        case ConnectionEvent.timeHasMoved: break
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        session.logger.debug("connection failed", metadata: ["error": "\(type(of: error))"])
        close(.failed)
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.context = nil
        registry.ends(session.connection, .peer)
        if case .working(let work) = state {
            work.deadline.cancel()
            if let pending = work.pending { pipeline.abandon([pending], of: session) }
        }
        state = .closing
        _ = charge.hold(0)
        session.logger.debug("connection closed", metadata: ["door": "aws"])
        context.fireChannelInactive()
    }

    // MARK: Reading

    private func begin(_ head: HTTPRequestHead) {
        let fields = head.headers.map { (name: $0.name, value: $0.value) }
        let request = AWSRequestHead(head.method.rawValue, head.uri, headers: fields)
        let route: Result<AWSRoute, AWSRefusal>
        if let refusal = check.refusal(of: head) {
            route = .failure(refusal)
        } else {
            do throws(AWSRefusal) { route = .success(try AWSRouter.route(request)) } catch { route = .failure(error) }
        }
        state = .reading(Incoming(head: request, isKeepAlive: head.isKeepAlive, route: route))
        let length = head.headers.first(name: "content-length").flatMap { Int($0) } ?? 0
        if length > configuration.requestBytes { return refuseBody() }
        guard head.headers[canonicalForm: "expect"].contains(where: { $0.lowercased() == "100-continue" }) else {
            return
        }
        switch route {
        case .success:
            context?.writeAndFlush(
                wrapOutboundOut(.head(.init(version: head.version, status: .continue))), promise: nil)
        case .failure(let refusal): refuse(refusal, closes: true)
        }
    }

    private func append(_ bytes: ByteBuffer) {
        guard body.readableBytes + bytes.readableBytes <= configuration.requestBytes else { return refuseBody() }
        body.writeImmutableBuffer(bytes)
        if charge.hold(body.readableBytes) { close(.userBytes) }
    }

    private func refuseBody() {
        refuse(
            AWSRefusal(413, "SerializationException", "the body is over \(configuration.requestBytes) bytes"),
            closes: true)
    }

    /// A request takes too long.
    ///
    /// - Returns: False if its head is incomplete, so that there is nothing to respond to.
    func requestTimedOut() -> Bool {
        registry.ends(session.connection, .frameTimeout)
        guard case .reading = state else { return false }
        refuse(
            AWSRefusal(408, "RequestTimeout", "the request is not complete after \(configuration.frameTimeout)"),
            closes: true)
        return true
    }

    // MARK: Requests

    private func handle(_ incoming: Incoming) {
        timer.requestEnded()
        pipeline.metrics.received()
        let now = pipeline.beginTurn()
        var body = ByteBuffer()
        swap(&body, &self.body)
        let isKeepAlive = incoming.isKeepAlive
        let route: AWSRoute
        switch incoming.route {
        case .success(let found): route = found
        case .failure(let refusal):
            record(.failure(refusal.code), nil)
            return respond(refusal.response(to: incoming.head), closes: !isKeepAlive)
        }
        if isDraining {
            record(.failure(.unavailable), route.method)
            return respond(route.response(.draining(processed: false)), closes: true)
        }
        let params: ByteBuffer
        do throws(AWSRefusal) {
            params = try route.params(body)
        } catch {
            record(.failure(error.code), route.method)
            return respond(route.response(error), closes: !isKeepAlive)
        }
        if let response = admit(route, params) { return respond(response, closes: !isKeepAlive) }
        start(route, params, at: now, isKeepAlive)
    }

    /// Lets the pipeline admit a request.
    ///
    /// - Returns: Response if that decides the outcome.
    private func admit(_ route: AWSRoute, _ params: ByteBuffer) -> AWSResponse? {
        var response: AWSResponse?
        let decision = params.withUnsafeReadableBytes { params in
            pipeline.admit(RequestRecord(route.method, nil), params, of: session) { outcome, isError in
                let bytes = ByteBuffer(bytes: outcome)
                response = isError ? route.response(WireError(json: bytes)) : route.response(bytes)
            }
        }
        guard case .answered = decision else { return nil }
        return response
    }

    private func start(_ route: AWSRoute, _ params: ByteBuffer, at now: ContinuousClock.Instant, _ isKeepAlive: Bool) {
        guard let context else { return }
        lastKey += 1
        let key = RequestKey(number: lastKey)
        let deadline = context.eventLoop.scheduleTimer(in: configuration.defaultTimeout) {
            self.end(.deadlineExceeded())
        }
        state = .working(Working(route: route, key: key, isKeepAlive: isKeepAlive, deadline: deadline))
        let request = PipelineRequest(
            method: route.method, params: params, arrival: now,
            deadline: now.advanced(by: configuration.defaultTimeout), id: nil, traceparent: nil,
            resultBytes: configuration.replyBytes, watchedJobs: nil)
        let pending = pipeline.start(request, key, of: session, for: self)
        // The request may have ended already.
        guard case .working(var work) = state, work.key == key else { return }
        work.pending = pending
        state = .working(work)
    }

    func finished(_ request: PendingRequest, _ result: PipelineResult) {
        guard case .working(let work) = state, work.key == request.key else { return }
        work.deadline.cancel()
        switch result {
        case .success(let bytes): respond(work.route.response(bytes), closes: !work.isKeepAlive)
        case .failure(let error): respond(work.route.response(error), closes: !work.isKeepAlive)
        case nil: close(.failed)
        }
    }

    /// Ends the request at the pipeline with an error.
    private func end(_ error: WireError) {
        guard case .working(let work) = state, let pending = work.pending else { return }
        work.deadline.cancel()
        // The pipeline reports withdrawn requests while it ends them.
        state = .closing
        var error = error
        if !pipeline.end(pending, .failure(error.code)) { error.processed = false }
        state = .working(work)
        respond(work.route.response(error), closes: !work.isKeepAlive)
    }

    private func record(_ outcome: RequestOutcome, _ method: Method?) {
        pipeline.record(outcome, RequestRecord(method, nil), session)
    }

    // MARK: Responses

    private func refuse(_ refusal: AWSRefusal, closes: Bool) {
        if closes { registry.ends(session.connection, .brokenFrame) }
        var head: AWSRequestHead?
        if case .reading(let incoming) = state { head = incoming.head }
        respond(refusal.response(to: head), closes: closes)
    }

    private func respond(_ response: AWSResponse, closes: Bool) {
        guard let context else { return }
        if case .closing = state { return }
        let closes = closes || isDraining
        state = closes ? .closing : .idle
        body = ByteBuffer()
        var headers = HTTPHeaders(response.fields.map { ($0.name, $0.value) })
        headers.add(name: "x-amzn-RequestId", value: RequestIdentifier.random())
        headers.add(name: "Date", value: date.now)
        headers.add(name: "Content-Length", value: "\(response.body.readableBytes)")
        if closes { headers.add(name: "Connection", value: "close") }
        let head = HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: response.status), headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        let bytes = response.body.readableBytes
        pipeline.metrics.sent(bytes)
        if charge.hold(bytes) {
            registry.ends(session.connection, .userBytes)
            return context.close(promise: nil)
        }
        if bytes > 0 { context.write(wrapOutboundOut(.body(.byteBuffer(response.body))), promise: nil) }
        timer.responseEnded()
        context.writeAndFlush(wrapOutboundOut(.end(nil))).assumeIsolated().whenComplete { _ in
            _ = self.charge.hold(0)
            if closes { self.close(self.isDraining ? .drain : .peer) }
        }
    }

    private func close(_ end: ConnectionEnd) {
        registry.ends(session.connection, end)
        context?.close(promise: nil)
    }
}
