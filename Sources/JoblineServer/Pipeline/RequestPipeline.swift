internal import JoblineBackend
internal import JoblineProtocol
internal import Logging
internal import NIOCore

/// The way of every request, whichever door it came through: access, limits, cache, scheduling, dispatch, metrics.
///
/// A door hands in a method with parameters, a caller and a deadline, and gets the result as bytes or an error. Frames,
/// connections and the order of replies are the door's own matter.
///
/// Each event loop has one pipeline, which is confined to it.
final class RequestPipeline {
    /// Parts that the pipelines of all event loops share.
    struct Environment: Sendable {
        let access: AccessControl
        let limiter: RateLimiter
        /// nil if no result is cached.
        let cache: ResponseCache?
        /// nil if no faults are injected.
        let faults: FaultInjector?
        let clock: MonotonicClock
        /// Start of the server.
        let origin: ContinuousClock.Instant
        /// Counts the requests that are at their services.
        let registry: ConnectionRegistry

        /// Current time since the server's start.
        var now: ServerInstant { ServerInstant(clock.now(), since: origin) }
    }

    /// Decision of access, limits and cache about a request, which takes no work.
    enum Decision {
        /// The door has the cached result, or the error of a refusal.
        case answered
        /// The request may start.
        case passed
    }

    private let environment: Environment
    /// nil if no result is cached, and with fault injection, where every request goes to its service.
    private let cache: ResponseCache?
    /// Rights that a caller needs, by method index.
    private let requiredRights = Method.allCases.map { AccessRights(requiredFor: $0.descriptor.limitClass) }
    /// Whether results are cached, by method index.
    private let cachedMethods: [Bool]
    private let scheduler: WorkScheduler
    let metrics: RequestMetrics
    private let eventLoop: any EventLoop
    private var lastRefusal: EncodedRefusal?
    /// Time at which the current turn of a connection began; its requests count as having arrived then.
    private var turn: ServerInstant
    /// Time on the expiry clock of the backend that the last request of this turn went to.
    private var cacheTime: ResponseCache.Time?

    init(_ environment: Environment, scheduler: WorkScheduler, metrics: RequestMetrics, eventLoop: any EventLoop) {
        self.environment = environment
        let cache = environment.faults == nil ? environment.cache : nil
        self.cache = cache
        cachedMethods = Method.allCases.map { cache != nil && RequestClass.of($0) == .read }
        self.scheduler = scheduler
        self.metrics = metrics
        self.eventLoop = eventLoop
        turn = environment.now
    }

    var now: ContinuousClock.Instant { environment.clock.now() }

    /// Begins a turn: reads the clock once for all requests that come in it.
    ///
    /// - Returns: Arrival time of the requests of this turn.
    func beginTurn() -> ContinuousClock.Instant {
        let now = self.now
        turn = ServerInstant(now, since: environment.origin)
        cacheTime = nil
        return now
    }

    // MARK: Requests

    /// Admits a request: checks access and limits, and looks for a cached result.
    ///
    /// - Parameters:
    ///   - params: Parameters, which need not be parsed.
    ///   - deliver: Receives a cached result or an error, as compact JSON that is valid during the call.
    func admit(
        _ record: consuming RequestRecord, _ params: UnsafeRawBufferPointer, of session: CallerSession,
        deliver: (_ outcome: UnsafeRawBufferPointer, _ isError: Bool) -> Void
    ) -> Decision {
        guard let method = record.method else { return .passed }
        guard isAllowed(method, for: session) else {
            let error = WireError.accessDenied(method, session.caller)
            self.record(.failure(error.code), record, session, at: turn)
            error.json().withUnsafeReadableBytes { deliver($0, true) }
            return .answered
        }
        if let refusal = environment.limiter.refusal(of: method, caller: session.caller, now: turn.nanoseconds) {
            self.record(.failure(.tooManyRequests), record, session, at: turn)
            encode(refusal, of: method, caller: session.caller).withUnsafeReadableBytes { deliver($0, true) }
            return .answered
        }
        guard let bytes = deliverCached(method, params, deliver) else { return .passed }
        record.arrival = turn
        record.requestBytes = params.count
        record.replyBytes = bytes
        record.isCarriedOut = true
        self.record(.success, record, session, at: turn)
        return .answered
    }

    /// Starts a request that was admitted.
    ///
    /// - Parameters:
    ///   - key: Names the request among those of its door.
    ///   - door: Told when the work of the request has ended.
    ///   - notify: Sends notifications of the request; nil if its method has none.
    func start(
        _ request: PipelineRequest, _ key: RequestKey, of session: CallerSession, for door: any PipelineDoor,
        notify: RequestContext.Notify? = nil
    ) -> PendingRequest {
        let method = request.method
        let fault = environment.faults?.fault(for: method)
        // Injected faults take no slots from real work. Neither do watches, which may last for days.
        let pool = fault == nil && request.watchedJobs == nil ? scheduler.pool(of: method) : nil
        let pending = PendingRequest(request, key, session, door, slotPool: pool, fault: fault, notify: notify)
        if let jobs = request.watchedJobs { metrics.watches(1, jobs: jobs) }
        if let pool, !scheduler.takeSlot(in: pool) {
            pending.copyParams()
            metrics.pending(1)
            scheduler.wait(in: pool, connection: session.connection, key) {
                self.metrics.pending(-1)
                self.dispatch(pending)
            }
        } else {
            if pending.isWatch { pending.copyParams() }
            dispatch(pending)
        }
        return pending
    }

