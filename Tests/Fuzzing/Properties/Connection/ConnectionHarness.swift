import FuzzSupport
import JoblineBackend
import JoblineProtocol
import Logging
import NIOCore
import NIOEmbedded
import Synchronization

@testable import JoblineServer

/// Server side of one connection, on an event loop with a manual clock.
final class ConnectionHarness: Sendable {
    /// Small limits and windows, which inputs reach quickly.
    static let configuration = {
        var configuration = ServerConfiguration()
        configuration.requestBytes = 2048
        configuration.bareRequestBytes = 512
        configuration.replyBytes = 1024
        configuration.inFlight = 3
        configuration.softOutputBytes = 1024
        configuration.hardOutputBytes = 4096
        configuration.requestsPerTurn = 2
        configuration.backendLimits = [ConcurrencyLimits(read: 2, write: 1)]
        configuration.othersAtOnce = 1
        return configuration
    }()
    private static let peer = PeerCredentials(uid: 1, gid: 2, pid: 3)
    /// Number of polls after which the work counts as stuck.
    private static let maximumPolls = 1_000_000

    private let channel = NIOAsyncTestingChannel()
    private let instant = Mutex(ContinuousClock.now)
    private let registry = ConnectionRegistry(caps: configuration.connectionCaps)
    private let metrics = RequestMetrics()
    private let budget = BufferBudget()
    private let scheduler: NIOLoopBoundBox<WorkScheduler>
    private let reader: NIOLoopBoundBox<SlowReader>
    let backend = ControlledBackend(configuration)

    init() async throws {
        reader = NIOLoopBoundBox.makeBoxSendingValue(SlowReader(), eventLoop: channel.testingEventLoop)
        scheduler = NIOLoopBoundBox.makeBoxSendingValue(
            WorkScheduler(Self.configuration.slotLimits), eventLoop: channel.testingEventLoop)
        let admission = registry.admit(channel, caller: Self.peer.caller)
        try await channel.testingEventLoop.executeInContext { [self] in
            let clock = MonotonicClock { self.instant.withLock { $0 } }
            let environment = RequestPipeline.Environment(
                access: AccessControl(AccessRules()), limiter: RateLimiter(.init()), cache: nil, faults: nil,
                clock: clock, origin: clock.now(), registry: registry)
            let session = CallerSession(
                peer: Self.peer, connection: admission.connection, answer: backend.answer,
                logger: Logger(label: "harness") { _ in SwiftLogNoOpLogHandler() })
            let handler = ConnectionHandler(
                Self.configuration, admission: admission, registry: registry, session: session,
                pipeline: RequestPipeline(
                    environment, scheduler: scheduler.value, metrics: metrics, eventLoop: channel.testingEventLoop),
                output: ConnectionOutput(
                    Self.configuration, queue: OutputQueue(), metrics: metrics,
                    charge: BufferCharge(budget, caller: Self.peer.caller, limit: Self.configuration.userBytes)))
            try channel.pipeline.syncOperations.addHandlers(reader.value, handler)
        }
        try await channel.connect(to: .init(unixDomainSocketPath: "/nowhere"))
    }

    // MARK: What the peer does

    func send(_ bytes: ByteBuffer) async throws {
        guard isOpen else { return }
        try await channel.writeInbound(bytes)
    }

    func setReading(_ isReading: Bool) async throws {
        try await channel.testingEventLoop.executeInContext { [reader] in reader.value.setReading(isReading) }
    }

    func halfClose() async throws { try await fire(ChannelEvent.inputClosed) }

    func close() async { try? await channel.close().get() }

    // MARK: What the server does

    func drain() async throws { try await fire(ConnectionEvent.drain) }
    func expireDrain() async throws { try await fire(ConnectionEvent.drainExpired) }

    private func fire(_ event: some Sendable) async throws {
        guard isOpen else { return }
        try await channel.testingEventLoop.executeInContext { [channel] in
            channel.pipeline.fireUserInboundEventTriggered(event)
        }
    }

    func advance(by time: Duration) async {
        instant.withLock { $0 = $0.advanced(by: time) }
        await channel.testingEventLoop.advanceTime(by: .nanoseconds(time.nanoseconds))
    }

    /// Waits until all started work has ended or waits in the backend.
    func settle() async throws {
        for _ in 0..<Self.maximumPolls {
            await channel.testingEventLoop.run()
            // Polled on the event loop, so that ended work has been accounted for.
            let isSettled = try await channel.testingEventLoop.executeInContext { [registry, backend] in
                registry.inFlight == backend.waiting
            }
            if isSettled { return }
            await Task.yield()
        }
        throw Violation("of \(registry.inFlight) requests in work, \(backend.waiting) wait, and the others never end")
    }

    // MARK: What it came to

    var isOpen: Bool { channel.isActive }
    var inFlight: Int { registry.inFlight }

    /// Returns resources that a closed connection has not released.
    func leftovers() async throws -> [String] {
        let backend = BackendID(0)
        let pools = [SlotPool.backend(backend, .read), .backend(backend, .write), .sidecar, .rpc]
        let limits = pools.map { Self.configuration.slotLimits[$0] }
        let free = try await channel.testingEventLoop.executeInContext { [scheduler] in
            zip(pools, limits).map { pool, limit in
                (0..<limit).count { _ in scheduler.value.takeSlot(in: pool) }
            }
        }
        return [
            isOpen ? "the connection is open" : nil,
            registry.connections == 0 ? nil : "\(registry.connections) connections are counted",
            registry.inFlight == 0 ? nil : "\(registry.inFlight) requests are counted",
            budget.total == 0 ? nil : "\(budget.total) bytes are counted as held",
            metrics.counts.inFlight == 0 ? nil : "\(metrics.counts.inFlight) requests are counted as in flight",
            metrics.counts.waiting == 0 ? nil : "\(metrics.counts.waiting) requests are counted as waiting",
            metrics.pending == 0 ? nil : "\(metrics.pending) requests are counted as pending",
            metrics.unsentBytes == 0 ? nil : "\(metrics.unsentBytes) bytes are counted as unsent",
            free == limits ? nil : "of \(limits) slots, \(free) are free",
        ].compactMap(\.self)
    }

    /// Returns what the peer has read since the last call.
    func received() async throws -> [ByteBuffer] {
        var pieces: [ByteBuffer] = []
        while let piece = try await channel.readOutbound(as: ByteBuffer.self) { pieces.append(piece) }
        return pieces
    }
}
