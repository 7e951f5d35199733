internal import NIOCore

/// Gives to the sockets what the connections of one event loop have written.
///
/// Where many have something to read at a time, all of them are read before the first is written to: a peer that is woken by its
/// first reply then finds the others while it is awake, and waking is what costs most of a write. Where few have, each is written
/// to at once, so that its peer works while the next one is read.
///
/// Belongs to its event loop, and is used only there.
final class OutputQueue {
    /// From so many connections in a round of the event loop on, those of the next one wait for each other.
    private static let many = 8

    private var waiting: [(handler: ConnectionHandler, context: ChannelHandlerContext)] = []
    /// Connections that wrote in this round.
    private var writers = 0
    private var wereMany = false
    /// What the sockets have taken the bytes of.
    var spares = SpareBuffers()
    /// The last refusal of a request that could have been answered from what is at hand.
    var refusal: WrittenRefusal?

    /// Has the connection flush, at once or before the event loop waits for what happens next.
    func add(_ handler: ConnectionHandler, _ context: ChannelHandlerContext) {
        if writers == 0 { context.eventLoop.assumeIsolated().execute { self.endRound() } }
        writers += 1
        if wereMany { waiting.append((handler, context)) } else { handler.flush(context) }
    }

    private func endRound() {
        wereMany = writers >= Self.many
        writers = 0
        // Whatever a flush brings about is written in another round.
        var written: [(handler: ConnectionHandler, context: ChannelHandlerContext)] = []
        swap(&written, &waiting)
        for (handler, context) in written { handler.flush(context) }
        guard waiting.isEmpty else { return }
        written.removeAll(keepingCapacity: true)
        swap(&written, &waiting)
    }
}
