public import Logging

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
        /// Whether calls wait, within their timeout, while the daemon cannot be reached: right for a service that starts
        /// together with it. If false they fail as soon as connecting has failed.
        public var waitsForDaemon: Bool
        /// Calls that may wait for their turn before further ones are refused.
        public var maximumWaitingCalls: Int
        /// Largest answer to accept, in bytes; 4 MiB is also the daemon's default.
        public var maximumReplyBytes: Int
        /// Where the client tells what it does, at level debug; by default nowhere. No parameters or results are logged.
        public var logger: Logger

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
        ///   - logger: Where the client tells what it does.
        public init(
            socketPath: String? = nil, name: String? = nil, timeout: Duration = .seconds(30),
            retry: RetryPolicy = .standard, waitsForDaemon: Bool = true, maximumWaitingCalls: Int = 10_000,
            maximumReplyBytes: Int = 4 << 20,
            logger: Logger = Logger(label: "jobline", factory: { _ in SwiftLogNoOpLogHandler() })
        ) {
            self.socketPath = socketPath
            self.name = name
            self.timeout = timeout
            self.retry = retry
            self.waitsForDaemon = waitsForDaemon
            self.maximumWaitingCalls = maximumWaitingCalls
            self.maximumReplyBytes = maximumReplyBytes
            self.logger = logger
        }
    }
}
