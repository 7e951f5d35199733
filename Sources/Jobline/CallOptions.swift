/// What one call does differently from the client's configuration.
public struct CallOptions: Sendable, Hashable {
    /// How long to wait for the answer, over all attempts; nil takes the configuration's.
    public var timeout: Duration?
    /// Whether to try again after a failure; nil takes the configuration's.
    public var retry: RetryPolicy?
    /// The caller's W3C trace context, which the daemon passes on; nil takes that of the call's span, where the program traces.
    public var traceparent: String?

    /// Options for one call.
    ///
    /// - Parameters:
    ///   - timeout: How long to wait for the answer, over all attempts. The daemon works on one request for at most its own
    ///     maximum, five minutes unless configured otherwise.
    ///   - retry: Whether to try again after a failure.
    ///   - traceparent: The caller's W3C trace context.
    public init(timeout: Duration? = nil, retry: RetryPolicy? = nil, traceparent: String? = nil) {
        self.timeout = timeout
        self.retry = retry
        self.traceparent = traceparent
    }
}
