internal import Glibc
internal import JoblineEmbedded
internal import JoblineProtocol
internal import Logging
internal import Synchronization

/// The log of the daemon: what every logger in it writes to.
final class DaemonLog: Sendable {
    /// The log of this process: in the journal where that is what standard error is, and on standard error otherwise.
    static let system = DaemonLog(
        getenv("JOURNAL_STREAM").map { JournalOutput.isStandardError(String(cString: $0)) } == true
            ? JournalOutput() : StandardErrorOutput())

    /// From which level on entries are written.
    let threshold = LogThreshold(.info)
    private let flood = Mutex(LogFlood())
    private let queue: LogQueue
    private let now: @Sendable () -> Timestamp

    /// - Parameters:
    ///   - output: Where the log goes.
    ///   - now: The time of entries.
    init(_ output: any LogOutput, now: @escaping @Sendable () -> Timestamp = SystemClock.now) {
        queue = LogQueue(output, now: now)
        self.now = now
    }

    /// A logger that writes to this log.
    func logger(_ label: String) -> Logger { Logger(label: label) { _ in handler() } }

    /// What makes any library's logger write to this log.
    func handler() -> any LogHandler { DaemonLogHandler(log: self) }

    func write(_ event: LogEvent, _ metadata: Logger.Metadata) {
        let entry = LogEntry(event, metadata, at: now())
        switch flood.withLock({ $0.judge(entry, at: .now) }) {
        case .write: queue.append(entry)
        case .leaveOut: break
        case .leaveOutAndSummarise(let site):
            queue.after(LogFlood.window) { [self] in
                if let summary = flood.withLock({ $0.summary(of: site) }) { append(summary) }
            }
        }
    }

    /// Writes why the process ends, and all that waits before it.
    func end(_ message: String) {
        flush()
        queue.append(lastWords: LogEntry(time: now(), level: .critical, message: message))
        queue.flush()
    }

    /// Waits for what was logged to be written, a second at most; for the end of the process.
    func flush() {
        for summary in flood.withLock({ $0.summaries() }) { append(summary) }
        queue.flush()
    }

    private func append(_ summary: LogEntry) {
        var summary = summary
        summary.time = now()
        queue.append(summary)
    }
}

/// What one logger adds to the log of the daemon.
private struct DaemonLogHandler: LogHandler {
    let log: DaemonLog
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?
    /// nil: that of the log, whatever it is at the time.
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
