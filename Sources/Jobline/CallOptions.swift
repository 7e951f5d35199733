/// Options of one call that override the client's configuration.
public struct CallOptions: Sendable, Hashable {
    /// Timeout over all attempts; nil takes the configuration's.
    public var timeout: Duration?
    /// Retry policy; nil takes the configuration's.
    public var retry: RetryPolicy?
    /// W3C trace context of the caller, which the daemon forwards; nil takes that of the call's span, if tracing is on.
    public var traceparent: String?

    /// Creates options for one call.
    ///
    /// - Parameters:
    ///   - timeout: Timeout over all attempts. The daemon limits each request to its own maximum, 5 minutes by default.
    ///   - retry: Retry policy.
    ///   - traceparent: W3C trace context of the caller.
    public init(timeout: Duration? = nil, retry: RetryPolicy? = nil, traceparent: String? = nil) {
        self.timeout = timeout
        self.retry = retry
        self.traceparent = traceparent
    }
}
