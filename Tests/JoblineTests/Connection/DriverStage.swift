import JoblineProtocol
import Logging
import NIOCore
import NIOEmbedded
import Synchronization

@testable import Jobline

/// A driver on an event loop whose time the test moves, and with connections that the test reads and writes.
final class DriverStage: Sendable {
    struct Unreachable: Error {}

    private struct State {
        var channels: [NIOAsyncTestingChannel] = []
        var outcomes: [String] = []
        var flushes = 0
        var isReachable = true
    }

    let loop = NIOAsyncTestingEventLoop()
    private let driver: NIOLoopBoundBox<ConnectionDriver>
    private let state: SharedState

    /// Shared with the closures of the driver.
    private final class SharedState: Sendable {
        let mutex = Mutex(State())
    }

    /// Gives a stage to a test, and takes it down with every connection: what a test leaves open would never be freed.
    static func with<Value: Sendable>(
        window: Int = 256, _ body: (DriverStage) async throws -> Value
    ) async throws -> Value {
        let stage = DriverStage(window: window)
        let outcome: Result<Value, any Error>
        do { outcome = .success(try await body(stage)) } catch { outcome = .failure(error) }
        try await stage.close()
        // The channel never became active, or its driver released it.
        for channel in stage.state.mutex.withLock({ $0.channels }) {
            _ = try? await channel.finish(acceptAlreadyClosed: true)
        }
        stage.state.mutex.withLock { $0.channels = [] }
        await stage.loop.shutdownGracefully()
        return try outcome.get()
    }

    private init(window: Int) {
        let state = SharedState()
        self.state = state
        let machine = ClientStateMachine(
            configuration: ClientStateMachine.Configuration(socketPath: "/s", window: window), random: { 0.5 })
        let configuration = ConnectionDriver.Configuration(
            socketPath: "/s", clientName: "stage", replyLimits: FrameDecoder.Limits(framed: 1000, bare: 1000),
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        let made = ConnectionDriver(eventLoop: loop, configuration: configuration, machine: machine) {
            [loop] eventLoop, initializer in
            guard state.mutex.withLock({ $0.isReachable }) else { return eventLoop.makeFailedFuture(Unreachable()) }
            let channel = NIOAsyncTestingChannel(loop: loop)
            state.mutex.withLock { $0.channels.append(channel) }
            return channel.register()
                .flatMap { initializer(channel) }
                .flatMapThrowing {
                    try channel.pipeline.syncOperations.addHandler(
                        FlushCounter { state.mutex.withLock { $0.flushes += 1 } }, position: .first)
                }
                .flatMapThrowing { try SocketAddress(unixDomainSocketPath: "/s") }
                .flatMap { channel.connect(to: $0) }
                .map { channel }
        }
        driver = NIOLoopBoundBox.makeBoxSendingValue(made, eventLoop: loop)
    }

    /// Outcomes of calls in order: `ID: RESULT`, or `ID: FAILURE`.
    var outcomes: [String] { state.mutex.withLock { $0.outcomes } }
    var connections: Int { state.mutex.withLock { $0.channels.count } }
    var flushes: Int { state.mutex.withLock { $0.flushes } }
    var isReachable: Bool {
        get { state.mutex.withLock { $0.isReachable } }
        set { state.mutex.withLock { $0.isReachable = newValue } }
    }

    /// Makes calls within one turn of the event loop, and cancels one of them in the same turn.
    func submit(
        _ ids: Int64..., method: String = "A.B", params: String = "{}", timeout: TimeAmount = .seconds(30),
        cancelling cancelled: Int64? = nil
    ) async throws {
        try await loop.executeInContext { [driver, state, loop] in
            let calls = ids.map { id in
                let call = OutgoingCall(
                    method: MethodName(method), params: ByteBuffer(string: params), traceparent: nil,
                    deadline: loop.now + timeout,
                    completion: { outcome in
                        let text =
                            switch outcome {
                            case .success(let result): String(buffer: result)
                            case .failure(let failure): failure.message
                            }
                        state.mutex.withLock { $0.outcomes.append("\(id): \(text)") }
                    })
                return CallChange.submitted(id, call)
            }
            driver.value.take(calls + (cancelled.map { [.cancelled($0)] } ?? []))
        }
        await loop.run()
    }

    /// Opens watches of one job each, with the watch's number as its id, within one turn of the event loop.
    func watch(_ ids: Int64..., timeout: TimeAmount? = nil) async throws {
        try await loop.executeInContext { [driver, state, loop] in
            for id in ids {
                let note: @Sendable (String) -> Void = { text in
                    state.mutex.withLock { $0.outcomes.append("\(id): \(text)") }
                }
                driver.value.submitWatch(
                    id,
                    OutgoingWatch(
                        deadline: timeout.map { loop.now + $0 }, traceparent: nil,
                        request: { Sidecar.WatchJobsRequest(jobs: [JobReference(family: .matching, id: "\(id)")]) },
                        changed: { note($0.job.state.rawValue) }, ended: { note($0?.message ?? "end") }))
            }
        }
        await loop.run()
    }

    func cancelWatch(_ id: Int64) async throws {
        try await loop.executeInContext { [driver] in driver.value.cancelWatch(id) }
        await loop.run()
    }

    func endWatches() async throws {
        try await loop.executeInContext { [driver] in driver.value.endWatches() }
        await loop.run()
    }

    func cancel(_ id: Int64) async throws {
        try await loop.executeInContext { [driver] in driver.value.take([.cancelled(id)]) }
        await loop.run()
    }

    func close() async throws {
        try await loop.executeInContext { [driver] in _ = driver.value.close() }
        await loop.run()
    }

    /// Returns the bytes flushed on the newest connection since the last call.
    func sent() async throws -> [String] {
        guard let channel = state.mutex.withLock({ $0.channels.last }) else { return [] }
        var decoder = FrameDecoder(limits: .requests)
        var bodies: [String] = []
        while let bytes = try await channel.readOutbound(as: ByteBuffer.self) {
            decoder.append(bytes)
            while let frame = try decoder.next() { bodies.append(String(buffer: frame.body)) }
        }
        return bodies
    }

    /// Bytes from the server on the newest connection.
    func receive(_ text: String) async throws { try await receive(text.utf8) }

    /// Bytes from the server that need not be a text.
    func receive(_ bytes: some Sequence<UInt8> & Sendable) async throws {
        guard let channel = state.mutex.withLock({ $0.channels.last }), channel.isActive else { return }
        try await channel.writeInbound(ByteBuffer(bytes: bytes))
        await loop.run()
    }

    func setWritable(_ isWritable: Bool) async throws {
        guard let channel = state.mutex.withLock({ $0.channels.last }) else { return }
        channel.isWritable = isWritable
        try await loop.executeInContext { channel.pipeline.fireChannelWritabilityChanged() }
        await loop.run()
    }

    /// The server closes the newest connection.
    func hangUp() async throws {
        guard let channel = state.mutex.withLock({ $0.channels.last }) else { return }
        try await loop.executeInContext { channel.close(promise: nil) }
        await loop.run()
    }

    /// Whether the newest connection is open.
    var isOpen: Bool { state.mutex.withLock { $0.channels.last?.isActive ?? false } }
}

private final class FlushCounter: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer
    private let flushed: @Sendable () -> Void

    init(_ flushed: @escaping @Sendable () -> Void) { self.flushed = flushed }

    func flush(context: ChannelHandlerContext) {
        flushed()
        context.flush()
    }
}
