internal import Logging

/// Log handler that prints a client's log as notes to standard error.
struct NoteLogHandler: LogHandler {
    var logLevel = Logger.Level.debug
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        Terminal.note("joblinectl: " + Self.line("\(event.message)", event.metadata ?? [:]))
    }

    /// Returns the message and its metadata, sorted by name.
    static func line(_ message: String, _ metadata: Logger.Metadata) -> String {
        let facts = metadata.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        return Terminal.plain(facts.isEmpty ? message : message + " (" + facts.joined(separator: ", ") + ")")
    }
}
