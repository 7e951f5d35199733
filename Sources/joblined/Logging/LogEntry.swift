internal import JoblineProtocol
internal import Logging

/// One line of the log, with all that is to be said of it as text.
struct LogEntry: Sendable, Hashable {
    /// A piece of metadata.
    struct Field: Sendable, Hashable {
        var key: String
        var value: String
    }

    /// Bytes of a message or a value beyond which it is cut.
    static let maximumBytes = 2048

    var time: Timestamp
    var level: Logger.Level
    var message: String
    /// Sorted by key.
    var fields: [Field]
    var file: String
    var function: String
    var line: UInt

    /// What it takes to keep the entry, in bytes: the texts, and what Swift needs around them.
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

    /// - Parameters:
    ///   - event: What was logged.
    ///   - metadata: What its logger says of everything; what the event says itself comes before it.
    init(_ event: LogEvent, _ metadata: Logger.Metadata, at time: Timestamp) {
        var metadata = metadata
        if let own = event.metadata { metadata.merge(own) { $1 } }
        // Of an error whose text nobody has looked at only the kind: the text may hold what a caller sent.
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
