package import JoblineProtocol
package import NIOCore

/// What a service may know of the request beside its parameters.
package struct RequestContext: Sendable {
    /// Who asks, as the kernel tells.
    package var peer: PeerCredentials
    /// What the caller may do, by the access rules.
    package var access: AccessRights
    /// When the request came.
    package var arrival: ContinuousClock.Instant
    /// When the caller stops waiting; nil for a request that has no deadline.
    package var deadline: ContinuousClock.Instant?
    /// The caller's W3C trace context.
    package var traceparent: String?
    /// The request's id, which its notifications carry; nil if it has none.
    package var id: RequestID?
    /// Bytes that the reply may have. A list gives fewer elements and a token where more would not fit.
    package var replyBytes: Int
    /// The number of the caller's connection.
    package var connection: Int
    /// Sends notifications to the caller, in the order in which they come.
    package var notify: Notify

    /// Where the service puts down what its answer depends on; nil where the answer is not kept anyway.
    package var dependency: CacheDependency?

    /// - Parameters:
    ///   - params: The params of one notification but for `watch`, which is added to them: a compact JSON object, which many
    ///     requests may share.
    ///   - taken: Is called once, where it is there: with true when the notification is on its way, which is not before the caller
    ///     has read what it was sent earlier; with false if it never will be, as the request has its final reply.
    package typealias Notify = @Sendable (_ params: ByteBuffer, _ taken: Taken?) -> Void
    package typealias Taken = @Sendable (Bool) -> Void

    package init(
        peer: PeerCredentials, access: AccessRights = .all, arrival: ContinuousClock.Instant = .now,
        deadline: ContinuousClock.Instant?,
        traceparent: String? = nil, id: RequestID? = nil, connection: Int = 0,
        replyBytes: Int = .max, dependency: CacheDependency? = nil, notify: @escaping Notify = { $1?(true) }
    ) {
        self.dependency = dependency
        self.id = id
        self.replyBytes = replyBytes
        self.connection = connection
        self.notify = notify
        self.peer = peer
        self.access = access
        self.arrival = arrival
        self.deadline = deadline
        self.traceparent = traceparent
    }

    /// Bytes that the result may have, so that the reply around it is within its cap.
    package var resultBytes: Int { max(0, replyBytes - Frame.bytes(aroundResultOf: id)) }
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
