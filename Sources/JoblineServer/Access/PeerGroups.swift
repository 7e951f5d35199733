internal import LibC

/// Supplementary groups of the peer, as of its connect(2).
///
/// The kernel stores them with the socket (SO_PEERGROUPS).
enum PeerGroups {
    /// Initial buffer size in groups; enough for nearly every user.
    private static let usual = 64
    /// The kernel's NGROUPS_MAX.
    private static let maximum = 65_536

    /// Reads the groups of a socket's peer.
    ///
    /// - Returns: nil if the kernel does not tell: without groups a caller has fewer rights, never more.
    static func supplementary(of descriptor: CInt) -> [UInt32]? {
        var capacity = usual
        while capacity <= maximum {
            var needed = 0
            let groups = [UInt32](unsafeUninitializedCapacity: capacity) { buffer, count in
                var size = socklen_t(capacity * MemoryLayout<UInt32>.stride)
                #if os(Linux)
                    let status = getsockopt(descriptor, SOL_SOCKET, SO_PEERGROUPS, buffer.baseAddress, &size)
                #else
                    let status = CInt(-1)
                    errno = ENOTSUP
                #endif
                count = status == 0 ? Int(size) / MemoryLayout<UInt32>.stride : 0
                // ERANGE reports the size that is needed.
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
