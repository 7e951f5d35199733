public import Metrics
public import Logging
public import Tracing

extension JoblineClient {
    /// Where the daemon listens and how to treat failures.
    public struct Configuration: Sendable {
        /// Path of the daemon's socket; nil takes `JOBLINE_SOCKET` from the environment, else `/run/jobline/jobline.sock`.
        public var socketPath: String?
        /// How this program introduces itself to the daemon, for its log; nil for not at all.
        public var name: String?
        /// How long a call takes at most, over all of its attempts, where its options do not say; 30 s.
        public var timeout: Duration
        /// Whether to try again after a failure, where a call's options do not say.
        public var retry: RetryPolicy
        /// Whether the client holds itself back before the daemon does; it does not unless it is told to.
        public var rateLimit: RateLimit = .none
        /// Whether a batch job of Personalize whose creation failed with its outcome unknown is looked up by its name, within
        /// the call's timeout: if it is there, just as it was asked for, the call succeeds; if there is none of the name it is
        /// asked for again, as far as the retry policy allows; if the name is another job's, the call fails as a conflict.
        public var looksUpNames = true
        /// Told of failed attempts and of the ends of calls; nil for no one.
        public var observer: (any CallObserver)?
        /// Whether calls wait, within their timeout, while the daemon cannot be reached: right for a service that starts
        /// together with it. If false they fail as soon as connecting has failed.
        public var waitsForDaemon: Bool
        /// Calls that may wait for their turn before further ones are refused.
        public var maximumWaitingCalls: Int
        /// Largest answer to accept, in bytes; 4 MiB is also the daemon's default.
        public var maximumReplyBytes: Int
        /// How long a connection on which an answer or a watch is awaited may be silent before the daemon is asked for a sign of
        /// life; 15 s. If nothing comes within 5 s more, or as long again where that is less, the connection counts as lost: a
        /// daemon that is stopped or stuck holds nobody up for longer. Further calls then wait, unsent, until a daemon is heard.
        /// Nothing is sent while nothing is awaited.
        public var keepAlive: Duration
        /// How long a watch or wait goes on without a daemon that answers before it fails; nil for ever. 5 minutes, enough for
        /// a restart with everything that can go wrong in it.
        public var watchTimeout: Duration?
        /// Where the client tells what it does, at level debug; by default nowhere. No parameters or results are logged.
        public var logger: Logger
        /// Where calls and retries are counted and timed; nil takes what `MetricsSystem` was bootstrapped with before the client
        /// was made. `jobline_client_calls_total` by method and code, `jobline_client_retries_total` by method and cause, and
        /// the timer `jobline_client_call_duration_seconds` by method.
        public var metricsFactory: (any MetricsFactory)?
        /// What makes a span of each call, and writes the trace context of its request; nil takes what
        /// `InstrumentationSystem` was bootstrapped with.
        public var tracer: (any Tracer)?

        /// A configuration.
        ///
        /// - Parameters:
        ///   - socketPath: Path of the daemon's socket; nil takes it from the environment, else the standard one.
        ///   - name: How this program introduces itself to the daemon.
        ///   - timeout: How long a call takes at most, over all of its attempts.
        ///   - retry: Whether to try again after a failure.
        ///   - waitsForDaemon: Whether calls wait while the daemon cannot be reached.
        ///   - maximumWaitingCalls: Calls that may wait for their turn.
        ///   - maximumReplyBytes: Largest answer to accept.
        ///   - keepAlive: How long a connection in use may be silent before the daemon is asked for a sign of life.
        ///   - watchTimeout: How long a watch goes on without a daemon.
        ///   - logger: Where the client tells what it does.
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
