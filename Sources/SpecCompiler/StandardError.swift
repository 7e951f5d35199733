internal import Glibc

/// Where diagnostics go.
struct StandardError: TextOutputStream {
    mutating func write(_ text: String) {
        var text = text
        // Nobody is left to be told when this fails.
        text.withUTF8 { _ = Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
