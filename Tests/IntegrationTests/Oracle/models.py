"""The services' published models, as botocore has them: shapes, their rules, and its parsers and validator."""

import functools
import json
import re
import sys
import unicodedata
import warnings
from collections import namedtuple
from datetime import datetime
from pathlib import Path

import botocore
from botocore import loaders, model, parsers, validate

# the release that the contract was written from
VERSION = Path(__file__).with_name("requirements.txt").read_text().strip().removeprefix("botocore==")

PROTOCOLS = {"ComprehendMedical": "json", "Personalize": "json", "EntityResolution": "rest-json"}

# Errors that the contract lets the daemon itself answer every operation with, in the service's own words.
COMMON = {
    "ComprehendMedical": {"TooManyRequestsException", "AccessDeniedException", "InternalServerException",
                          "ServiceUnavailableException"},
    "Personalize": {"TooManyRequestsException", "AccessDeniedException", "InternalServerException",
                    "ServiceUnavailableException"},
    "EntityResolution": {"ServiceUnavailableException"},
}

# A value that breaks a rule: where it is, which rule, and in words.
Deviation = namedtuple("Deviation", "path rule text")

Operation = namedtuple("Operation", "service name input output errors")


class Models:
    """All operations of the services, by the names that the contract gives them: `Service.Operation`."""

    def __init__(self):
        if botocore.__version__ != VERSION:
            raise SystemExit(f"botocore is {botocore.__version__}, not {VERSION}: run deploy/test, which provides it")
        loader = loaders.Loader()
        self.services, self.parsers, self.paginators = {}, {}, {}
        for name, protocol in PROTOCOLS.items():
            key = name.lower()
            self.services[name] = model.ServiceModel(loader.load_service_model(key, "service-2"), key)
            if protocol not in self.services[name].metadata.get("protocols", [protocol]):
                raise SystemExit(f"{name} is not published for {protocol} any more")
            self.parsers[name] = parsers.create_parser(protocol)
            self.paginators[name] = loader.load_service_model(key, "paginators-1")["pagination"]

    @functools.lru_cache(None)
    def operation(self, method):
        """The operation of this name, or None if the service has none."""
        service, _, name = method.partition(".")
        if service not in self.services or name not in self.services[service].operation_names:
            return None
        found = self.services[service].operation_model(name)
        errors = {shape.error_code: shape for shape in found.error_shapes}
        return Operation(service, name, found.input_shape, found.output_shape, errors)

    # --- what a program would have got from the real service ----------------------------------------------------------

    def parse(self, operation, result):
        """What botocore makes of a success with this result."""
        response = {"status_code": 200, "headers": self.headers(operation), "body": json.dumps(result).encode()}
        parsed = self.parsers[operation.service].parse(response, operation.output)
        parsed.pop("ResponseMetadata", None)
        return parsed

    def parse_error(self, operation, error):
        """What botocore makes of an error, as its endpoint does: the plain parse, and the one by the error's model."""
        data = error["data"]
        shape = self.services[operation.service].shape_for_error_code(data["type"])
        status, body, headers = 400, {"message": error["message"]}, self.headers(operation)
        if shape is not None:
            status = shape.metadata.get("error", {}).get("httpStatusCode", 400)
            values = {**data, "message": error["message"], "Message": error["message"]}
            body = {name: values[name] for name in shape.members if name in values}
        if PROTOCOLS[operation.service] == "rest-json":
            headers["x-amzn-errortype"] = data["type"] + ":"
        else:
            body["__type"] = "com.amazonaws#" + data["type"]
        response = {"status_code": status, "headers": headers, "body": json.dumps(body).encode()}
        parser = self.parsers[operation.service]
        parsed = parser.parse(response, operation.output)["Error"]
        return parsed, shape, None if shape is None else parser.parse(response, shape)

    @staticmethod
    def headers(operation):
        kind = "application/json" if PROTOCOLS[operation.service] == "rest-json" else "application/x-amz-json-1.1"
        return {"content-type": kind, "x-amzn-requestid": "0"}


def validator_report(params, shape):
    """What botocore's own validator says of a request; empty if it would send it."""
    errors = validate.ParamValidator().validate(params, shape)
    return errors.generate_report() if errors.has_errors() else ""


# --- whether a value is as its shape says -----------------------------------------------------------------------------


def deviations(shape, value, path=""):
    """Every rule of the shape that the value breaks, also those that botocore's validator leaves to the service."""
    if value is None:
        yield Deviation(path, "null", "is null")
        return
    if shape.type_name == "structure" and shape.is_document_type:
        return
    if not isinstance(value, JSON_TYPES[shape.type_name]) or isinstance(value, bool) != (shape.type_name == "boolean"):
        yield Deviation(path, "type", f"is no {shape.type_name}: {value!r:.80}")
        return
    yield from of_size(shape, value, path)
    if shape.type_name == "structure":
        yield from of_structure(shape, value, path)
    elif shape.type_name == "list":
        for index, element in enumerate(value):
            yield from deviations(shape.member, element, f"{path}[{index}]")
    elif shape.type_name == "map":
        # as in the daemon's paths, which never hold a key: it is the caller's own text
        for key, element in value.items():
            yield from deviations(shape.key, key, path)
            yield from deviations(shape.value, element, path)
    elif shape.type_name == "string":
        pattern = shape.metadata.get("pattern")
        if pattern is not None and not compiled(pattern).fullmatch(value):
            yield Deviation(path, "pattern", f"does not match {pattern} whole: {value!r:.80}")
        if shape.enum and value not in shape.enum:
            yield Deviation(path, "enum", f"is none of {shape.enum}: {value!r:.80}")


