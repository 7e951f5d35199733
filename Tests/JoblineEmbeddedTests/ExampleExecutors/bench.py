"""Runs the example executors as the daemon does: a job on standard input, an output directory, and nothing else."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

EXECUTORS = Path(__file__).resolve().parents[3] / "deploy" / "executors"
sys.path.insert(0, str(EXECUTORS))

NOBODY = 65534
SECRET = "Zaphod"  # stands for what notes and records say


class Outcome:
    def __init__(self, completed, output):
        self.status = completed.returncode
        self.errors = completed.stderr
        self.message = (completed.stderr.strip().splitlines() or [""])[-1]
        self.output = output
        self.report = [json.loads(line) for line in completed.stdout.splitlines()]

    def lines(self, kind):
        return [line[kind] for line in self.report if kind in line]

    @property
    def reasons(self):
        return {line["input"]: line["reason"] for line in self.lines("unprocessed")}

    @property
    def processed(self):
        return {line["input"] for line in self.lines("processed")}

    @property
    def metrics(self):
        return self.lines("metrics")[-1]

    def text(self, name):
        return (self.output / name).read_bytes().decode("utf-8")

    def answers(self, name):
        return [json.loads(line) for line in self.text(name).splitlines()]


class Bench(unittest.TestCase):
    """A folder for one test, and jobs in it."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="jobline-executors-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.folder.chmod(0o755)
        self.count = 0

    def write(self, name, content):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogateescape"))
        return path

    def run_job(self, program, family, inputs, *arguments, request=None, workflow=None, is_root=True):
        """Runs a job with the interpreter of the tests, and checks that nothing it says quotes its input."""
        self.count += 1
        output = self.folder / f"output-{self.count}"
        output.mkdir()
        executors, python, user = EXECUTORS, sys.executable, None
        if not is_root and os.geteuid() == 0:
            # Nobody may not read the checkout or an interpreter in root's home.
            executors, python, user = self.folder / "executors", "/usr/bin/python3", NOBODY
            shutil.copytree(EXECUTORS, executors, dirs_exist_ok=True)
            os.chown(output, user, user)
        job = {"version": 1, "family": family, "jobId": "0", "request": request or {}, "workflow": workflow or {},
               "inputs": inputs}
        completed = subprocess.run(
            [python, "-B", "-W", "error", executors / program, *arguments], input=json.dumps(job), text=True,
            capture_output=True, cwd=output, user=user, timeout=60,
            env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "JOBLINE_OUTPUT": str(output)})
        self.assertNotIn(SECRET, completed.stderr)
        self.assertNotIn(SECRET, completed.stdout)
        self.assertNotIn("Traceback", completed.stderr)
        return Outcome(completed, output)

    def rxnorm(self, folder="notes", **options):
        return self.run_job("rxnorm", "RxNormInference", [{"path": str(self.folder / folder)}], **options)
