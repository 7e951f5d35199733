#!/usr/bin/env python3
"""Runs a program on a terminal of its own, does to it what a person could do, and tells what was to be seen.

    terminal.py COLUMNSxROWS [STEP]... -- PROGRAM [ARGUMENT]...

Steps, one after the other: `expect TEXT` waits until TEXT is on the screen, `send KEYS` types, `signal NAME` sends a
signal, `touch PATH` makes a file, `stopped` waits until the program is stopped, `resize COLUMNSxROWS`, `show` prints the screen. At the end, which
it waits for, it prints the screen again and a line of JSON with what became of program and terminal.
"""
import fcntl, json, os, pty, select, signal, struct, sys, termios, time, unicodedata

PATIENCE = 60.0


class Screen:
    """As much of a terminal as the programs here use; anything else is an error."""

    def __init__(self, columns, rows):
        self.columns, self.rows = columns, rows
        self.main, self.other = self.blank(), None
        self.cells, self.row, self.column = self.main, 0, 0
        self.cursor, self.widest, self.unknown = True, 0, []
        self.rest = ""

    def blank(self):
        return [{} for _ in range(self.rows)]

    def resize(self, columns, rows):
        self.columns, self.rows = columns, rows
        self.cells = (self.cells + self.blank())[:rows]
        self.row = min(self.row, rows - 1)
        self.widest = 0

    def text(self):
        return "\n".join(
            "".join(line.get(c, " ") for c in range(max(line, default=-1) + 1)).rstrip() for line in self.cells)

    def feed(self, text):
        text = self.rest + text
        self.rest = ""
        while text:
            if text[0] == "\x1b":
                end = next((i for i, c in enumerate(text) if i > 1 and c.isalpha()), None)
                if end is None:
                    self.rest = text
                    return
                self.control(text[2:end], text[end])
                text = text[end + 1:]
                continue
            self.put(text[0])
            text = text[1:]

    def put(self, c):
        if c == "\r":
            self.column = 0
        elif c == "\n":
            self.newline()
        elif c < " ":
            self.unknown.append(repr(c))
        elif unicodedata.combining(c) == 0:
            width = 2 if unicodedata.east_asian_width(c) in "WF" else 1
            self.widest = max(self.widest, self.column + width)
            if self.column + width > self.columns:
                self.column = 0
                self.newline()
            self.cells[self.row][self.column] = c
            if width == 2:
                self.cells[self.row][self.column + 1] = ""
            self.column += width

    def newline(self):
        if self.row == self.rows - 1:
            self.cells.pop(0)
            self.cells.append({})
        else:
            self.row += 1

    def control(self, parameters, letter):
        if letter == "m":
            return
        if letter == "H" and not parameters:
            self.row = self.column = 0
        elif letter == "A":
            self.row = max(0, self.row - int(parameters or 1))
        elif letter in "KJ" and not parameters:
            line = self.cells[self.row]
            for c in [c for c in line if c >= self.column]:
                del line[c]
            if letter == "J":
                for line in self.cells[self.row + 1:]:
                    line.clear()
        elif parameters == "?25":
            self.cursor = letter == "h"
        elif parameters == "?1049" and letter == "h":
            self.place, self.other = (self.row, self.column), self.blank()
            self.cells, self.row, self.column = self.other, 0, 0
        elif parameters == "?1049" and letter == "l":
            self.cells, self.other = self.main, None
            self.row, self.column = self.place
        else:
            self.unknown.append(parameters + letter)


def size(text):
    columns, rows = text.split("x")
    return int(columns), int(rows)


def main():
    words = sys.argv[1:]
    split = words.index("--")
    steps, command = words[1:split], words[split + 1:]
    columns, rows = size(words[0])
    screen = Screen(columns, rows)
    begin, begins = os.pipe()
    child, terminal = pty.fork()
    if child == 0:
        os.read(begin, 1)
        fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        os.environ["TERM"] = "xterm-256color"
        os.execvp(command[0], command)
    before = termios.tcgetattr(terminal)[3]
    os.write(begins, b".")

    def read(seconds):
        """False at the end."""
        if not select.select([terminal], [], [], seconds)[0]:
            return True
        try:
            data = os.read(terminal, 65536)
        except OSError:
            return False
        screen.feed(decoder.decode(data))
        return bool(data)

    def wait(what, condition):
        deadline = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > deadline or not read(0.05):
                if condition():
                    return
                os.kill(child, signal.SIGKILL)
                sys.exit(f"never saw {what}; the screen is\n{screen.text()}")

    import codecs
    decoder = codecs.getincrementaldecoder("utf-8")()
    steps = iter(steps)
    for step in steps:
        if step == "show":
            print(screen.text())
        elif step == "stopped":
            wait("it stop", lambda: open(f"/proc/{child}/stat").read().rsplit(")", 1)[1].split()[0] == "T")
            read(0.1)
            echo = termios.tcgetattr(terminal)[3] == before
            print(json.dumps({"cursor": screen.cursor, "other": screen.other is not None, "asBefore": echo}))
        else:
            value = next(steps)
            if step == "expect":
                wait(value, lambda: value in screen.text())
            elif step == "send":
                os.write(terminal, value.encode())
            elif step == "signal":
                os.kill(child, getattr(signal, value))
            elif step == "touch":
                open(value, "w").close()
            elif step == "resize":
                columns, rows = size(value)
                screen.resize(columns, rows)
                fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            else:
                sys.exit(f"no step {step}")
    deadline = time.monotonic() + PATIENCE
    status = None
    echo = True
    while status is None:
        # Asked before the end, as there is nothing to ask afterwards.
        try:
            echo = termios.tcgetattr(terminal)[3] == before
        except termios.error:
            pass
        if time.monotonic() > deadline:
            os.kill(child, signal.SIGKILL)
        read(0.02)
        ended, code = os.waitpid(child, os.WNOHANG)
        if ended:
            status = os.waitstatus_to_exitcode(code)
    while select.select([terminal], [], [], 0)[0] and read(0):
        pass
    try:
        echo = termios.tcgetattr(terminal)[3] == before
    except termios.error:
        pass
    print(screen.text().rstrip())
    print(json.dumps({
        "status": status, "cursor": screen.cursor, "other": screen.other is not None, "asBefore": echo,
        "widest": screen.widest, "unknown": screen.unknown}))


main()
