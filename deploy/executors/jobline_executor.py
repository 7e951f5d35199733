"""The executor contract in Python: what the examples beside this file have in common.

README.md in this folder describes the contract. Standard library only; copy it next to an executor of your own.
"""

import json
import os
import signal
import stat
import sys
from pathlib import Path

MAX_JOB_BYTES = 16 * 1024 * 1024
MAX_LINE_BYTES = 64 * 1024


class Failure(Exception):
    """The job cannot be done. Its text is what the caller of the service reads as the reason."""


class Input:
    """One place the job reads from."""

    def __init__(self, description):
        self.path = Path(description["path"])
        self.uri = description.get("uri", "")
        self.schema = description.get("schema")
        self.type = description.get("type")

    def files(self):
        """Every file of this input in a fixed order: (name relative to it, path, reason not to read it or None)."""
        if self.path.is_file():
            yield described(self.path.name, self.path)
        elif self.path.is_dir():
            for folder, folders, names in os.walk(self.path):
                folders.sort()
                for name in sorted(names):
                    path = Path(folder) / name
                    yield described(os.fspath(path.relative_to(self.path)), path)
        else:
            raise Failure("the input does not exist")


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
        path.parent.mkdir(parents=True, exist_ok=True)
        return open(path, "w", encoding="utf-8", newline="")


def described(name, path):
    unicode_name = os.fsencode(name).decode("utf-8", "replace")
    if unicode_name != name:
        return unicode_name, path, "file name is not UTF-8"
    if not stat.S_ISREG(path.lstat().st_mode):
        return name, path, "not a regular file"
    return name, path, None


def report(**line):
    """Says one thing to the daemon: processed, unprocessed, metrics or message."""
    text = json.dumps(line, separators=(",", ":"))
    if len(text) > MAX_LINE_BYTES:
        raise Failure("a line of the report is over 64 KiB")
    print(text, flush=True)


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
        sys.exit(f"{error.strerror or 'input or output error'} while reading or writing a file of the job")
    except MemoryError:
        sys.exit("the job does not fit in memory")
