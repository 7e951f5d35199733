internal import Glibc

/// Text stream to standard error.
struct StandardError: TextOutputStream {
    mutating func write(_ text: String) {
        var text = text
        // Ignored: there is no other place to report a failure.
        text.withUTF8 { _ = Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
