internal import NIOCore

/// Memory that goes from one writer to the next while it is still in the processor's caches.
struct SpareBuffers {
    /// What is kept at most, in bytes: of all buffers, and of one.
    static let maximumBytes = 1 << 20
    static let maximumBufferBytes = 64 << 10

    private var buffers: [ByteBuffer] = []
    private(set) var bytes = 0

    /// Something empty to write to.
    mutating func take() -> ByteBuffer {
        guard let buffer = buffers.popLast() else { return ByteBuffer() }
        bytes -= buffer.storageCapacity
        return buffer
    }

    /// Keeps what nobody needs any more.
    mutating func giveBack(_ buffer: consuming ByteBuffer) {
        buffer.clear()
        let capacity = buffer.storageCapacity
        guard capacity <= Self.maximumBufferBytes, bytes + capacity <= Self.maximumBytes else { return }
        bytes += capacity
        buffers.append(buffer)
    }
}
