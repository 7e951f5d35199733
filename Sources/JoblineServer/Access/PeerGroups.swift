internal import Glibc
internal import NIOCore

/// The supplementary groups of the process at the other end of a connection, as of its connect(2).
///
/// The kernel keeps them with the socket, so nobody else has to.
enum PeerGroups {
    /// How many are asked for at first; hardly anybody has more.
    private static let usual = 64
    /// The kernel's NGROUPS_MAX.
    private static let maximum = 65_536

    /// Asks the kernel.
    ///
    /// - Parameter context: Of a connected Unix socket; the call is made on its event loop.
    /// - Returns: None where the kernel does not tell: without groups somebody has fewer rights, never more.
    static func supplementary(_ context: ChannelHandlerContext) -> [UInt32] {
        let found = try? context.pipeline.syncOperations.withUnsafeTransportIfAvailable(
            of: NIOBSDSocket.Handle.self
        ) { supplementary(of: $0) }
        return (found ?? nil) ?? []
    }

    /// The same of a socket's descriptor.
    static func supplementary(of descriptor: CInt) -> [UInt32]? {
        var capacity = usual
        while capacity <= maximum {
            var needed = 0
            let groups = [UInt32](unsafeUninitializedCapacity: capacity) { buffer, count in
                var size = socklen_t(capacity * MemoryLayout<UInt32>.stride)
                let status = getsockopt(descriptor, SOL_SOCKET, SO_PEERGROUPS, buffer.baseAddress, &size)
                count = status == 0 ? Int(size) / MemoryLayout<UInt32>.stride : 0
                // It says then how many bytes it wants.
                if status != 0, errno == ERANGE { needed = Int(size) / MemoryLayout<UInt32>.stride }
                if status != 0, errno != ERANGE { needed = -1 }
            }
            if needed == 0 { return groups }
            guard needed > capacity else { return nil }
            capacity = needed
        }
        return nil
    }
}
