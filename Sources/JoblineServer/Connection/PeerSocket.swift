internal import LibC
internal import NIOCore

/// The socket of a connection, for what need not go through the channel: what can leave at once costs a tenth of a request
/// less without it.
///
/// Its number is that of another one as soon as the channel has closed it, so that it must be forgotten by then.
struct PeerSocket {
    private let descriptor: NIOBSDSocket.Handle

    /// - Returns: nil if the channel has no socket.
    init?(of context: ChannelHandlerContext) {
        let descriptor = try? context.pipeline.syncOperations.withUnsafeTransportIfAvailable(
            of: NIOBSDSocket.Handle.self
        ) { $0 }
        guard let descriptor else { return nil }
        self.descriptor = descriptor
    }

    /// Gives bytes to the kernel, as many as it has room for.
    ///
    /// - Returns: How many; none if the socket is broken, which the channel finds when it is given them.
    func send(_ bytes: ByteBuffer) -> Int {
        bytes.withUnsafeReadableBytes { bytes in
            max(0, LibC.send(descriptor, bytes.baseAddress, bytes.count, Self.flags))
        }
    }

    private static var flags: Int32 {
        #if os(Linux)
            Int32(MSG_DONTWAIT | MSG_NOSIGNAL)
        #else
            // Elsewhere SwiftNIO makes its sockets such that a broken one raises no signal.
            MSG_DONTWAIT
        #endif
    }

    /// Ends the input at the kernel: what the peer had sent before can still be read, and what it sends later fails at its side
    /// instead of being lost.
    func stopInput() { _ = shutdown(descriptor, Int32(SHUT_RD)) }
}
