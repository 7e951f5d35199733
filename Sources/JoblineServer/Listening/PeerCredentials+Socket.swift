internal import Glibc
internal import JoblineProtocol
internal import NIOCore

extension PeerCredentials {
    /// Asks the kernel who is at the other end of a connection.
    ///
    /// - Parameter channel: A connected Unix socket; the call is made on its event loop.
    /// - Throws: ``ServerError`` if the kernel does not tell.
    init(of channel: any Channel) throws {
        // As in struct ucred, which Swift does not see.
        var credentials: (pid: pid_t, uid: uid_t, gid: gid_t) = (0, 0, 0)
        var size = socklen_t(MemoryLayout.size(ofValue: credentials))
        let status = try channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(
            of: NIOBSDSocket.Handle.self
        ) { getsockopt($0, SOL_SOCKET, SO_PEERCRED, &credentials, &size) }
        guard status == 0 else {
            throw ServerError(.listening, "the kernel does not tell who connected")
        }
        self.init(uid: credentials.uid, gid: credentials.gid, pid: credentials.pid)
    }
}
