internal import JoblineProtocol
internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// Connection of a client, shared by all its calls and watches.
///
/// Callers may use any task; the driver runs on the event loop.
final class Connection: Sendable {
    let eventLoop: any EventLoop
    private let driver: NIOLoopBoundBox<ConnectionDriver>
    private let lastID = Atomic<Int64>(0)
    /// Changes to calls that the event loop has not processed yet; it processes all of them in one batch.
    private let changes = Mutex<[CallChange]>([])

    /// Creates a connection without opening a socket; the first call or watch connects.
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

    /// Sends one request and waits for its response.
    ///
    /// - Parameters:
    ///   - method: Name of the method.
    ///   - params: Parameters as compact JSON.
    ///   - timeout: Maximum duration of the call, including the time it waits for a connection.
    ///   - traceparent: W3C trace context of the caller.
    /// - Returns: The result as undecoded JSON.
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
    ///   - id: Id of the call.
    ///   - isolation: Actor of the caller; keeps the closures on it and saves two hops between executors.
    ///   - call: Creates the call from its completion.
    private func outcome(
        of id: ClientStateMachine.CallID, isolation: isolated (any Actor)? = #isolation,
        _ call: (_ completion: @escaping OutgoingCall.Completion) -> OutgoingCall
    ) async -> OutgoingCall.Outcome {
        await withTaskCancellationHandler {
            _ = isolation
            return await withCheckedContinuation { continuation in
                let call = call { continuation.resume(returning: $0) }
                tell(.submitted(id, call))
                // The driver ignores cancellations that precede the submission: cancel again.
                if Task.isCancelled { tell(.cancelled(id)) }
            }
        } onCancel: {
            tell(.cancelled(id))
        }
    }

    /// Returns new ids for watches.
    func makeIDs(_ count: Int) -> [ClientStateMachine.CallID] {
        (0..<count).map { _ in lastID.add(1, ordering: .relaxed).newValue }
    }

    /// Opens watches; each lives until it ends or ``cancelWatches(_:)`` cancels it.
    func open(_ watches: [(id: ClientStateMachine.CallID, watch: OutgoingWatch)]) {
        onEventLoop { driver in for (id, watch) in watches { driver.submitWatch(id, watch) } }
    }

    /// Cancels watches without reporting their end.
    func cancelWatches(_ ids: [ClientStateMachine.CallID]) {
        onEventLoop { driver in for id in ids { driver.cancelWatch(id) } }
    }

    /// Ends all watches and reports their end.
    func endWatches() { onEventLoop { $0.endWatches() } }

    /// Returns the deadline of a timeout that starts now.
    func deadline(after timeout: Duration) -> NIODeadline { eventLoop.now + TimeAmount(timeout) }

    /// Fails all calls and watches and closes the connection; returns once the socket is closed.
    func close() async {
        let closed = eventLoop.flatSubmit { [driver] in driver.value.close() }
        // The socket may already be closed.
        try? await closed.get()
    }

    /// Adds a change to the next batch; only the first change of a batch wakes the event loop.
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
    /// Returns a connector for a Unix domain socket.
    static func connector(socketPath: String) -> ConnectionDriver.Connector {
        { eventLoop, initializer in
            ClientBootstrap(group: eventLoop)
                .channelInitializer(initializer)
                .connect(unixDomainSocketPath: socketPath)
        }
    }
}
