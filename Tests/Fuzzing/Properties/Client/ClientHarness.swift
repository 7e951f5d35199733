import JoblineProtocol
import Logging
import NIOCore
import NIOEmbedded

@testable import Jobline

/// Connection of the SDK, on an event loop with a manual clock, and a peer that sends arbitrary bytes.
final class ClientHarness {
    struct Unreachable: Error {}

    /// Small limits, which inputs reach quickly.
    private static let limits = FrameDecoder.Limits(framed: 2048, bare: 1024)

    let loop = EmbeddedEventLoop()
    private let calls: Calls
    private let peer: Peer
    private let driver: ConnectionDriver

    /// Outcomes of the calls.
    private final class Calls {
        var methods: [Method] = []
        /// Outcomes by the number of the call, counted from 1.
        var outcomes: [Int64: [Result<ByteBuffer, CallFailure>]] = [:]
    }

    /// Peer, reconnected for each connection.
    private final class Peer {
        var channel: EmbeddedChannel?
        var isReachable = true
    }

    init(window: Int, maximumWaiting: Int) {
        let loop = loop
        let calls = Calls()
        let peer = Peer()
        self.calls = calls
        self.peer = peer
        let reachable = NIOLoopBound(peer, eventLoop: loop)
        driver = ConnectionDriver(
            eventLoop: loop,
            configuration: ConnectionDriver.Configuration(
                socketPath: "/s", clientName: "harness", replyLimits: Self.limits,
                logger: Logger(label: "harness") { _ in SwiftLogNoOpLogHandler() }),
            machine: ClientStateMachine(
                configuration: ClientStateMachine.Configuration(
                    socketPath: "/s", window: window, maximumWaiting: maximumWaiting),
                random: { 0.5 })
        ) { _, initializer in
            guard reachable.value.isReachable else { return loop.makeFailedFuture(Unreachable()) }
            let channel = EmbeddedChannel(loop: loop)
            reachable.value.channel = channel
            return initializer(channel)
                .flatMapThrowing { try SocketAddress(unixDomainSocketPath: "/s") }
                .flatMap { channel.connect(to: $0) }
                .map { channel }
        }
    }

    // MARK: What the caller does

    func call(_ method: Method, timeout: TimeAmount) {
        calls.methods.append(method)
        let id = Int64(calls.methods.count)
        let bound = NIOLoopBound(calls, eventLoop: loop)
        let call = OutgoingCall(
            method: .known(method), params: ByteBuffer(string: "{}"), traceparent: nil, deadline: loop.now + timeout,
            completion: { bound.value.outcomes[id, default: []].append($0) })
        driver.take([.submitted(id, call)])
        loop.run()
    }

    /// Cancels a call by number; it can have ended, or not exist.
    func cancel(_ id: Int64) {
        driver.take([.cancelled(id)])
        loop.run()
    }

    func close() {
        _ = driver.close()
        loop.run()
    }

    // MARK: What happens to it

    var isReachable: Bool {
        get { peer.isReachable }
        set { peer.isReachable = newValue }
    }

    func receive(_ bytes: ByteBuffer) {
        guard let channel = peer.channel, channel.isActive else { return }
        // Errors of the handler show in the outcomes of calls.
        _ = try? channel.writeInbound(bytes)
        loop.run()
    }

    func setWritable(_ isWritable: Bool) {
        guard let channel = peer.channel, channel.isActive else { return }
        channel.isWritable = isWritable
        channel.pipeline.fireChannelWritabilityChanged()
        loop.run()
    }

    func hangUp() {
        peer.channel?.close(promise: nil)
        loop.run()
    }

    func advance(by time: TimeAmount) { loop.advanceTime(by: time) }

    // MARK: What became of it

    var callCount: Int { calls.methods.count }

    /// Every call with all its outcomes.
    var outcomes: [(method: Method, outcomes: [Result<ByteBuffer, CallFailure>])] {
        calls.methods.enumerated().map { ($1, calls.outcomes[Int64($0 + 1)] ?? []) }
    }

    /// Returns what was sent on the current connection since the last call.
    func sent() -> [ByteBuffer] {
        var pieces: [ByteBuffer] = []
        while let piece = try? peer.channel?.readOutbound(as: ByteBuffer.self) { pieces.append(piece) }
        return pieces
    }
}
