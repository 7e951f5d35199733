"""The executor contract in Python: what the examples beside this file have in common.

README.md in this folder describes the contract. Standard library only; copy it next to an executor of your own.

Nothing that goes wrong may show what a note or a record says: a Failure and the reason of a LeftOut never quote it, and
of every other exception only the type and the place in the program are told.
"""

import errno
import json
import os
import signal
import stat
import sys
import traceback
from pathlib import Path

LIBRARY = os.path.dirname(os.__file__)
MAX_JOB_BYTES = 16 * 1024 * 1024
MAX_LINE_BYTES = 64 * 1024
UNUSABLE_NAMES = {
    errno.ENAMETOOLONG: "the name is too long for its output file",
    errno.EISDIR: "its output file has the name of a folder of outputs",
    errno.EEXIST: "a folder of its output file has the name of another output file",
    errno.ENOTDIR: "a folder of its output file has the name of another output file",
}


class Failure(Exception):
    """The job cannot be done. Its text is what the caller of the service reads as the reason."""


class LeftOut(Exception):
    """A file cannot be done, and the others can. Its text is the reason."""


class Input:
    """One place the job reads from."""

    def __init__(self, description):
        self.path = Path(description["path"])
        self.uri = description.get("uri", "")
        self.schema = description.get("schema")
        self.type = description.get("type")

    def files(self):
        """Every file of this input in a fixed order: (name relative to it, path, reason not to read it or None).

        A folder that cannot be read is a failure: nobody knows what would be left out.
        """
        if os.path.isfile(self.path):
            yield described(self.path.name, self.path)
        elif os.path.isdir(self.path):
            for folder, folders, names in os.walk(self.path, onerror=self.unreadable):
                links = [name for name in folders if os.path.islink(os.path.join(folder, name))]
                # .jobline-* is output on its way to its place
                folders[:] = sorted(
                    name for name in set(folders).difference(links) if not name.startswith(".jobline-"))
                for name in sorted(names + links):
                    path = Path(folder) / name
                    yield described(os.fspath(path.relative_to(self.path)), path)
        else:
            raise Failure("the input does not exist or cannot be read")

    def unreadable(self, error):
        name = unicode_name(os.path.relpath(error.filename, self.path))
        what = "the input" if name == "." else f"the folder {name} of the input"
        raise Failure(f"{what} cannot be read: {error.strerror}") from error


class Job:
    """One job, as the daemon describes it on standard input."""

    def __init__(self, description, family):
        if not isinstance(description, dict) or description.get("version") != 1:
            raise Failure("expected a job of version 1 on standard input")
        if description.get("family") != family:
            raise Failure(f"this executor does {family}, not {description.get('family')}")
        self.request = description.get("request", {})
        self.workflow = description.get("workflow", {})
        inputs = description.get("inputs")
        if not isinstance(self.request, dict) or not isinstance(self.workflow, dict):
            raise Failure("request and workflow of the job have to be objects")
        if not isinstance(inputs, list) or not inputs:
            raise Failure("the job has no inputs")
        if not all(isinstance(one, dict) and isinstance(one.get("path"), str) for one in inputs):
            raise Failure("each input of the job needs a path")
        self.inputs = [Input(one) for one in inputs]
        output = os.environ.get("JOBLINE_OUTPUT") or description.get("output")
        if not isinstance(output, str) or not os.path.isdir(output):
            raise Failure("the job has no output directory: JOBLINE_OUTPUT has to name one")
        self.output = Path(output)

    def create(self, name):
        """Opens one output file for writing text, making the folders above it."""
        path = self.output / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            return open(path, "w", encoding="utf-8", newline="")
        except OSError as error:
            if error.errno in UNUSABLE_NAMES:
                raise LeftOut(UNUSABLE_NAMES[error.errno]) from error
            raise

    def each_file(self, work):
        """Does `work(name, path, output)` for every file of the first input, and reports it or why it is left out.

        `output` is the open output file. `work` returns the number of characters, or None where they do not count.
        Returns the first reason if every file is left out.
        """
        found = done = 0
        first_reason = None
        for name, path, reason in self.inputs[0].files():
            found += 1
            try:
                if reason:
                    raise LeftOut(reason)
                characters = self.one_file(work, name, path)
            except LeftOut as left_out:
                first_reason = first_reason or f"{name}: {left_out}"
                report(unprocessed={"input": name, "reason": str(left_out)})
            else:
                done += 1
                counted = {} if characters is None else {"characters": characters}
                report(processed={"input": name, "output": name + ".out", **counted})
        if not found:
            raise Failure("the input holds no files")
        return None if done else first_reason

    def one_file(self, work, name, path):
        output = self.create(name + ".out")
        try:
            with output:
                return work(name, path, output)
        except (Failure, MemoryError):
            raise
        except OSError as error:
            raise Failure(f"{name}: {error.strerror or 'input or output error'}") from error
        except Exception as error:
            os.unlink(output.name)
            if isinstance(error, LeftOut):
                raise
            raise LeftOut(unexpected(error)) from error


def unicode_name(name):
    return os.fsencode(name).decode("utf-8", "replace")


def described(name, path):
    if unicode_name(name) != name:
        return unicode_name(name), path, "file name is not UTF-8"
    try:
        mode = path.lstat().st_mode
    except OSError as error:
        return name, path, f"cannot be read: {error.strerror}"
    return name, path, None if stat.S_ISREG(mode) else "not a regular file"


def opened(path):
    """Opens an input file for reading bytes."""
    try:
        return open(path, "rb")
    except OSError as error:
        raise LeftOut(f"cannot be read: {error.strerror}") from error


def report(**line):
    """Says one thing to the daemon: processed, unprocessed, metrics or message."""
    text = json.dumps(line, separators=(",", ":"))
    if len(text) > MAX_LINE_BYTES:
        raise Failure("a line of the report is over 64 KiB")
    print(text, flush=True)


def unexpected(error):
    """What may be told of an exception that nobody thought of: its own text may quote what was read."""
    frames = traceback.extract_tb(error.__traceback__)
    place = [one for one in frames if not one.filename.startswith((LIBRARY, "<"))][-1]
    return f"unexpected {type(error).__name__} at line {place.lineno} of {os.path.basename(place.filename)}"


def read_description():
    if sys.stdin.isatty():
        raise Failure("expected a job as one JSON object on standard input; README.md shows one")
    data = sys.stdin.buffer.read(MAX_JOB_BYTES + 1)
    if len(data) > MAX_JOB_BYTES:
        raise Failure("the job on standard input is over 16 MiB")
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Failure("the job on standard input is not one JSON object") from error


def run(family, work):
    """Reads the job, does `work(job)`, and turns whatever goes wrong into one line and an exit status."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    try:
        work(Job(read_description(), family))
    except Failure as failure:
        sys.exit(str(failure))
    except OSError as error:
        file = unicode_name(os.path.basename(error.filename)) if error.filename else "a file of the job"
        sys.exit(f"{file} cannot be read or written: {error.strerror or 'input or output error'}")
    except MemoryError:
        sys.exit("the job does not fit in memory")
    except Exception as error:
        traceback.print_tb(error.__traceback__)
        sys.exit(unexpected(error))
