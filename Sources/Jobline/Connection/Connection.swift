internal import JoblineProtocol
internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// The one connection of a client, shared by all of its calls.
final class Connection: Sendable {
    let eventLoop: any EventLoop
    private let driver: NIOLoopBoundBox<ConnectionDriver>
    private let lastID = Atomic<Int64>(0)
    /// What the event loop has not taken yet; it takes all at once.
    private let changes = Mutex<[CallChange]>([])

    /// Prepares; nothing is opened before the first call.
    init(
        eventLoop: any EventLoop, machine: consuming ClientStateMachine, configuration: ConnectionDriver.Configuration,
        connector: @escaping ConnectionDriver.Connector
    ) {
        self.eventLoop = eventLoop
        let driver = ConnectionDriver(
            eventLoop: eventLoop, configuration: configuration, machine: machine, connector: connector)
        self.driver = NIOLoopBoundBox.makeBoxSendingValue(driver, eventLoop: eventLoop)
    }

    deinit {
        let driver = driver
        eventLoop.execute { _ = driver.value.close() }
    }

    /// Sends one request and waits for its answer.
    ///
    /// - Parameters:
    ///   - method: What is called.
    ///   - params: The parameters as compact JSON.
    ///   - timeout: From now on; nothing waits longer.
    ///   - traceparent: The caller's W3C trace context.
    /// - Returns: The result as it came.
    func call(
        _ method: MethodName, _ params: ByteBuffer?, timeout: Duration, traceparent: String?
    ) async throws(CallFailure) -> ByteBuffer {
        if Task.isCancelled { throw .cancelled(written: false) }
        let id = lastID.add(1, ordering: .relaxed).newValue
        return try await outcome(of: id) { completion in
            OutgoingCall(
                method: method, params: params, traceparent: traceparent, deadline: self.deadline(after: timeout),
                completion: completion)
        }.get()
    }

    /// Submits a call and waits for its outcome.
    ///
    /// - Parameters:
    ///   - id: The call's id.
    ///   - isolation: The caller's actor, on which the closures stay; without it they would run elsewhere and come back.
    ///   - call: Makes the call.
    private func outcome(
        of id: ClientStateMachine.CallID, isolation: isolated (any Actor)? = #isolation,
        _ call: (_ completion: @escaping OutgoingCall.Completion) -> OutgoingCall
    ) async -> OutgoingCall.Outcome {
        await withTaskCancellationHandler {
            _ = isolation
            return await withCheckedContinuation { continuation in
                let call = call { continuation.resume(returning: $0) }
                tell(.submitted(id, call))
                // A cancel that came before the call was there found nothing: say it again.
                if Task.isCancelled { tell(.cancelled(id)) }
            }
        } onCancel: {
            tell(.cancelled(id))
        }
    }

    /// Ids for watches.
    func makeIDs(_ count: Int) -> [ClientStateMachine.CallID] {
        (0..<count).map { _ in lastID.add(1, ordering: .relaxed).newValue }
    }

    /// Opens watches, which live until they have ended or ``cancelWatches(_:)``.
    func open(_ watches: [(id: ClientStateMachine.CallID, watch: OutgoingWatch)]) {
        onEventLoop { driver in for (id, watch) in watches { driver.submitWatch(id, watch) } }
    }

    /// Ends watches whose end no one wants to hear of.
    func cancelWatches(_ ids: [ClientStateMachine.CallID]) {
        onEventLoop { driver in for id in ids { driver.cancelWatch(id) } }
    }

    /// Ends all watches.
    func endWatches() { onEventLoop { $0.endWatches() } }

    /// When something is due that is due after a time from now.
    func deadline(after timeout: Duration) -> NIODeadline { eventLoop.now + TimeAmount(timeout) }

    /// Ends every call and the connection; returns once the socket is closed.
    func close() async {
        let closed = eventLoop.flatSubmit { [driver] in driver.value.close() }
        // Closing a socket that is closed already is no failure.
        try? await closed.get()
    }

    /// Whoever tells the first change wakes the event loop; the others find it on its way.
    private func tell(_ change: CallChange) {
        let isFirst = changes.withLock { changes in
            changes.append(change)
            return changes.count == 1
        }
        if isFirst { onEventLoop { [self] in $0.take(changes.withLock { exchange(&$0, with: []) }) } }
    }

    private func onEventLoop(_ body: @escaping @Sendable (ConnectionDriver) -> Void) {
        eventLoop.execute { [driver] in body(driver.value) }
    }
}

extension Connection {
    /// Connects to a Unix socket.
    static func connector(socketPath: String) -> ConnectionDriver.Connector {
        { eventLoop, initializer in
            ClientBootstrap(group: eventLoop)
                .channelInitializer(initializer)
                .connect(unixDomainSocketPath: socketPath)
        }
    }
}
