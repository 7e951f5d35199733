"""What `batch-segment` and `batch-inference` share: an interactions file as a model, and JSON lines in and out.

The file is CSV with the columns USER_ID, ITEM_ID and TIMESTAMP (others, such as EVENT_TYPE, are ignored). Lines that
cannot be used are left out and counted on standard error. A line of the job's input that asks for nothing this example
knows becomes a line with an error, and the others are answered.

    n(u,i)        how often user u interacted with item i
    w(u,i)        1 + ln n(u,i), or 0 without any
    cos(i,j)      sum over u of w(u,i) w(u,j), divided by |w(.,i)| |w(.,j)|
    affinity(u,i) sum over j of cos(i,j) w(u,j)
"""

import argparse
import functools
import json
import math
import sys
from collections import Counter, defaultdict

import jobline_csv
from jobline_executor import MAX_LINE_BYTES, Failure, opened, run

DEFAULT_RESULTS = 25
COLUMNS = ("USER_ID", "ITEM_ID", "TIMESTAMP")


class Interactions:
    """Who interacted with what, as weights from both sides."""

    def __init__(self, path):
        counts = Counter(self.pairs(path))
        if not counts:
            raise Failure("the interactions file has no line that can be used")
        self.items = defaultdict(dict)
        self.users = defaultdict(dict)
        for (user, item), count in sorted(counts.items()):
            self.items[item][user] = self.users[user][item] = 1 + math.log(count)
        self.norms = {item: math.hypot(*weights.values()) for item, weights in self.items.items()}

    @staticmethod
    def pairs(path):
        bad = []
        try:
            with jobline_csv.opened(path) as file:
                records = jobline_csv.records(file)
                _, header, wrong = next(records, (0, [], ""))
                if not jobline_csv.is_header(header, wrong):
                    raise Failure("the interactions file is not CSV in UTF-8 with a header line")
                missing = [column for column in COLUMNS if column not in header]
                if missing:
                    raise Failure(f"the interactions file has no column {missing[0]}")
                places = [header.index(column) for column in COLUMNS]
                for number, cells, wrong in records:
                    user, item, time = (cells[place] if place < len(cells) else "" for place in places)
                    if wrong or not user or not item or not time.isdecimal():
                        bad.append(number)
                    else:
                        yield user, item
        except OSError as error:
            reason = f"--interactions {path} cannot be read: {error.strerror}; give a file's absolute path"
            raise Failure(reason) from error
        if bad:
            print(f"{len(bad)} lines of the interactions file, the first of them line {bad[0]}, are left out: "
                  "each needs USER_ID, ITEM_ID and TIMESTAMP in whole seconds", file=sys.stderr)

    @functools.lru_cache(maxsize=10_000)
    def cosines(self, item):
        """The similarity of `item` to every item it shares a user with, itself included."""
        products = defaultdict(list)
        for user, weight in self.items[item].items():
            for other, other_weight in self.users[user].items():
                products[other].append(weight * other_weight)
        return {other: math.fsum(terms) / (self.norms[item] * self.norms[other]) for other, terms in products.items()}


def ranked(scores):
    """Names and scores, the highest first. Scores are rounded, so that every machine puts equal ones in order of name."""
    rounded = {name: round(score, 9) for name, score in scores.items()}
    return sorted(rounded.items(), key=lambda one: (-one[1], one[0]))


def asked_of(line, kinds):
    """What a line of the input asks for: the kind ("itemId" or "userId") and the id. None if it asks for neither."""
    try:
        asked = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if isinstance(asked, dict) and len(asked) == 1:
        kind, name = asked.popitem()
        if kind in kinds and isinstance(name, str):
            return kind, name
    return None


def lines(file):
    """The lines of a file that are not blank, by their numbers; None for one of over 64 KiB."""
    number = 0
    while line := file.readline(MAX_LINE_BYTES + 1):
        number += 1
        if len(line) > MAX_LINE_BYTES:
            while line and not line.endswith(b"\n"):
                line = file.readline(MAX_LINE_BYTES)
            yield number, None
        elif line.strip():
            yield number, line


class Batch:
    """Answers the lines of input files: `kinds[kind](interactions, id, size)` is the output for {kind: id}."""

    def __init__(self, interactions, kinds, size):
        self.interactions = interactions
        self.kinds = kinds
        self.size = size
        self.answered = 0
        self.first_mistake = None

    def answer(self, name, path, output):
        """Writes one output file."""
        with opened(path) as file:
            for number, line in lines(file):
                answer = self.answer_to(line)
                if answer["input"] is None:
                    self.first_mistake = self.first_mistake or f"line {number} of {name}: {answer['error']}"
                else:
                    self.answered += 1
                output.write(json.dumps(answer) + "\n")

    def answer_to(self, line):
        if line is None:
            return {"input": None, "output": None, "error": "over 64 KiB"}
        asked = asked_of(line, self.kinds)
        if not asked:
            expected = " or ".join(f'{{"{kind}":"..."}}' for kind in self.kinds)
            error = f"expected {expected} and nothing else, the only input this example knows"
            return {"input": None, "output": None, "error": error}
        kind, name = asked
        if name not in (self.interactions.items if kind == "itemId" else self.interactions.users):
            error = f"no interactions with {kind.removesuffix('Id')} {name}"
            return {"input": {kind: name}, "output": None, "error": error}
        return {"input": {kind: name}, "output": self.kinds[kind](self.interactions, name, self.size), "error": None}


def results(request):
    size = request.get("numResults", DEFAULT_RESULTS)
    if isinstance(size, bool) or not isinstance(size, int) or size < 1:
        raise Failure("numResults has to be a whole number from 1 on")
    return size


def work(job, interactions_file, kinds, check):
    check(job.request)
    batch = Batch(Interactions(interactions_file), kinds, results(job.request))
    reason = job.each_file(batch.answer)
    if reason or batch.first_mistake and not batch.answered:
        raise Failure(reason or batch.first_mistake)


def run_batch(family, kinds, check=lambda request: None):
    """Does a job of `family`; see Batch for `kinds`. `check` refuses requests that it does not know."""
    parser = argparse.ArgumentParser(usage="%(prog)s --interactions FILE < JOB")
    parser.add_argument("--interactions", required=True)
    options = parser.parse_args()
    run(family, lambda job: work(job, options.interactions, kinds, check))
