import Logging
import Synchronization

/// Keeps what is logged.
final class LogRecorder: Sendable {
    private let kept = Mutex<[(message: String, metadata: Logger.Metadata)]>([])

    /// What was logged so far, the oldest first.
    var messages: [String] { kept.withLock { $0.map(\.message) } }
    /// The same with all that was said beside the messages.
    var lines: [String] { kept.withLock { $0.map { "\($0.message) \($0.metadata)" } } }

    /// A logger whose messages come here.
    var logger: Logger { Logger(label: "test", factory: { _ in Handler(recorder: self) }) }

    private struct Handler: LogHandler {
        let recorder: LogRecorder
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            recorder.kept.withLock { $0.append(("\(event.message)", event.metadata ?? [:])) }
        }
    }
}
