internal import Dispatch
internal import Glibc

/// Alternate screen of the terminal with unbuffered keys. ``leave()`` restores the terminal.
final class TopScreen {
    private var former = termios()
    private var hasKeys = false
    /// Whether the terminal is in use.
    private(set) var isEntered = false

    /// Enters the alternate screen; turns off cursor and echo.
    func enter() throws {
        guard !isEntered else { return }
        isEntered = true
        if isatty(STDIN_FILENO) == 1, tcgetattr(STDIN_FILENO, &former) == 0 {
            var raw = former
            // Ctrl-C and Ctrl-Z still send signals.
            raw.c_lflag &= ~tcflag_t(ICANON | ECHO)
            hasKeys = tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0
        }
        try Terminal.send("\u{1B}[?1049h\u{1B}[?25l")
    }

    /// Restores the terminal.
    func leave() {
        guard isEntered else { return }
        isEntered = false
        try? Terminal.send("\u{1B}[0m\u{1B}[?25h\u{1B}[?1049l")
        if hasKeys { tcsetattr(STDIN_FILENO, TCSANOW, &former) }
    }

    /// Restores the terminal and stops the process on Ctrl-Z, until SIGCONT.
    ///
    /// The stop reaches threads one by one, so this function can return before the process stops. Code after it must
    /// not enter the screen again.
    func pause() {
        leave()
        kill(getpid(), SIGSTOP)
    }

    /// Draws over the previous content.
    func draw(_ lines: [String]) throws {
        // Overwriting whole lines avoids flicker.
        try Terminal.send("\u{1B}[H" + lines.map { $0 + "\u{1B}[K" }.joined(separator: "\r\n") + "\u{1B}[J")
    }
}
