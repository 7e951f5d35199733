"""What `batch-segment` and `batch-inference` share: an interactions file as a model, and JSON lines in and out.

The file is CSV with the columns USER_ID, ITEM_ID and TIMESTAMP (others, such as EVENT_TYPE, are ignored).

    n(u,i)        how often user u interacted with item i
    w(u,i)        1 + ln n(u,i), or 0 without any
    cos(i,j)      sum over u of w(u,i) w(u,j), divided by |w(.,i)| |w(.,j)|
    affinity(u,i) sum over j of cos(i,j) w(u,j)
"""

import argparse
import csv
import functools
import json
import math
from collections import Counter, defaultdict

from jobline_executor import MAX_LINE_BYTES, Failure, report, run

DEFAULT_RESULTS = 25
COLUMNS = ("USER_ID", "ITEM_ID", "TIMESTAMP")


class Interactions:
    """Who interacted with what, as weights from both sides."""

    def __init__(self, path):
        counts = Counter(self.pairs(path))
        self.items = defaultdict(dict)
        self.users = defaultdict(dict)
        for (user, item), count in sorted(counts.items()):
            self.items[item][user] = self.users[user][item] = 1 + math.log(count)
        self.norms = {item: math.hypot(*weights.values()) for item, weights in self.items.items()}

    @staticmethod
    def pairs(path):
        try:
            with open(path, encoding="utf-8-sig", newline="") as file:
                rows = csv.DictReader(file)
                missing = [column for column in COLUMNS if column not in (rows.fieldnames or [])]
                if missing:
                    raise Failure(f"the interactions file has no column {missing[0]}")
                for row in rows:
                    user, item, time = (row[column] for column in COLUMNS)
                    if not user or not item or not (time or "").isdecimal():
                        raise Failure(f"line {rows.line_num} of the interactions file needs USER_ID, ITEM_ID and"
                                      " TIMESTAMP in whole seconds")
                    yield user, item
        except (FileNotFoundError, IsADirectoryError) as error:
            raise Failure(f"--interactions {path} is not a file; give its absolute path") from error
        except (UnicodeDecodeError, csv.Error) as error:
            raise Failure("the interactions file is not CSV in UTF-8") from error

    @functools.lru_cache(maxsize=10_000)
    def cosines(self, item):
        """The similarity of `item` to every item it shares a user with, itself included."""
        products = defaultdict(list)
        for user, weight in self.items[item].items():
            for other, other_weight in self.users[user].items():
                products[other].append(weight * other_weight)
        return {other: math.fsum(terms) / (self.norms[item] * self.norms[other]) for other, terms in products.items()}


def ranked(scores):
    """Names and scores, the highest first; equal ones are equal on every machine, as they are rounded, and go by name."""
    rounded = {name: round(score, 9) for name, score in scores.items()}
    return sorted(rounded.items(), key=lambda one: (-one[1], one[0]))


def asked_of(line, kinds, place):
    """What a line of the input asks for: the kind ("itemId" or "userId") and the id."""
    try:
        asked = json.loads(line)
    except (ValueError, RecursionError):
        asked = None
    if isinstance(asked, dict) and len(asked) == 1:
        kind, name = asked.popitem()
        if kind in kinds and isinstance(name, str):
            return kind, name
    expected = " or ".join(f'{{"{kind}":"..."}}' for kind in kinds)
    raise Failure(f"{place}: expected {expected} and nothing else, the only input this example knows")


def answers(interactions, kinds, path, name, size):
    """The lines of one output file."""
    with open(path, "rb") as file:
        number = 0
        while line := file.readline(MAX_LINE_BYTES + 1):
            number += 1
            if len(line) > MAX_LINE_BYTES:
                raise Failure(f"line {number} of {name} is over 64 KiB")
            if not line.strip():
                continue
            kind, asked = asked_of(line, kinds, f"line {number} of {name}")
            known = asked in (interactions.items if kind == "itemId" else interactions.users)
            output = kinds[kind](interactions, asked, size) if known else None
            error = None if known else f"no interactions with {kind.removesuffix('Id')} {asked}"
            yield json.dumps({"input": {kind: asked}, "output": output, "error": error}) + "\n"


def results(request):
    size = request.get("numResults", DEFAULT_RESULTS)
    if isinstance(size, bool) or not isinstance(size, int) or size < 1:
        raise Failure("numResults has to be a whole number from 1 on")
    return size


def work(job, interactions_file, kinds, check):
    check(job.request)
    size = results(job.request)
    interactions = Interactions(interactions_file)
    found_any = False
    for name, path, reason in job.inputs[0].files():
        found_any = True
        if reason:
            raise Failure(f"{name}: {reason}")
        with job.create(name + ".out") as file:
            file.writelines(answers(interactions, kinds, path, name, size))
        report(processed={"input": name, "output": name + ".out"})
    if not found_any:
        raise Failure("the input holds no files")


def run_batch(family, kinds, check=lambda request: None):
    """Does a job of `family`: `kinds[kind](interactions, id, size)` is the output for each line {kind: id}."""
    parser = argparse.ArgumentParser(usage="%(prog)s --interactions FILE < JOB")
    parser.add_argument("--interactions", required=True)
    options = parser.parse_args()
    run(family, lambda job: work(job, options.interactions, kinds, check))
