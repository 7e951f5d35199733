internal import NIOCore

/// Flushes the connections of one event loop, and lends them buffers.
///
/// If many connections have input at the same time, all are read before the first is written to: a peer that its first reply wakes
/// finds the others while it is awake, and the wake-up is the most expensive part of a write. If few have, each is written to at
/// once, so that its peer works while the next one is read.
///
/// Confined to its event loop.
final class OutputQueue {
    /// Number of writers in a round of the event loop from which the writers of the next round wait for each other.
    private static let many = 8
    /// Maximum size of all spare buffers, and of one, in bytes.
    private static let spareBytes = 1 << 20
    private static let spareBufferBytes = 64 << 10

    private var waiting: [ConnectionHandler] = []
    /// Number of connections that wrote in this round.
    private var writers = 0
    private var wereMany = false
    /// Buffers whose bytes the sockets have taken. They are still in the processor's caches, and idle connections hold none.
    private var spares: [ByteBuffer] = []
    private var heldBytes = 0

    /// Flushes a connection now, or at the end of this round of the event loop.
    func flush(_ handler: ConnectionHandler, on eventLoop: any EventLoop) {
        if writers == 0 { eventLoop.assumeIsolated().execute { self.endRound() } }
        writers += 1
        if wereMany { waiting.append(handler) } else { handler.flush() }
    }

    private func endRound() {
        wereMany = writers >= Self.many
        writers = 0
        // Writes that a flush causes belong to the next round.
        var written: [ConnectionHandler] = []
        swap(&written, &waiting)
        for handler in written { handler.flush() }
        guard waiting.isEmpty else { return }
        written.removeAll(keepingCapacity: true)
        swap(&written, &waiting)
    }

    // MARK: Buffers

    /// Returns an empty buffer.
    func takeBuffer() -> ByteBuffer {
        guard let buffer = spares.popLast() else { return ByteBuffer() }
        heldBytes -= buffer.storageCapacity
        return buffer
    }

    /// Keeps a buffer for the next writer.
    func giveBack(_ buffer: consuming ByteBuffer) {
        buffer.clear()
        let capacity = buffer.storageCapacity
        guard capacity <= Self.spareBufferBytes, heldBytes + capacity <= Self.spareBytes else { return }
        heldBytes += capacity
        spares.append(buffer)
    }
}
