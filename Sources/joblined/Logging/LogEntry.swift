internal import JoblineProtocol
internal import Logging

/// Log entry as text.
struct LogEntry: Sendable, Hashable {
    /// Piece of metadata.
    struct Field: Sendable, Hashable {
        var key: String
        var value: String
    }

    /// Maximum bytes of a message or value; longer ones are truncated.
    static let maximumBytes = 2048

    var time: Timestamp
    var level: Logger.Level
    var message: String
    /// Metadata, sorted by key.
    var fields: [Field]
    var file: String
    var function: String
    var line: UInt

    /// Memory of the entry in bytes: its texts and the overhead of Swift.
    var cost: Int {
        fields.reduce(256 + message.utf8.count) { $0 + 64 + $1.key.utf8.count + $1.value.utf8.count }
    }

    init(
        time: Timestamp, level: Logger.Level, message: String, fields: [Field] = [], file: String = #fileID,
        function: String = #function, line: UInt = #line
    ) {
        self.time = time
        self.level = level
        self.message = Self.cut(message)
        self.fields = fields
        self.file = file
        self.function = function
        self.line = line
    }

    /// Creates an entry.
    ///
    /// - Parameters:
    ///   - event: Event to log.
    ///   - metadata: Metadata of the logger, overridden by that of the event.
    init(_ event: LogEvent, _ metadata: Logger.Metadata, at time: Timestamp) {
        var metadata = metadata
        if let own = event.metadata { metadata.merge(own) { $1 } }
        // Only the type of an error: its text can contain data of a caller.
        if let error = event.error { metadata["error"] = "\(type(of: error))" }
        self.init(
            time: time, level: event.level, message: "\(event.message)",
            fields: metadata.map { Field(key: $0.key, value: Self.cut("\($0.value)")) }.sorted { $0.key < $1.key },
            file: event.file, function: event.function, line: event.line)
    }

    private static func cut(_ text: String) -> String {
        guard text.utf8.count > maximumBytes else { return text }
        return String(decoding: text.utf8.prefix(maximumBytes), as: UTF8.self) + "…"
    }
}
