internal import Glibc
internal import JoblineProtocol

/// Output to standard error, one line an entry: `2026-01-31T12:00:00.000Z debug request code=ok method=rpc.ping`.
struct StandardErrorOutput: LogOutput {
    var descriptor = STDERR_FILENO

    func write(_ entries: [LogEntry]) -> Int {
        var text = LogText()
        for entry in entries {
            text.append("\(entry.time.logText) \(entry.level) ")
            entry.describe(in: &text)
            text.append("\n")
        }
        return writeAll(text.bytes) ? 0 : entries.count
    }

    /// Writes only the message, like other commands.
    func write(exitReason: LogEntry) {
        var text = LogText()
        text.append("joblined: ")
        text.append(escaping: exitReason.message)
        text.append("\n")
        _ = writeAll(text.bytes)
    }

    private func writeAll(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count >= 0 {
                    rest = rest.dropFirst(count)
                } else if errno == EAGAIN {
                    // Another process that shares the descriptor can have made it non-blocking.
                    var writable = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    poll(&writable, 1, -1)
                } else if errno != EINTR {
                    return false
                }
            }
            return true
        }
    }
}

extension Timestamp {
    /// Time in UTC with milliseconds: `2026-01-31T12:00:00.000Z`.
    fileprivate var logText: String {
        let (seconds, rest) = milliseconds.quotientAndRemainder(dividingBy: 1000)
        var time = time_t(seconds)
        var parts = tm()
        gmtime_r(&time, &parts)
        func digits(_ number: some BinaryInteger, _ count: Int) -> String {
            let text = "\(number)"
            return String(repeating: "0", count: max(0, count - text.count)) + text
        }
        return "\(digits(parts.tm_year + 1900, 4))-\(digits(parts.tm_mon + 1, 2))-\(digits(parts.tm_mday, 2))"
            + "T\(digits(parts.tm_hour, 2)):\(digits(parts.tm_min, 2)):\(digits(parts.tm_sec, 2)).\(digits(rest, 3))Z"
    }
}
