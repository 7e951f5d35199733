internal import Glibc

/// What stands at the other end of standard output and standard error.
enum Terminal {
    /// Whether a person reads the results.
    static var isOutput: Bool { isatty(STDOUT_FILENO) == 1 }
    /// Whether a person reads the notes.
    static var isError: Bool { isatty(STDERR_FILENO) == 1 }

    /// Columns to fill; nil where no terminal limits them.
    static var width: Int? {
        guard isOutput else { return nil }
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    /// Writes a line to standard error.
    static func note(_ line: String) {
        var bytes = Array((line + "\n").utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            // Nowhere is left to complain to.
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }

    /// Text without the characters that a terminal would act upon.
    static func plain(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    switch scalar.properties.generalCategory {
                    case .control, .format, .lineSeparator, .paragraphSeparator: " "
                    default: scalar
                    }
                }))
    }
}
