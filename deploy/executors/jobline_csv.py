"""CSV files, read record by record so that a bad one costs no other, and written so that every reader reads the same.

A record ends at a line feed, a carriage return or both; a cell in double quotes may hold them. Standard library only.
"""

import itertools
import re

MAX_CELL = 131_072  # characters
BLANK = ("\n", "\r", "\r\n")
UNQUOTED = re.compile(r"[^,\r\n]*")
REST_OF_QUOTED = re.compile(r'([^"]*(?:""[^"]*)*)"(?!")')
NEEDS_QUOTES = re.compile(r'[",\r\n]')
NOT_UTF8 = re.compile("[\udc80-\udcff]")  # what Python decodes other bytes to
CONTROL = re.compile("[\x00-\x1f\x7f]")


class BadRecord(Exception):
    """A record cannot be read. Its text is the reason."""


class Lines:
    """The lines of a file, of which those since the last `mark` can be read again."""

    def __init__(self, lines):
        self.lines = iter(lines)
        self.number = 0
        self.read = []

    def __iter__(self):
        return self

    def __next__(self):
        line = next(self.lines)
        self.number += 1
        self.read.append(line)
        return line

    def mark(self):
        self.read = []

    def back(self):
        self.lines = itertools.chain(self.read, self.lines)
        self.number -= len(self.read)
        self.read = []


def cells(line, lines):
    """The cells of the record that begins with `line`, which takes more of `lines` if a quoted cell goes on there."""
    found = []
    position = 0
    while True:
        if line.startswith('"', position):
            parts = []
            position += 1
            while not (rest := REST_OF_QUOTED.match(line, position)):
                parts.append(line[position:])
                line = next(lines, None)
                position = 0
                if line is None:
                    lines.back()  # the quote is the mistake, not what follows it
                    raise BadRecord("a quoted cell is never closed")
            parts.append(rest[1])
            found.append("".join(parts).replace('""', '"'))
            position = rest.end()
            if line[position:position + 1] not in ("", ",", "\r", "\n"):
                raise BadRecord("there is text behind a closing quote")
        else:
            found.append(UNQUOTED.match(line, position).group())
            position += len(found[-1])
        if not line.startswith(",", position):
            return found
        position += 1


def wrong_with(record):
    if any(len(cell) > MAX_CELL for cell in record):
        return f"a cell has over {MAX_CELL} characters"
    if any(not cell.isascii() and NOT_UTF8.search(cell) for cell in record):
        return "not UTF-8"
    return ""


def records(file):
    """Every record of an open file: (number of its first line, cells, what is wrong with it or "")."""
    lines = Lines(file)
    for line in lines:
        number = lines.number
        lines.mark()
        if line in BLANK:
            continue
        try:
            record = cells(line, lines)
        except BadRecord as error:
            yield number, [], str(error)
            continue
        wrong = wrong_with(record)
        yield number, [NOT_UTF8.sub("\ufffd", cell) for cell in record] if wrong else record, wrong


def opened(path):
    """Opens a file for `records`. A byte order mark is skipped, and bytes that are not UTF-8 are kept."""
    return open(path, encoding="utf-8-sig", errors="surrogateescape", newline="")


def is_header(record, wrong):
    """Whether a record can name columns: its cells are distinct, and without the control characters of binary files."""
    return not wrong and not any(map(CONTROL.search, record)) and len(set(record)) == len(record)


def write(file, rows):
    """Writes rows. Unlike csv.writer of Python 3.11 it puts a lone carriage return within quotes."""
    for row in rows:
        file.write((",".join(map(quoted, row)) or '""') + "\n")


def quoted(cell):
    text = str(cell)
    return '"' + text.replace('"', '""') + '"' if NEEDS_QUOTES.search(text) else text
