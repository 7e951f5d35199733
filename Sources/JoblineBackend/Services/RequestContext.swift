package import NIOCore

/// Facts about a request beside its parameters.
package struct RequestContext: Sendable {
    package var caller: Caller
    /// Rights of the caller by the access rules.
    package var access: AccessRights
    package var arrival: ContinuousClock.Instant
    /// Time at which the caller stops waiting; nil if the request has no deadline.
    package var deadline: ContinuousClock.Instant?
    /// W3C trace context of the caller.
    package var traceparent: String?
    /// Maximum size of the result, in bytes. A list returns fewer elements and a token to stay within it.
    package var resultBytes: Int
    /// Number of the caller's connection.
    package var connection: Int
    /// Dependency of the result, for the service to set; nil if the result is not cached.
    package var dependency: CacheDependency?
    /// Sends notifications to the caller, in the order of the calls.
    package var notify: Notify

    /// - Parameters:
    ///   - params: Parameters of one notification without `watch`, which is added: a compact JSON object, which requests may share.
    ///   - taken: Called once: with true when the notification is on its way, which may be only after the caller has read earlier
    ///     ones; with false if it is dropped because the request has its final reply.
    package typealias Notify = @Sendable (_ params: ByteBuffer, _ taken: Taken?) -> Void
    package typealias Taken = @Sendable (Bool) -> Void

    package init(
        caller: Caller, access: AccessRights = .all, arrival: ContinuousClock.Instant = .now,
        deadline: ContinuousClock.Instant?, traceparent: String? = nil, resultBytes: Int = .max, connection: Int = 0,
        dependency: CacheDependency? = nil, notify: @escaping Notify = { $1?(true) }
    ) {
        self.caller = caller
        self.access = access
        self.arrival = arrival
        self.deadline = deadline
        self.traceparent = traceparent
        self.resultBytes = resultBytes
        self.connection = connection
        self.dependency = dependency
        self.notify = notify
    }
}
