internal import Glibc
internal import JoblineEmbedded
internal import JoblineProtocol
internal import Logging
internal import Synchronization

/// Log of the daemon, used by all loggers.
final class DaemonLog: Sendable {
    /// Log of this process: the journal if standard error is connected to it, otherwise standard error.
    static let system = DaemonLog(
        getenv("JOURNAL_STREAM").map { JournalOutput.isStandardError(String(cString: $0)) } == true
            ? JournalOutput() : StandardErrorOutput())

    /// Minimum level.
    let threshold = LogThreshold(.info)
    private let rateLimiter = Mutex(LogRateLimiter())
    private let queue: LogQueue
    private let now: @Sendable () -> Timestamp

    /// Creates a log.
    ///
    /// - Parameters:
    ///   - output: Destination of entries.
    ///   - now: Clock for the time of entries.
    init(_ output: any LogOutput, now: @escaping @Sendable () -> Timestamp = SystemClock.now) {
        queue = LogQueue(output, now: now)
        self.now = now
    }

    /// Returns a logger that writes to this log.
    func logger(_ label: String) -> Logger { Logger(label: label) { _ in handler() } }

    /// Returns a log handler for the bootstrap of the logging system.
    func handler() -> any LogHandler { DaemonLogHandler(log: self) }

    func write(_ event: LogEvent, _ metadata: Logger.Metadata) {
        let entry = LogEntry(event, metadata, at: now())
        switch rateLimiter.withLock({ $0.decide(on: entry, at: .now) }) {
        case .write: queue.append(entry)
        case .suppress: break
        case .suppressAndSummarise(let site):
            queue.after(LogRateLimiter.window) { [self] in
                if let summary = rateLimiter.withLock({ $0.summary(of: site) }) { append(summary) }
            }
        }
    }

    /// Writes the reason for the end of the process, after all waiting entries.
    func end(_ message: String) {
        flush()
        queue.append(exitReason: LogEntry(time: now(), level: .critical, message: message))
        queue.flush()
    }

    /// Waits until all entries are written, for at most 1 s.
    func flush() {
        for summary in rateLimiter.withLock({ $0.summaries() }) { append(summary) }
        queue.flush()
    }

    private func append(_ summary: LogEntry) {
        var summary = summary
        summary.time = now()
        queue.append(summary)
    }
}

/// Log handler with the metadata and the level of one logger.
private struct DaemonLogHandler: LogHandler {
    let log: DaemonLog
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?
    /// Level of this logger; nil for the level of the log.
    private var ownLevel: Logger.Level?

    init(log: DaemonLog) { self.log = log }

    var logLevel: Logger.Level {
        get { ownLevel ?? log.threshold.level }
        set { ownLevel = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        guard let provided = metadataProvider?.get() else { return log.write(event, metadata) }
        log.write(event, metadata.merging(provided) { $1 })
    }
}
