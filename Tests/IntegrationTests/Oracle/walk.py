"""What every walk through a service has in common: places, gates for executors, lists, and probes."""

import os
import shutil
import time

from examiner import Failed

PATIENCE = 30  # seconds for one change of a job's state


class Stage:
    """The daemon's places: input that is done, done in part, not done, and not done before the oracle lets it."""

    def __init__(self, state, samples, gates):
        self.gates = gates
        notes = os.path.join(state, "buckets", "oracle")
        for name in ("ok", "partial", "slow", "failing"):
            shutil.copytree(os.path.join(samples, "notes"), os.path.join(notes, name))
            shutil.copy(os.path.join(samples, "items.json"), os.path.join(notes, name, "items.json"))
            table = os.path.join(state, "tables", "oracle", name)
            shutil.copytree(os.path.join(samples, "customers"), table)
        # text in Latin-1, which no executor of notes can read
        with open(os.path.join(notes, "partial", "bad.txt"), "wb") as file:
            file.write(b"caf\xe9")
        shutil.copytree(os.path.join(samples, "schemas"), os.path.join(state, "schemas"), dirs_exist_ok=True)

    def close(self, family):
        for name in (family, family + ".stop", family + ".running"):
            if os.path.exists(os.path.join(self.gates, name)):
                os.unlink(os.path.join(self.gates, name))

    def open(self, name):
        with open(os.path.join(self.gates, name), "w"):
            pass

    def running(self, family):
        """Waits until an executor of the family stands at its gate."""
        until(lambda: os.path.exists(os.path.join(self.gates, family + ".running")), f"{family} to run")


def until(found, what):
    """Looks again and again, and gives up in the end."""
    deadline = time.monotonic() + PATIENCE
    while True:
        value = found()
        if value:
            return value
        if time.monotonic() > deadline:
            raise Failed(f"waited {PATIENCE} s for {what}")
        time.sleep(0.01)


def names(elements):
    """What tells the elements of a list apart."""
    return [next(element[name] for name in NAMES if name in element) for element in elements]


NAMES = ("JobId", "jobId", "batchSegmentJobArn", "batchInferenceJobArn", "workflowArn")


class Walk:
    """Reaches every state of a family's jobs and every error of its operations."""

    def __init__(self, examiner, samples, stage):
        self.examiner, self.samples, self.stage = examiner, samples, stage
        self.call, self.refused = examiner.call, examiner.refused

    def operation(self, method):
        return self.examiner.models.operation(method)

    def check(self, method, holds, text):
        if not holds:
            self.examiner.complain(method, text)

    def request(self, method, whole=True, **members):
        return self.samples.request(self.operation(method), whole, **members)

    def pages(self, method, limit, **params):
        """Every element of a list, read by pages of one size; each page but the last one is full."""
        described = self.examiner.contract.methods[method]["x-pages"]
        found, token = [], {}
        while True:
            page = self.call(method, **params, **{described["limit"]: limit}, **token)
            found += page[described["items"]]
            following = page.get(described["token"])
            if following is None:
                break
            self.check(method, len(page[described["items"]]) == limit, "a page before the last one is not full")
            token = {described["token"]: following}
        whole = self.call(method, **params)[described["items"]]
        # jobs go on meanwhile, so that only their names are the same in both
        self.check(method, names(found)[:len(whole)] == names(whole) and len(set(names(found))) == len(found),
                   f"pages of {limit} hold other elements than one page")
        return found, token.get(described["token"])

    def bad_tokens(self, method, kind, foreign, **params):
        """A token that is none, and tokens of other lists."""
        name = self.examiner.contract.methods[method]["x-pages"]["token"]
        for token in ["AAAA", "x" * 64] + [token for token in foreign if token]:
            self.refused(method, kind, 400, **params, **{name: token})

    def probe(self, method, following=None, **given):
        """Every edge of every member; what `following` makes of the answer to an accepted request is asked then."""
        for probe in self.samples.probes(self.operation(method), **given):
            result, error = self.examiner.send(method, probe.params, probe.about)
            if error is None and following is not None:
                following(probe.params, result)
