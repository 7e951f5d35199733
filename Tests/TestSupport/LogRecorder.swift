package import Logging
internal import Synchronization

/// Takes what is logged within the process of the tests.
package final class LogRecorder: Sendable {
    private let kept = Mutex<[(message: String, line: String)]>([])
    private let level: Mutex<Logger.Level>
    private let finding: (@Sendable (String) -> Void)?

    /// - Parameters:
    ///   - level: From which level on; nothing below it is built.
    ///   - finding: Called with each line that holds a secret; with it, nothing is kept.
    package init(_ level: Logger.Level = .trace, finding: (@Sendable (String) -> Void)? = nil) {
        self.level = Mutex(level)
        self.finding = finding
    }

    /// Minimum level of its loggers.
    package var threshold: Logger.Level {
        get { level.withLock { $0 } }
        set { level.withLock { $0 = newValue } }
    }

    /// Messages so far, oldest first.
    package var messages: [String] { kept.withLock { $0.map(\.message) } }
    /// Messages with their metadata, each entry as ` key=value `.
    package var lines: [String] { kept.withLock { $0.map(\.line) } }

    /// A logger whose messages come here.
    package var logger: Logger { Logger(label: "test", factory: { _ in Handler(recorder: self) }) }

    private func take(_ event: LogEvent, _ metadata: Logger.Metadata) {
        let pieces = metadata.merging(event.metadata ?? [:]) { $1 }.map { "\($0.key)=\($0.value)" }.sorted()
        let line = "\(event.level) \(event.message) \(pieces.joined(separator: " ")) "
        guard let finding else { return kept.withLock { $0.append(("\(event.message)", line)) } }
        if !Secret.lines(of: line).isEmpty { finding(line) }
    }

    private struct Handler: LogHandler {
        let recorder: LogRecorder
        var metadata: Logger.Metadata = [:]

        var logLevel: Logger.Level {
            get { recorder.threshold }
            set { recorder.threshold = newValue }
        }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) { recorder.take(event, metadata) }
    }
}