    /// Ends a pending request whose outcome the door has decided.
    ///
    /// - Returns: Whether its work had begun, and is cancelled. If not, the request is withdrawn, and nothing was done.
    func end(_ pending: PendingRequest, _ outcome: RequestOutcome) -> Bool {
        record(outcome, of: pending)
        if let task = pending.task {
            task.cancel()
            return true
        }
        if let pool = pending.slotPool {
            scheduler.withdraw(pending.key, of: pending.session.connection, from: pool)
        }
        metrics.pending(-1)
        pending.door.finished(pending, .failure(.cancelled(processed: false)))
        return false
    }

    /// Cancels all requests of a session that has ended.
    func abandon(_ requests: some Collection<PendingRequest>, of session: CallerSession) {
        scheduler.withdrawAll(of: session.connection)
        for pending in requests {
            record(.lost, of: pending)
            if let task = pending.task { task.cancel() } else { metrics.pending(-1) }
        }
    }

    // MARK: Access, limits

    private func encode(_ refusal: RateLimiter.Refusal, of method: Method, caller: Caller) -> ByteBuffer {
        if let lastRefusal, lastRefusal.matches(refusal, of: method, caller: caller) { return lastRefusal.bytes }
        let new = EncodedRefusal(refusal, of: method, caller: caller)
        lastRefusal = new
        return new.bytes
    }

    /// Whether the rules in force allow the caller to call a method.
    func isAllowed(_ method: Method, for session: CallerSession) -> Bool {
        session.rights(by: environment.access).isSuperset(of: requiredRights[method.index])
    }

    // MARK: Cache

    /// Whether results of a method are cached.
    func isCached(_ method: Method) -> Bool { cachedMethods[method.index] }

    /// Delivers a cached result.
    ///
    /// - Returns: Size of the result in bytes; nil on a miss.
    private func deliverCached(
        _ method: Method, _ params: UnsafeRawBufferPointer, _ deliver: (UnsafeRawBufferPointer, Bool) -> Void
    ) -> Int? {
        guard isCached(method), let cache else { return nil }
        let time = cache.time(for: method, reusing: cacheTime)
        cacheTime = time
        return cache.withResult(of: method, params, at: time) { result in
            deliver(result, false)
            return result.count
        }
    }

    // MARK: Dispatch

    /// Calls the service of a request, which has its slot.
    private func dispatch(_ pending: PendingRequest) {
        let (request, session, fault) = (pending.request, pending.session, pending.fault)
        let cache = isCached(request.method) ? cache : nil
        let dispatch = Dispatch(
            request: request,
            context: RequestContext(
                caller: session.caller, access: session.rights(by: environment.access), arrival: request.arrival,
                deadline: request.deadline, traceparent: request.traceparent, resultBytes: request.resultBytes,
                connection: session.connection, dependency: cache.map { _ in CacheDependency() },
                notify: pending.notify ?? { $1?(true) }),
            answer: session.answer, cache: cache, logger: session.logger)
        environment.registry.taskBegan()
        let complete = completion(of: pending)
        if let fault {
            session.logger.debug(
                "fault injected", metadata: ["method": "\(request.method.rawValue)", "rule": "\(fault.rule)"])
            let clock = environment.clock
            pending.task = Task { complete(await dispatch.run(fault, clock)) }
        } else {
            // Requests about jobs mostly wait, so they run on the event loop and change threads less often.
            let executor = pending.slotPool?.isForJobs == true ? scheduler.executor : nil
            pending.task = Task(executorPreference: executor) { complete(await dispatch.run()) }
        }
    }

    /// Returns a function that brings the result to the event loop, whichever thread the work ended on.
    private func completion(of pending: PendingRequest) -> @Sendable (PipelineResult) -> Void {
        let eventLoop = eventLoop
        let pipeline = NIOLoopBound(self, eventLoop: eventLoop)
        let pending = NIOLoopBound(pending, eventLoop: eventLoop)
        return { result in
            if eventLoop.inEventLoop {
                pipeline.value.finish(pending.value, result)
            } else {
                eventLoop.execute { pipeline.value.finish(pending.value, result) }
            }
        }
    }

    private func finish(_ pending: PendingRequest, _ result: PipelineResult) {
        if let pool = pending.slotPool { scheduler.releaseSlot(pool) }
        switch result {
        case .success(let bytes): record(.success, of: pending, replyBytes: bytes.readableBytes)
        case .failure(let error): record(.failure(error.code), of: pending)
        // Recorded when the connection ends.
        case nil: break
        }
        pending.door.finished(pending, result)
        environment.registry.taskEnded()
    }

    // MARK: Metrics

    /// Records the outcome of a pending request, unless it is recorded already.
    private func record(_ outcome: RequestOutcome, of pending: PendingRequest, replyBytes: Int = 0) {
        guard !pending.isRecorded else { return }
        pending.isRecorded = true
        let request = pending.request
        if let jobs = request.watchedJobs { metrics.watches(-1, jobs: -jobs) }
        let arrival = ServerInstant(request.arrival, since: environment.origin)
        record(
            outcome,
            RequestRecord(request, arrival: arrival, replyBytes: replyBytes, isCarriedOut: pending.task != nil),
            pending.session)
    }

    /// Records the outcome of a request: counts it, and logs one line. Called exactly once for each request.
    ///
    /// - Parameter instant: Time of the decision; nil for the present.
    func record(
        _ outcome: RequestOutcome, _ record: RequestRecord, _ session: CallerSession, at instant: ServerInstant? = nil
    ) {
        let instant = instant ?? environment.now
        metrics.record(
            outcome, of: record.method, isWaiting: record.isQueued,
            microseconds: record.isCarriedOut ? record.arrival?.microseconds(to: instant) : nil, minute: instant.minute)
        session.logger.debug("request", metadata: record.metadata(outcome, at: instant))
    }
}
