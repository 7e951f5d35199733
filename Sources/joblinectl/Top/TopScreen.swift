internal import Dispatch
internal import Glibc

/// The whole terminal as a place to draw on, with keys read one by one. It is given back as it was by ``leave()``.
final class TopScreen {
    private var former = termios()
    private var hasKeys = false
    /// True while the terminal is taken.
    private(set) var isEntered = false

    /// Takes the terminal: its other screen, no cursor, no echo.
    func enter() throws {
        guard !isEntered else { return }
        isEntered = true
        if isatty(STDIN_FILENO) == 1, tcgetattr(STDIN_FILENO, &former) == 0 {
            var raw = former
            // Ctrl-C and Ctrl-Z stay signals.
            raw.c_lflag &= ~tcflag_t(ICANON | ECHO)
            hasKeys = tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0
        }
        try Terminal.send("\u{1B}[?1049h\u{1B}[?25l")
    }

    /// Gives the terminal back.
    func leave() {
        guard isEntered else { return }
        isEntered = false
        try? Terminal.send("\u{1B}[0m\u{1B}[?25h\u{1B}[?1049l")
        if hasKeys { tcsetattr(STDIN_FILENO, TCSANOW, &former) }
    }

    /// Stops as Ctrl-Z wants it, with the terminal given back until SIGCONT comes.
    ///
    /// The stop reaches the threads one after the other, so that this may return before it: what is behind it must not yet
    /// take the terminal again.
    func pause() {
        leave()
        kill(getpid(), SIGSTOP)
    }

    /// Draws over what was there.
    func draw(_ lines: [String]) throws {
        // Whole lines one over the other do not flicker.
        try Terminal.send("\u{1B}[H" + lines.map { $0 + "\u{1B}[K" }.joined(separator: "\r\n") + "\u{1B}[J")
    }
}
