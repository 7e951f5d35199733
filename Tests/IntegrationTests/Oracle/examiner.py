"""Sends requests, and looks at every request and every reply through the services' models."""

from collections import Counter, defaultdict

import contract as contracts
from models import deviations, losses, validator_report

# What the service calls a request that does not fit its schema; Comprehend Medical has another name for a bad filter.
INVALID = {"ComprehendMedical": "InvalidRequestException", "Personalize": "InvalidInputException",
           "EntityResolution": "ValidationException"}

# What the contract puts beside the services' own members of an error.
DATA = {"type": str, "retryable": bool, "processed": bool, "retryAfterMs": int, "scope": str, "path": str,
        "quotaName": str, "quotaValue": int, "serviceRequestId": str}


class Record:
    """What was seen, by method."""

    def __init__(self):
        self.requests, self.responses, self.errors = Counter(), Counter(), defaultdict(Counter)
        self.values, self.members = defaultdict(set), defaultdict(set)


class Failed(Exception):
    """A reply was not the one that the walk needs to go on; the complaint is made already."""


class Examiner:
    """One connection, and all that is wrong with what came over it."""

    def __init__(self, client, contract, models, record, complaints):
        self.client, self.contract, self.models = client, contract, models
        self.record, self.complaints, self.about = record, complaints, None

    def complain(self, method, text):
        self.complaints.append(f"{method}: {text}" + (f" (with {self.about})" if self.about else ""))

    def send(self, method, params, about=None):
        """The reply: a result, or an error. Complains of all that is wrong with it, and tells what it was about."""
        self.about = about
        operation = self.models.operation(method)
        reply = self.client.call(method, params)
        error = reply.get("error")
        self.record.requests[method] += 1
        self.request(method, operation, params, error)
        if error is None:
            self.response(method, operation, reply["result"])
        else:
            self.error(method, operation, error)
        return reply.get("result"), error

    def call(self, method, **params):
        """The result of a request that has to succeed."""
        result, error = self.send(method, params)
        if error is not None:
            self.complain(method, f"refused what should succeed: {error}")
            raise Failed(method)
        return result

    def refused(self, method, kind, code, **params):
        """The error of a request that has to be refused with this type and code."""
        _, error = self.send(method, params)
        found = error and (error.get("data", {}).get("type"), error["code"])
        if found != (kind, code):
            self.complain(method, f"answered {found or 'a result'} instead of {(kind, code)} to {params!r:.200}")
        return error

    # --- a request ----------------------------------------------------------------------------------------------------

    def request(self, method, operation, params, error):
        """Daemon and model have to agree on whether a request fits the schema, and on the member that does not."""
        published, ours = contracts.refusals(operation, params)
        if error is None or error["code"] != -32602:
            for one in published + ours:
                self.complain(method, f"accepted though {one.path} {one.text}")
            report = validator_report(params, operation.input)
            if report and not published and not any(self.passed_over(operation, params)):
                self.complain(method, f"accepted what botocore would not send: {report}")
            return
        paths = {one.path for one in published + ours}
        if error.get("data", {}).get("path", "") not in paths:
            self.complain(method, f"refused {params!r:.300} because of {error.get('data', {}).get('path')!r}, "
                                  f"({error['message']}), the model because of {sorted(paths) or 'nothing'}")

    @staticmethod
    def passed_over(operation, params):
        return (one for one in deviations(operation.input, params) if one.rule in ("unknown", "null"))

    # --- a response ---------------------------------------------------------------------------------------------------

    def response(self, method, operation, result):
        self.record.responses[method] += 1
        found = list(deviations(operation.output, result))
        for one in found:
            self.complain(method, f"response: {one.path} {one.text}")
        if not any(one.rule in ("unknown", "null", "type") for one in found):
            parsed = self.models.parse(operation, result)
            for loss in losses(operation.output, result, parsed):
                self.complain(method, f"response: {loss}")
        self.note(method, operation.output, result)

    def note(self, method, shape, value, path=""):
        """Remembers which members and which values of enumerations were there."""
        if shape.type_name == "structure" and isinstance(value, dict) and not shape.is_document_type:
            for name in value.keys() & shape.members.keys():
                place = f"{path}.{name}".lstrip(".")
                self.record.members[method].add(place)
                self.note(method, shape.members[name], value[name], place)
        elif shape.type_name == "list" and isinstance(value, list):
            for element in value:
                self.note(method, shape.member, element, path)
        elif shape.type_name == "string" and path.lower().endswith("status"):
            self.record.values[method].add(value)

    # --- an error -----------------------------------------------------------------------------------------------------

    def error(self, method, operation, error):
        data = error.get("data")
        if not isinstance(data, dict) or not isinstance(error.get("message"), str) or not error["message"]:
            self.complain(method, f"an error without data or message: {error}")
            return
        kind, code = data.get("type"), error["code"]
        self.record.errors[method][f"{code} {kind}"] += 1
        for name, value in data.items():
            if not isinstance(value, DATA.get(name, ())) or isinstance(value, bool) != (DATA.get(name) is bool):
                self.complain(method, f"{kind}: data.{name} is {value!r}")
        if not {"type", "retryable"} <= data.keys():
            self.complain(method, f"an error without type or retryable: {error}")
            return
        self.kind(method, operation, kind, code, data.get("path", ""))
        self.named(method, error)
        parsed, shape, modelled = self.models.parse_error(operation, error)
        if (parsed["Code"], parsed["Message"]) != (kind, error["message"]):
            self.complain(method, f"{kind}: parsed as {parsed}")
        if shape is not None:
            self.modelled(method, shape, modelled, error)

    def named(self, method, error):
        """Many programs show the message and nothing else, so that it has to name the member."""
        path = error["data"].get("path")
        if path and not error["message"].startswith(path + ": "):
            self.complain(method, f"the message {error['message']!r} does not name {path}")

    def kind(self, method, operation, kind, code, path):
        stated = self.contract.errors(method)
        if code == -32602:
            expected = INVALID[operation.service]
            if operation.service == "ComprehendMedical" and path.split(".")[0] == "Filter":
                expected = "ValidationException"
            if kind != expected:
                self.complain(method, f"refuses what does not fit the schema with {kind} instead of {expected}")
        elif (code, kind) not in stated:
            self.complain(method, f"answers {code} {kind}, and the contract names {sorted(stated)}")
        if kind not in operation.errors and kind not in contracts.COMMON[operation.service]:
            self.complain(method, f"{kind} is no error of the operation in the model: {sorted(operation.errors)}")

    def modelled(self, method, shape, parsed, error):
        """The members that the model gives this error: all there, and as they were sent."""
        for one in deviations(shape, parsed):
            self.complain(method, f"{shape.name}: {one.path} {one.text}")
        for name in shape.members:
            sent = error["message"] if name.lower() == "message" else error["data"].get(name)
            if sent is None or parsed.get(name) != sent:
                self.complain(method, f"{shape.name}: {name} was sent as {sent!r} and parsed as {parsed.get(name)!r}")
