public import Metrics
public import Logging
public import Tracing

extension JoblineClient {
    /// Configuration of a client: the daemon's socket, timeouts, retries and observability.
    public struct Configuration: Sendable {
        /// Path of the daemon's socket; nil takes `JOBLINE_SOCKET` from the environment, else `/run/jobline/jobline.sock`.
        public var socketPath: String?
        /// Name of this program in the daemon's log; nil sends none.
        public var name: String?
        /// Default timeout of a call, over all attempts; 30 s.
        public var timeout: Duration
        /// Default retry policy of a call.
        public var retry: RetryPolicy
        /// Rate limiting on the client's side; off by default.
        public var rateLimit: RateLimit = .none
        /// Whether the client looks up a Personalize batch job by its name after its creation failed with an unknown
        /// outcome. The lookup stays within the call's timeout. If the requested job exists, the call succeeds. If no
        /// job has the name, the request is retried as far as the retry policy allows. If another job has the name, the
        /// call fails with code `conflict`.
        public var looksUpNames = true
        /// Observer of failed attempts and ended calls; nil for none.
        public var observer: (any CallObserver)?
        /// Whether calls wait, within their timeouts, while the daemon is unreachable; suits a service that starts
        /// together with the daemon. If false, calls fail as soon as connecting fails.
        public var waitsForDaemon: Bool
        /// Maximum number of calls that wait for a slot; further calls are refused.
        public var maximumWaitingCalls: Int
        /// Maximum size of a response, in bytes; 4 MiB, which is also the daemon's default.
        public var maximumReplyBytes: Int
        /// Idle time after which the client pings the daemon while it awaits a response or a watch; 15 s. If nothing
        /// arrives within another 5 s, or within `keepAlive` if that is shorter, the connection counts as lost. Further
        /// calls then wait, unsent, until a daemon responds. No pings are sent while nothing is awaited.
        public var keepAlive: Duration
        /// Maximum time that a watch or wait continues without a daemon that responds; nil for no limit. 5 minutes,
        /// enough for a slow restart.
        public var watchTimeout: Duration?
        /// Logger of the client, used at level debug; discards everything by default. Parameters and results are never
        /// logged.
        public var logger: Logger
        /// Factory of the client's metrics; nil takes the factory that `MetricsSystem` was bootstrapped with before the
        /// client was created. Metrics are the counters `jobline_client_calls_total` by method and code and
        /// `jobline_client_retries_total` by method and cause, and the timer `jobline_client_call_duration_seconds` by
        /// method.
        public var metricsFactory: (any MetricsFactory)?
        /// Tracer that creates a span for each call and injects the trace context into its request; nil takes the
        /// tracer that `InstrumentationSystem` was bootstrapped with.
        public var tracer: (any Tracer)?

        /// Creates a configuration.
        ///
        /// - Parameters:
        ///   - socketPath: Path of the daemon's socket; nil takes it from the environment, else the standard one.
        ///   - name: Name of this program in the daemon's log.
        ///   - timeout: Default timeout of a call, over all attempts.
        ///   - retry: Default retry policy of a call.
        ///   - waitsForDaemon: Whether calls wait while the daemon is unreachable.
        ///   - maximumWaitingCalls: Maximum number of calls that wait for a slot.
        ///   - maximumReplyBytes: Maximum size of a response, in bytes.
        ///   - keepAlive: Idle time after which the client pings the daemon.
        ///   - watchTimeout: Maximum time that a watch continues without a daemon; nil for no limit.
        ///   - logger: Logger of the client.
        public init(
            socketPath: String? = nil, name: String? = nil, timeout: Duration = .seconds(30),
            retry: RetryPolicy = .standard, waitsForDaemon: Bool = true, maximumWaitingCalls: Int = 10_000,
            maximumReplyBytes: Int = 4 << 20, keepAlive: Duration = .seconds(15),
            watchTimeout: Duration? = .seconds(300),
            logger: Logger = Logger(label: "jobline", factory: { _ in SwiftLogNoOpLogHandler() })
        ) {
            self.socketPath = socketPath
            self.name = name
            self.timeout = timeout
            self.retry = retry
            self.waitsForDaemon = waitsForDaemon
            self.maximumWaitingCalls = maximumWaitingCalls
            self.maximumReplyBytes = maximumReplyBytes
            self.keepAlive = keepAlive
            self.watchTimeout = watchTimeout
            self.logger = logger
        }
    }
}
