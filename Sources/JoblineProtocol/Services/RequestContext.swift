/// What a service may know of the request beside its parameters.
package struct RequestContext: Sendable {
    /// Who asks, as the kernel tells.
    package var peer: PeerCredentials
    /// What the caller may do, by the access rules.
    package var access: AccessRights
    /// When the caller stops waiting.
    package var deadline: ContinuousClock.Instant
    /// The caller's W3C trace context.
    package var traceparent: String?

    package init(
        peer: PeerCredentials, access: AccessRights = .all, deadline: ContinuousClock.Instant,
        traceparent: String? = nil
    ) {
        self.peer = peer
        self.access = access
        self.deadline = deadline
        self.traceparent = traceparent
    }
}

/// The process at the other end of a Unix socket, as of its connect(2).
package struct PeerCredentials: Sendable, Hashable {
    package var uid: UInt32
    package var gid: UInt32
    package var pid: Int32

    package init(uid: UInt32, gid: UInt32, pid: Int32) {
        self.uid = uid
        self.gid = gid
        self.pid = pid
    }
}
