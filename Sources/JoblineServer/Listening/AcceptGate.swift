internal import NIOCore
internal import Synchronization

/// Bounds the connections that are accepted and not served: those whose turn has not come yet, and those that are only told
/// that they are too many.
///
/// While there are as many as it allows nothing is accepted, and who connects waits in the kernel's queue. So a flood of
/// connections that are refused takes no descriptors from those that are served, or from the jobs.
final class AcceptGate: ChannelDuplexHandler, Sendable {
    typealias InboundIn = any Channel
    typealias InboundOut = any Channel
    typealias OutboundIn = Never

    /// Connections that may be accepted and not served at most, but for the few of the read with which this is reached.
    static let maximumUnserved = 128

    private let unserved: Int
    private let served: @Sendable () -> Int
    private let accepted = Atomic(0)
    /// Set while a read is held back.
    private let heldBack = Mutex<NIOLoopBound<ChannelHandlerContext>?>(nil)

    /// - Parameters:
    ///   - unserved: Connections that may be accepted and not served.
    ///   - served: How many connections are served.
    init(unserved: Int = maximumUnserved, served: @escaping @Sendable () -> Int) {
        self.unserved = unserved
        self.served = served
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        accepted.wrappingAdd(1, ordering: .relaxed)
        unwrapInboundIn(data).closeFuture.whenComplete { _ in
            self.accepted.wrappingSubtract(1, ordering: .relaxed)
            self.reconsider()
        }
        context.fireChannelRead(data)
    }

    func read(context: ChannelHandlerContext) {
        guard isFull else { return context.read() }
        heldBack.withLock { $0 = context.loopBound }
        // It may have changed since, unseen by those that would have said so.
        reconsider()
    }

    func handlerRemoved(context: ChannelHandlerContext) { heldBack.withLock { $0 = nil } }

    /// To be called when a connection is served from now on, from any thread.
    func reconsider() {
        guard heldBack.withLock({ $0 != nil }), !isFull else { return }
        guard let context = heldBack.withLock({ $0.take() }) else { return }
        context.execute { $0.read() }
    }

    private var isFull: Bool { accepted.load(ordering: .relaxed) - served() >= unserved }
}

extension NIOLoopBound<ChannelHandlerContext> {
    /// Does something with the context on its event loop.
    fileprivate func execute(_ body: @escaping @Sendable (ChannelHandlerContext) -> Void) {
        eventLoop.execute { body(value) }
    }
}
