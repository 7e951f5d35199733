internal import CSystemd
internal import Glibc
internal import Logging

/// Output to systemd's journal, with one field for each piece of metadata.
struct JournalOutput: LogOutput {
    /// Whether standard error is connected to the journal, which is how the service manager requests logging there.
    ///
    /// - Parameter stream: `JOURNAL_STREAM`: device and inode. They differ from those of standard error if another
    ///   program has redirected it.
    static func isStandardError(_ stream: String?) -> Bool {
        var status = stat()
        guard let stream, fstat(STDERR_FILENO, &status) == 0 else { return false }
        return stream == "\(status.st_dev):\(status.st_ino)"
    }

    func write(_ entries: [LogEntry]) -> Int { entries.count { !send($0) } }

    func write(exitReason: LogEntry) { _ = send(exitReason) }

    /// Sends an entry; blocks while the journal does not read. If there is no journal, the entry counts as sent,
    /// because libsystemd does not report it.
    private func send(_ entry: LogEntry) -> Bool {
        var text = LogText()
        var ends: [Int] = []
        entry.addJournalFields(to: &text) { ends.append($0) }
        return text.bytes.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return true }
            var start = 0
            let vectors = ends.map { end in
                defer { start = end }
                // Never written to; iovec only has a mutable pointer.
                return iovec(iov_base: UnsafeMutableRawPointer(mutating: base + start), iov_len: end - start)
            }
            return sd_journal_sendv(vectors, CInt(vectors.count)) >= 0
        }
    }
}

extension LogEntry {
    /// Appends a field `NAME=value`.
    ///
    /// - Parameter end: Called with the length of the text after each field.
    fileprivate func addJournalFields(to text: inout LogText, end: (Int) -> Void) {
        text.append("MESSAGE=")
        describe(in: &text)
        end(text.bytes.count)
        let own = [
            ("PRIORITY", "\(level.journalPriority)"), ("SYSLOG_IDENTIFIER", "joblined"), ("CODE_FILE", file),
            ("CODE_LINE", "\(line)"), ("CODE_FUNC", function),
        ]
        for (name, value) in own + fields.map({ (Self.journalName(of: $0.key), $0.value) }) {
            text.append(name)
            text.append("=")
            // The journal keeps any bytes, but those who print it print them.
            text.append(escaping: value)
            end(text.bytes.count)
        }
    }

    /// Returns the journal field of a piece of metadata: `reply-bytes` is `JOBLINE_REPLY_BYTES`.
    ///
    /// The journal drops entries with field names that are longer or contain other characters.
    static func journalName(of key: String) -> String {
        let name =
            "JOBLINE_"
            + key.utf8.prefix(56).map { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"): Character(Unicode.Scalar(byte - 0x20))
                case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                    Character(Unicode.Scalar(byte))
                default: "_"
                }
            }
        return String(name)
    }
}

extension Logger.Level {
    /// Priority as in syslog(3), from 0 (emergency) to 7 (debug).
    fileprivate var journalPriority: Int {
        switch self {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }
}
