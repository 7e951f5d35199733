internal import NIOCore

/// Gives to the sockets what the connections of one event loop have written, once all that had something to read have been read.
///
/// A peer that is woken by its first reply then finds the others while it is awake, and is not woken again for each of them:
/// waking is what costs most of a write.
///
/// Belongs to its event loop, and is used only there.
final class OutputQueue {
    /// Memory that is kept for later, at most: all of it, and one buffer, in bytes.
    private static let spareBytes = 1 << 20
    private static let spareBufferBytes = 64 << 10

    private var waiting: [(handler: ConnectionHandler, context: ChannelHandlerContext)] = []
    private var spares: [ByteBuffer] = []
    private var bytesOfSpares = 0

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

    // MARK: Memory

    /// Something empty to write to, which a socket has taken the bytes of not long ago.
    func takeBuffer() -> ByteBuffer {
        guard let buffer = spares.popLast() else { return ByteBuffer() }
        bytesOfSpares -= buffer.storageCapacity
        return buffer
    }

    /// Takes what nobody needs any more.
    func giveBack(_ buffer: consuming ByteBuffer) {
        let bytes = buffer.storageCapacity
        guard bytes <= Self.spareBufferBytes, bytesOfSpares + bytes <= Self.spareBytes else { return }
        buffer.clear()
        bytesOfSpares += bytes
        spares.append(buffer)
    }
}
