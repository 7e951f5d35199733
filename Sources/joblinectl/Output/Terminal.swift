internal import Glibc

/// What stands at the other end of standard output and standard error.
enum Terminal {
    /// Whether a person reads the results.
    static var isOutput: Bool { isatty(STDOUT_FILENO) == 1 }
    /// Whether a person reads the notes.
    static var isError: Bool { isatty(STDERR_FILENO) == 1 }

    /// Whether states may have colours: a person reads them, and has not asked for none (https://no-color.org).
    static var hasColors: Bool {
        isOutput && environment("NO_COLOR").isEmpty && !["", "dumb"].contains(environment("TERM"))
    }

    private static func environment(_ name: String) -> String { getenv(name).map { String(cString: $0) } ?? "" }

    /// Columns to fill; nil where no terminal limits them.
    static var width: Int? { size(of: STDOUT_FILENO)?.columns }

    /// What fits a terminal.
    struct Size: Sendable, Hashable {
        var columns: Int
        var rows: Int
    }

    /// The size of the terminal behind a descriptor; nil if there is none.
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
    /// - Throws: ``Interruption/outputClosed`` if nobody reads it any more, and ``CommandFailure`` if it cannot be written.
    static func line(_ line: String) throws { try send(line + "\n") }

    /// Writes text to standard output as it is.
    ///
    /// - Throws: As ``line(_:)``.
    static func send(_ text: String) throws {
        switch write(text, to: STDOUT_FILENO) {
        case 0: return
        case EPIPE, EIO: throw Interruption.outputClosed
        case let code:
            throw CommandFailure(
                message: "cannot write to standard output: \(String(cString: strerror(code)))", status: .internalError)
        }
    }

    /// Writes a line to standard error.
    static func note(_ line: String) { sendError(line + "\n") }

    /// Writes text to standard error as it is; where that fails, nowhere is left to complain to.
    static func sendError(_ text: String) { _ = write(text, to: STDERR_FILENO) }

    /// - Returns: 0, or the number of the error.
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
