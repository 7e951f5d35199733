#!/usr/bin/env python3
"""Asks a running daemon everything it can do, and has botocore's published models judge every answer.

One line for each complaint and exit status 1, or one JSON object that sums up what was looked at and status 0.
"""

import argparse
import json
import re
import sys
import traceback
from pathlib import Path

try:
    from models import Models
except ImportError as error:
    sys.exit(f"{error}: run deploy/test, which provides botocore")
from doors import Doors
from contract import FAMILIES, OPERATIONS, OURS, Comparison, Contract
from examiner import Examiner, Failed, Record
from medical import MedicalWalk
from personalize import PersonalizeWalk
from resolution import ResolutionWalk
from samples import Samples
from walk import Stage
from wire import Client, ProtocolError

# Every state that a list and a look at one job have to show.
STATES = {
    "ComprehendMedical": {"SUBMITTED", "IN_PROGRESS", "COMPLETED", "PARTIAL_SUCCESS", "FAILED", "STOP_REQUESTED",
                          "STOPPED"},
    "Personalize": {"PENDING", "IN PROGRESS", "ACTIVE", "CREATE FAILED"},
    "EntityResolution": {"QUEUED", "RUNNING", "SUCCEEDED", "FAILED"},
}

# Errors that the contract names and that the walk cannot bring about, with the reason; only a fault can.
UNREACHABLE = {
    "InternalServerException": "the daemon does not break on demand",
    "ServiceUnavailableException": "drain and upstream have tests of their own",
}
UNREACHABLE_OF = {
    ("ComprehendMedical", "ResourceNotFoundException", "Start"): "roles and keys are not kept here, only named",
    ("Personalize", "ResourceNotFoundException", "Create"): "solutions and filters are not kept here, only named",
    ("Personalize", "ResourceInUseException", "Create"): "as above",
    ("EntityResolution", "ExceedsLimitException", "Start"): "jobs wait in a queue without a limit here",
}

RARELY = 1000  # requests, of which every fifth or so ends in any given fault

# Members of responses that nothing here ever gives, with the reason.
NEVER_GIVEN = {
    ("Matching", "incrementalRunType"): "its one value is refused: no jobs start by themselves here",
}


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--socket", required=True, help="the daemon to walk through")
    options.add_argument("--http", required=True, help="socket of its AWS endpoint")
    options.add_argument("--limited", required=True, help="a daemon without executors and a second request")
    options.add_argument("--closed", required=True, help="a daemon whose access rules let nobody do anything")
    options.add_argument("--faulty", required=True, help="a daemon that fails now and then with every error there is")
    options.add_argument("--state", required=True, help="state directory of the first one")
    options.add_argument("--samples", required=True, help="the folder of sample inputs")
    options.add_argument("--gates", required=True, help="a folder that the executors look at")
    options.add_argument("--contract", required=True, help="the folder proto-spec")
    options = options.parse_args()

    models, record, complaints = Models(), Record(), []
    contract = Contract(Client(options.socket).call("rpc.discover", {})["result"])
    comparison = Comparison(contract, models)
    comparison.run()
    complaints += comparison.complaints
    complaints += uncommented(options.contract)

    doors = Doors(options.socket, options.http, models, complaints)
    examiner = Examiner(doors, contract, models, record, complaints)
    walks_through(examiner, Stage(options.state, options.samples, options.gates))
    limited(Examiner(Client(options.limited), contract, models, record, complaints))
    closed(Examiner(Client(options.closed), contract, models, record, complaints))
    complaints += incomplete(contract, models, record)
    faulty(Examiner(Client(options.faulty), contract, models, record, complaints))

    for line in dict.fromkeys(complaints):
        print(line)
    if complaints:
        sys.exit(1)
    print(json.dumps({
        "comparisons": comparison.count,
        "comparedOverHTTP": doors.compared,
        "operations": {method: {"requests": record.requests[method], "responses": record.responses[method],
                                "errors": sum(record.errors[method].values())}
                       for method in sorted(record.requests)},
    }))


def uncommented(folder):
    """Each difference that is ours has a comment in the contract, and each such comment is about one."""
    commented = set()
    for path in Path(folder).glob("*.yaml"):
        service = None
        for line, following in zip((lines := path.read_text().splitlines()), lines[1:] + [""]):
            if line.startswith("service:"):
                service = line.split()[1]
            if re.match(r"\s*# Ours\b", line):
                commented.add((service, following.split(":")[0].strip()))
    names = {"Status": "JobStatus", "ComprehendMedicalAsyncJobFilter": "JobFilter"}
    listed = {(one.shape.split(".")[0], names.get(one.shape.split(".")[-1], one.shape.split(".")[-1])) for one in OURS}
    for service, name in sorted(listed - commented):
        yield f"{service}.{name}: ours, and no comment in proto-spec says why"
    for service, name in sorted(commented - listed):
        yield f"{service}.{name}: a comment in proto-spec says ours, and it does not differ"


