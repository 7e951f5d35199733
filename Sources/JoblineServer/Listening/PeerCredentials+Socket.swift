internal import LibC
internal import JoblineBackend
internal import JoblineProtocol
internal import NIOCore

extension PeerCredentials {
    /// Asks the kernel who is at the other end of a connection.
    ///
    /// - Parameter channel: A connected Unix socket; the call is made on its event loop.
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
        self.init(uid: credentials.uid, gid: credentials.gid, pid: credentials.pid)
    }
}
