internal import NIOCore

/// Gives to the sockets what the connections of one event loop have written, once all that had something to read have been read.
///
/// A peer that is woken by its first reply then finds the others while it is awake, and is not woken again for each of them:
/// waking is what costs most of a write.
///
/// Belongs to its event loop, and is used only there.
final class OutputQueue {
    private var waiting: [(handler: ConnectionHandler, context: ChannelHandlerContext)] = []
    /// What the sockets have taken the bytes of.
    var spares = SpareBuffers()

    /// Has the connection flush before the event loop waits for what happens next.
    func add(_ handler: ConnectionHandler, _ context: ChannelHandlerContext) {
        if waiting.isEmpty { context.eventLoop.assumeIsolated().execute { self.flushAll() } }
        waiting.append((handler, context))
    }

    private func flushAll() {
        // Whatever a flush brings about is written in another round.
        var written: [(handler: ConnectionHandler, context: ChannelHandlerContext)] = []
        swap(&written, &waiting)
        for (handler, context) in written { handler.flush(context) }
        guard waiting.isEmpty else { return }
        written.removeAll(keepingCapacity: true)
        swap(&written, &waiting)
    }
}