JSON_TYPES = {
    "structure": dict, "map": dict, "list": list, "string": str, "boolean": bool, "integer": int, "long": int,
    "timestamp": (int, float), "double": (int, float), "float": (int, float),
}


def of_structure(shape, value, path):
    for name in shape.required_members:
        if value.get(name) is None:
            yield Deviation(member(path, name), "required", "is required and not there")
    if shape.is_tagged_union and len(value) != 1:
        yield Deviation(path, "union", f"has {len(value)} members instead of one")
    for name, element in value.items():
        if name not in shape.members:
            yield Deviation(member(path, name), "unknown", "is not in the model")
        elif element is not None or name not in shape.required_members:
            yield from deviations(shape.members[name], element, member(path, name))


def of_size(shape, value, path):
    lower, upper = shape.metadata.get("min"), shape.metadata.get("max")
    size = value if shape.type_name in ("integer", "long", "double", "float") else None
    if shape.type_name in ("string", "list", "map"):
        size = len(value)
    if size is None:
        return
    rule = "range" if size is value else "length"
    if lower is not None and size < lower:
        yield Deviation(path, rule, f"{rule} {size} is under {lower}")
    if upper is not None and size > upper:
        yield Deviation(path, rule, f"{rule} {size} is over {upper}")


def member(path, name):
    return f"{path}.{name}" if path else name


# --- what botocore's parser kept --------------------------------------------------------------------------------------


def losses(shape, sent, parsed, path=""):
    """Where what was parsed is not what was sent."""
    kind = shape.type_name
    if kind == "structure" and not shape.is_document_type:
        if not isinstance(parsed, dict):
            yield f"{path}: parsed as {parsed!r:.80}"
            return
        for name, value in sent.items():
            if name not in parsed:
                yield f"{member(path, name)}: lost"
            else:
                yield from losses(shape.members[name], value, parsed[name], member(path, name))
        yield from (f"{member(path, name)}: parsed from nothing" for name in parsed if name not in sent)
    elif kind == "list":
        if len(sent) != len(parsed):
            yield f"{path}: {len(sent)} elements became {len(parsed)}"
        for index, (one, other) in enumerate(zip(sent, parsed)):
            yield from losses(shape.member, one, other, f"{path}[{index}]")
    elif kind == "timestamp":
        # milliseconds, and nothing finer that would be lost
        if not isinstance(parsed, datetime) or abs(parsed.timestamp() - sent) > 1e-6:
            yield f"{path}: {sent} was parsed as {parsed}"
        if abs(sent * 1000 - round(sent * 1000)) > 1e-3 or not 1e9 < sent < 1e11:
            yield f"{path}: {sent} is no number of seconds with milliseconds"
    elif sent != parsed or type(sent) is not type(parsed):
        yield f"{path}: {sent!r:.80} was parsed as {parsed!r:.80}"


# --- patterns ---------------------------------------------------------------------------------------------------------


@functools.lru_cache(None)
def compiled(pattern):
    r"""A published pattern for Python: `\d` is an ASCII digit, and `\p{...}` is spelt out."""
    pattern = re.sub(r"\\p\{(\w+)\}", spelt_out, pattern)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of "0-9-_" in a class, which means what it says
        return re.compile(ascii_digits(pattern))


def ascii_digits(pattern):
    """`\\d` inside a class and outside of one."""
    parts, inside, index = [], False, 0
    while index < len(pattern):
        pair = pattern[index:index + 2]
        if pair == r"\d":
            parts.append("0-9" if inside else "[0-9]")
            index += 2
        elif pair.startswith("\\"):
            parts.append(pair)
            index += 2
        else:
            inside = pair[0] == "[" or inside and pair[0] != "]"
            parts.append(pair[0])
            index += 1
    return "".join(parts)


def spelt_out(found):
    return r"[\x00-\x7f]" if found.group(1) == "ASCII" else category(found.group(1))


@functools.lru_cache(None)
def category(initial):
    """The ranges of all characters whose Unicode category begins with this letter."""
    ranges, start = [], None
    for code in range(sys.maxunicode + 2):
        there = code <= sys.maxunicode and unicodedata.category(chr(code)).startswith(initial)
        if there and start is None:
            start = code
        elif not there and start is not None:
            ranges.append(f"\\U{start:08x}-\\U{code - 1:08x}")
            start = None
    return "".join(ranges)
