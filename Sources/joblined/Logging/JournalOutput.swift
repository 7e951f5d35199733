internal import CSystemd
internal import Glibc
internal import Logging

/// The log as entries of systemd's journal, each piece of metadata a field of its own.
struct JournalOutput: LogOutput {
    /// Whether standard error goes to the journal, which is how a service manager says that it wants the log there.
    ///
    /// - Parameter stream: `JOURNAL_STREAM`, which names the device and the inode; another program's redirection does not change
    ///   the variable, but it changes those.
    static func isStandardError(_ stream: String?) -> Bool {
        var status = stat()
        guard let stream, fstat(STDERR_FILENO, &status) == 0 else { return false }
        return stream == "\(status.st_dev):\(status.st_ino)"
    }

    func write(_ entries: [LogEntry]) -> Int { entries.count { !send($0) } }

    func write(lastWords: LogEntry) { _ = send(lastWords) }

    /// Waits where the journal does not read. Where there is none, the entry counts as sent: libsystemd cannot tell.
    private func send(_ entry: LogEntry) -> Bool {
        var text = LogText()
        var ends: [Int] = []
        entry.addJournalFields(to: &text) { ends.append($0) }
        return text.bytes.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return true }
            var start = 0
            let vectors = ends.map { end in
                defer { start = end }
                // Only read from; the type in C has no other pointer.
                return iovec(iov_base: UnsafeMutableRawPointer(mutating: base + start), iov_len: end - start)
            }
            return sd_journal_sendv(vectors, CInt(vectors.count)) >= 0
        }
    }
}

extension LogEntry {
    /// Adds `NAME=value` after `NAME=value`.
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

    /// The field of a piece of metadata: `reply-bytes` is `JOBLINE_REPLY_BYTES`. The journal drops entries with other characters
    /// than these, or longer names.
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
    /// As in syslog(3): 0 is an emergency, 7 is for debugging.
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
