internal import CSockDiag
package import JoblineBackend
internal import LibC
internal import NIOCore

/// Process at the other end of a Unix socket, as of its connect(2).
package struct PeerCredentials: Sendable, Hashable {
    package var uid: UInt32
    package var gid: UInt32
    package var pid: Int32
    /// Supplementary groups; empty if the kernel does not tell.
    package var groups: [UInt32]

    package init(uid: UInt32, gid: UInt32, pid: Int32, groups: [UInt32] = []) {
        self.uid = uid
        self.gid = gid
        self.pid = pid
        self.groups = groups
    }

    package var caller: Caller { .user(uid) }
}

extension PeerCredentials {
    /// Reads the credentials from the kernel.
    ///
    /// - Parameter channel: Connected Unix socket; call it on the channel's event loop.
    /// - Throws: ``ServerError`` if the kernel does not tell.
    init(of channel: any Channel) throws {
        let credentials = try channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(
            of: NIOBSDSocket.Handle.self
        ) { PeerCredentials(of: $0) }
        guard let credentials = credentials ?? nil else {
            throw ServerError(.listening, "the kernel does not tell who connected")
        }
        self = credentials
    }

    /// Asks the kernel for the user at the other end of a TCP connection on this host. Group and process are unknown.
    ///
    /// - Parameter channel: Connected TCP socket; call it on the channel's event loop.
    /// - Throws: ``ServerError`` if the kernel knows no such user, as for a peer on another host.
    init(ofTCP channel: any Channel) throws {
        var uid = uid_t.max
        let status = try channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(
            of: NIOBSDSocket.Handle.self
        ) { jobline_tcp_peer_uid($0, &uid) }
        guard status == 0 else {
            let reason = status.map { String(cString: strerror($0)) } ?? "no socket"
            throw ServerError(.listening, "the kernel does not tell who connected over TCP: \(reason)")
        }
        self.init(uid: uid, gid: .max, pid: 0, groups: AccountGroups.groups(of: uid))
    }

    private init?(of descriptor: CInt) {
        // As in struct ucred, which Swift does not see.
        var credentials: (pid: pid_t, uid: uid_t, gid: gid_t) = (0, 0, 0)
        #if os(Linux)
            var size = socklen_t(MemoryLayout.size(ofValue: credentials))
            guard getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0 else { return nil }
        #else
            var size = socklen_t(MemoryLayout<pid_t>.size)
            guard getpeereid(descriptor, &credentials.uid, &credentials.gid) == 0,
                getsockopt(descriptor, SOL_LOCAL, LOCAL_PEERPID, &credentials.pid, &size) == 0
            else { return nil }
        #endif
        self.init(
            uid: credentials.uid, gid: credentials.gid, pid: credentials.pid,
            groups: PeerGroups.supplementary(of: descriptor) ?? [])
    }
}
