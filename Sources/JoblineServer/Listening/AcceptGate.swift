internal import NIOCore
internal import Synchronization

/// Limits the connections that are accepted but not served: those that are not set up yet, and those that exceed a cap.
///
/// At the limit nothing is accepted, and clients wait in the kernel's queue. A flood of refused connections takes no
/// descriptors from served connections or from jobs.
final class AcceptGate: ChannelDuplexHandler, Sendable {
    typealias InboundIn = any Channel
    typealias InboundOut = any Channel
    typealias OutboundIn = Never

    /// Default limit. The read that reaches it can exceed it by a few connections.
    static let maximumUnserved = 128

    private let unserved: Int
    private let served: @Sendable () -> Int
    private let accepted = Atomic(0)
    /// Context of a delayed read; nil if none is delayed.
    private let heldBack = Mutex<NIOLoopBound<ChannelHandlerContext>?>(nil)

    /// - Parameters:
    ///   - unserved: Maximum number of connections that are accepted but not served.
    ///   - served: Returns the number of served connections.
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
        // A connection may have closed since the check, before the context was stored.
        reconsider()
    }

    func handlerRemoved(context: ChannelHandlerContext) { heldBack.withLock { $0 = nil } }

    /// Resumes a delayed read if there is room. Call it from any thread when the number of served connections has grown.
    func reconsider() {
        guard heldBack.withLock({ $0 != nil }), !isFull else { return }
        guard let context = heldBack.withLock({ $0.take() }) else { return }
        context.execute { $0.read() }
    }

    private var isFull: Bool { accepted.load(ordering: .relaxed) - served() >= unserved }
}

extension NIOLoopBound<ChannelHandlerContext> {
    /// Calls `body` on the event loop of the context.
    fileprivate func execute(_ body: @escaping @Sendable (ChannelHandlerContext) -> Void) {
        eventLoop.execute { body(value) }
    }
}