def walks_through(examiner, stage):
    """All families of all services, one after another; what ends one walk is a complaint about that one."""
    common = (examiner, Samples(), stage)
    groups = [[MedicalWalk(family, *common) for family in FAMILIES],
              [PersonalizeWalk(kind, *common) for kind in ("Segment", "Inference")],
              [ResolutionWalk(kind, *common) for kind in ("Matching", "IdMapping")]]
    for group in groups:
        for walk in group:
            attempt(examiner, walk.family, walk.run)
        for walk, other in zip(group, group[1:] + group[:1]):
            attempt(examiner, walk.family, lambda: walk.foreign(other))
        for walk in group:
            attempt(examiner, walk.family, walk.probes)


def attempt(examiner, what, work):
    try:
        work()
    except ProtocolError:
        raise
    except Failed as failure:
        examiner.complain(what, f"the walk ends here: {failure}")
    except Exception:
        examiner.complain(what, "the walk ends here: " + traceback.format_exc().replace("\n", " | "))


def limited(examiner):
    """Of every operation one request, of those that start a job without a program to do it, and one too many."""
    samples = Samples()
    for method in sorted(examiner.contract.methods, key=lambda method: ".Delete" in method):
        operation = examiner.models.operation(method)
        if operation is not None:
            named = {"workflowName": "limited"} if "workflowName" in operation.input.members else {}
            request = samples.request(operation, **named)
            _, error = examiner.send(method, request)
            if re.match("(Start|Create).*Job$", operation.name) and (error is None or error["code"] != 400):
                examiner.complain(method, f"starts a job without an executor: {error}")
            _, error = examiner.send(method, request)
            if error is None or error["code"] != 429 or error["data"].get("retryAfterMs", 0) < 1:
                examiner.complain(method, f"answers one request too many with {error}")


def closed(examiner):
    """Every operation refused, before anything else is looked at: requests that fit no schema are refused alike."""
    samples = Samples()
    for method in examiner.contract.methods:
        operation = examiner.models.operation(method)
        if operation is not None:
            _, error = examiner.send(method, samples.request(operation))
            unfit = examiner.client.call(method, {"nonsense": 1})["error"]
            for one in (error, unfit):
                found = one and (one["code"], one["data"]["type"], one["data"].get("processed"), one["data"]["retryable"])
                if found != (403, "AccessDeniedException", False, False):
                    examiner.complain(method, f"lets in whom it should refuse: {one}")


def faulty(examiner):
    """Every error that the contract names for an operation, however rare."""
    samples = Samples()
    for method in examiner.contract.methods:
        operation = examiner.models.operation(method)
        if operation is None:
            continue
        request, missing = samples.request(operation), examiner.contract.errors(method)
        for _ in range(RARELY):
            if not missing:
                break
            _, error = examiner.send(method, request)
            missing.discard(error and (error["code"], error["data"]["type"]))
        for code, kind in sorted(missing):
            examiner.complain(method, f"never answered {code} {kind}, of which the faults are a fifth")


def incomplete(contract, models, record):
    """What the walks should have seen and did not."""
    for method in sorted(set(OPERATIONS) | {name for name in contract.methods if models.operation(name)}):
        operation = models.operation(method)
        if not record.responses[method] or not record.errors[method]:
            yield f"{method}: {record.responses[method]} responses and {len(record.errors[method])} errors were seen"
        seen = {text.partition(" ")[2] for text in record.errors[method]}
        for _, kind in contract.errors(method) if method in contract.methods else ():
            verb = re.match("[A-Z][a-z]+", operation.name).group()
            excused = kind in UNREACHABLE or (operation.service, kind, verb) in UNREACHABLE_OF
            if (kind in seen) == excused:
                yield f"{method}: {kind} is {'listed as unreachable, and came' if excused else 'never seen'}"
        shown = record.values[method]
        if re.match("(Describe|Get|List).*Jobs?$", operation.name) and shown != STATES[operation.service]:
            yield f"{method}: shows the states {sorted(shown)}, not {sorted(STATES[operation.service])}"
        missing = set(places(operation.output)) - record.members[method]
        for place in sorted(missing):
            kind = "Matching" if "Matching" in operation.name else operation.name
            if (kind, place.split(".")[-1]) not in NEVER_GIVEN:
                yield f"{method}: never gives {place}"


def places(shape, path=""):
    """Every member of a response, as `outer.inner`."""
    if shape.type_name == "structure" and not shape.is_document_type:
        for name, part in shape.members.items():
            yield f"{path}.{name}".lstrip(".")
            yield from places(part, f"{path}.{name}".lstrip("."))
    elif shape.type_name == "list":
        yield from places(shape.member, path)


if __name__ == "__main__":
    main()
