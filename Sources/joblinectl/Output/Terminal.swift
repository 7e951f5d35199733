internal import Glibc

/// Standard output and standard error, which can be a terminal.
enum Terminal {
    /// Whether standard output is a terminal.
    static var isOutput: Bool { isatty(STDOUT_FILENO) == 1 }
    /// Whether standard error is a terminal.
    static var isError: Bool { isatty(STDERR_FILENO) == 1 }

    /// Whether states can have colours: on a terminal, unless NO_COLOR is set (https://no-color.org).
    static var hasColors: Bool {
        isOutput && environment("NO_COLOR").isEmpty && !["", "dumb"].contains(environment("TERM"))
    }

    private static func environment(_ name: String) -> String { getenv(name).map { String(cString: $0) } ?? "" }

    /// Maximum columns of output; nil without a terminal.
    static var width: Int? { size(of: STDOUT_FILENO)?.columns }

    /// Size of a terminal.
    struct Size: Sendable, Hashable {
        var columns: Int
        var rows: Int
    }

    /// Returns the size of the terminal at a descriptor; nil if it is none.
    static func size(of descriptor: Int32) -> Size? {
        guard isatty(descriptor) == 1 else { return nil }
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return Size(columns: 80, rows: 24)
        }
        return Size(columns: Int(size.ws_col), rows: Int(size.ws_row))
    }

    /// Writes a line to standard output.
    ///
    /// - Throws: ``Interruption/outputClosed`` if the reader is gone; ``CommandFailure`` for other errors.
    static func line(_ line: String) throws { try send(line + "\n") }

    /// Writes text to standard output.
    ///
    /// - Throws: The same as ``line(_:)``.
    static func send(_ text: String) throws {
        switch write(text, to: STDOUT_FILENO) {
        case 0: return
        case EPIPE, EIO: throw Interruption.outputClosed
        case let code:
            throw CommandFailure(
                message: "cannot write to standard output: \(String(cString: strerror(code)))", status: .internalError)
        }
    }

    static func note(_ line: String) { sendError(line + "\n") }

    /// Writes text to standard error; errors cannot be reported anywhere.
    static func sendError(_ text: String) { _ = write(text, to: STDERR_FILENO) }

    /// Writes text to a descriptor.
    ///
    /// - Returns: 0, or the error number.
    private static func write(_ text: String, to descriptor: Int32) -> Int32 {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return count < 0 ? errno : EIO }
            bytes = bytes.dropFirst(count)
        }
        return 0
    }

    /// Returns the text without control characters, which a terminal would interpret.
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
