internal import Logging

/// Shows a client's log to a person, as notes on standard error.
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

    /// A message and what belongs to it, in the order of names.
    static func line(_ message: String, _ metadata: Logger.Metadata) -> String {
        let facts = metadata.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        return Terminal.plain(facts.isEmpty ? message : message + " (" + facts.joined(separator: ", ") + ")")
    }
}
