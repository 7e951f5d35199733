"""Valid requests made from the models' shapes, and everything that can be wrong with one member of them."""

import copy
import itertools
from collections import namedtuple

from models import compiled, member

ROLE = "arn:aws:iam::000000000000:role/jobline"
TABLE = "arn:aws:glue:us-east-1:000000000000:table/oracle/ok"
SOLUTION = "arn:aws:personalize:us-east-1:000000000000:solution/oracle/v1"
KEY = "arn:aws:kms:us-east-1:000000000000:key/1234abcd"
PROFILE = "arn:aws:profile:us-east-1:000000000000:domains/oracle"

# A good value for each string shape that has a pattern, or where the daemon's rules ask for more than the model's do;
# braces become a number, so that names and tokens differ.
STRINGS = {
    "S3Bucket": "oracle", "S3Key": "ok", "OutputDataConfig.S3Bucket": "oracle-results",
    "IamRoleArn": ROLE, "RoleArn": ROLE, "IdMappingRoleArn": ROLE,
    "ClientRequestTokenString": "token-{}", "JobName": "name {}", "KMSKey": KEY, "KmsKeyArn": KEY, "KMSArn": KEY,
    "roleArn": ROLE,
    "Name": "name-{}", "Arn": SOLUTION, "S3Location": "s3://oracle/ok/items.json", "ColumnName": "title",
    "s3DataDestination.path": "s3://oracle-results/",
    "EntityName": "name-{}", "EntityNameOrIdMappingWorkflowArn": "name-{}", "InputSourceARN": TABLE,
    "schemaName": "customers", "S3Path": "s3://oracle-results/mapping/",
    "OptionalS3Path": "s3://oracle-results/matching/",
    "JobId": "0123456789abcdef0123456789abcdef", "AttributeName": "email", "NextToken": "AAAA",
    "CustomerProfilesDomainArn": PROFILE, "CustomerProfilesObjectTypeArn": PROFILE + "/object-types/oracle",
    "ProviderServiceArn": "arn:aws:entityresolution:us-east-1::providerservice/oracle/service",
}
NUMBERS = {"numResults": 5, "RankingInfluenceWeight": 0.5}

# Structures of which a request may hold one member at a time.
EXCLUSIVE = {"ComprehendMedicalAsyncJobFilter"}

# Structures that are empty in a request: the daemon refuses the one value that the member of it can have.
EMPTY = {"IncrementalRunConfig"}

# A request with one thing about it, and what that is.
Probe = namedtuple("Probe", "params about")


class Samples:
    def __init__(self):
        self.numbers = itertools.count(1)

    def request(self, operation, whole=True, **members):
        """Valid parameters: all members or only the required ones, with some of them given."""
        params = self.value(operation.input, whole, ())
        params.update(members)
        return params

    def value(self, shape, whole, path):
        kind = shape.type_name
        if kind == "structure":
            if shape.is_document_type:
                return {"any": ["thing", 1, True, {"deep": "value"}]}
            names = [name for name in shape.members if whole or name in shape.required_members]
            if shape.name in EXCLUSIVE:
                names = names[:1]
            if shape.name in EMPTY:
                names = []
            return {name: self.value(shape.members[name], whole, path + (shape.name, name)) for name in names}
        if kind == "list":
            return [self.value(shape.member, whole, path)]
        if kind == "map":
            return {self.value(shape.key, whole, path): self.value(shape.value, whole, path)}
        if kind == "boolean":
            return True
        if kind == "timestamp":
            return 1718000000.25
        if kind != "string":
            return NUMBERS.get(path[-1], NUMBERS.get(shape.name, shape.metadata.get("min", 1)))
        if shape.enum:
            return shape.enum[0]
        members = path[1::2]
        named = (".".join(members[-2:]), members[-1], shape.name)
        text = next((STRINGS[name] for name in named if name in STRINGS), "text")
        return text.format(next(self.numbers)) if "{}" in text else text

    # --- one thing wrong, or just right -------------------------------------------------------------------------------

    def probes(self, operation, **given):
        """Requests with one member at or over the edge of what its shape allows, missing, or of another kind.

        The members in `given` are the same in all of them, unless it is their turn.
        """
        for start in self.starts(operation, given):
            yield Probe(start, "as it is")
            for place, shape, value in list(parts(operation.input, start, ())):
                for about, replacement in self.edges(shape, value):
                    yield Probe(self.fresh(operation, start, given, place, replacement), f"{text_of(place)} {about}")
                if shape.type_name == "structure" and not shape.is_document_type:
                    for name in shape.required_members:
                        yield Probe(self.fresh(operation, start, given, place + (name,), ABSENT),
                                    f"{text_of(place + (name,))} absent")
                        yield Probe(self.fresh(operation, start, given, place + (name,), None),
                                    f"{text_of(place + (name,))} null")

    def starts(self, operation, given):
        """Whole requests: lists without a token too, because none fits; where members exclude each other one each."""
        start = self.request(operation, **given)
        yield start
        if any(name.lower() == "nexttoken" for name in start):
            yield {name: value for name, value in start.items() if name.lower() != "nexttoken"}
        for name, shape in operation.input.members.items():
            if shape.name in EXCLUSIVE:
                each = [{key: self.value(part, True, (shape.name, key))} for key, part in shape.members.items()]
                for part in each:
                    yield {name: part}
                yield {name: {key: value for part in each for key, value in part.items()}}

    def fresh(self, operation, start, given, place, replacement):
        """The request with one part replaced, under a name and a token of its own."""
        params = copy.deepcopy(start)
        for name, shape in operation.input.members.items():
            text = STRINGS.get(shape.name, "")
            if "{}" in text and name in params and name not in given:
                params[name] = text.format(next(self.numbers))
        holder = params
        for step in place[:-1]:
            holder = holder[step]
        if replacement is ABSENT:
            holder.pop(place[-1], None)
        else:
            holder[place[-1]] = replacement
        return params

    def edges(self, shape, value):
        """(what it is, the value) for values at and over the edges of a shape, whether it takes them or not."""
        kind, lower, upper = shape.type_name, shape.metadata.get("min"), shape.metadata.get("max")
        if shape.type_name == "structure" and shape.is_document_type:
            yield from (("a list", [1, "two"]), ("a string", "text"))
            return
        yield from ((f"of type {type(other).__name__}", other) for other in OTHERS[kind])
        if kind in ("integer", "long", "double", "float"):
            yield from ((f"= {edge}", edge) for edge in self.around(lower, upper, -(2**31), 2**31 - 1, 1))
            if kind in ("double", "float"):
                yield "= 0.25", 0.25
        elif kind == "list":
            for size in self.around(lower, upper, 0, None, 1):
                yield f"of {size}", [copy.deepcopy(value[0]) for _ in range(size)]
            yield "holding null", [None]
        elif kind == "map":
            key, element = next(iter(value.items()))
            for size in self.around(lower, upper, 0, None, 1):
                yield f"of {size}", {sized(shape.key, key, index): element for index in range(size)}
            yield from ((f"with a key {about}", {edge: element}) for about, edge in strings(shape.key, key))
            yield from ((f"with a value {about}", {key: edge}) for about, edge in self.edges(shape.value, element))
        elif kind == "string":
            yield from strings(shape, value)

    @staticmethod
    def around(lower, upper, least, most, step):
        """The bounds and what is just over them; without bounds, what is far."""
        edges = {least, most} if lower is None and upper is None else set()
        for edge in (lower, upper):
            if edge is not None:
                edges |= {edge - step, edge, edge + step}
        return sorted(edge for edge in edges if edge is not None and (least == -(2**31) or edge >= 0))


def parts(shape, value, place):
    """Every part of a value with its shape and its place; map entries are edges of the map."""
    if place:
        yield place, shape, value
    if shape.type_name == "structure" and not shape.is_document_type and isinstance(value, dict):
        for name in value:
            yield from parts(shape.members[name], value[name], place + (name,))
    elif shape.type_name == "list":
        yield from parts(shape.member, value[0], place + (0,))


ABSENT = object()

# Values of other kinds than a shape's own.
OTHERS = {
    "string": [1, True, [], {}], "boolean": ["true", 1], "integer": ["1", 1.5, True, []], "long": ["1", 1.5, True],
    "double": ["1", True], "float": ["1", True], "timestamp": ["soon", True, {}],
    "list": ["text", {}, 1], "map": ["text", [], 1], "structure": ["text", [], 1],
}


def strings(shape, value):
    """Strings at the edges of a shape's length, pattern and enumeration."""
    lower, upper = shape.metadata.get("min"), shape.metadata.get("max")
    if shape.enum:
        yield from (("unknown", "NO_SUCH_VALUE"), ("in other letters", value.swapcase()), ("empty", ""))
        return
    found = {value: None}
    for size in {edge + step for edge in (lower, upper) if edge is not None for step in (-1, 0, 1)} | {0}:
        if size >= 0:
            for filler in ("a", "/a", "é", "\U00010400"):
                text = filled(shape, value, size, filler)
                if text is not None:
                    found.setdefault(text, f"of {size} characters like {filler}")
    if upper is not None:
        found.setdefault("a" * (upper + 1), f"of {upper + 1} characters")
    # a `$` that is also before a last line feed, digits of other scripts, characters that no pattern means
    for about, text in (("with a line feed", value + "\n"), ("after a line feed", "\n" + value), ("blank", " "),
                        ("with a NUL", value + "\0"), ("with a pictograph", value + "\U0001f600"),
                        ("with other digits", value.replace("0", "\u0660")), ("with a quote", value + '"')):
        if shape.metadata.get("pattern"):
            found.setdefault(text, about)
    yield from ((about, text) for text, about in found.items() if about)


def filled(shape, seed, size, filler):
    """A string of exactly this size that matches the shape's pattern; None if none was found."""
    pattern = shape.metadata.get("pattern")
    if pattern is None:
        return (filler * size)[:size]
    missing = size - len(seed)
    if missing < 0:
        tries = ((filler * size)[:size], seed[:size], seed[len(seed) - size:])
    else:
        tries = (seed[:place] + (filler * missing)[:missing] + seed[place:] for place in range(len(seed), -1, -1))
    return next((text for text in tries if compiled(pattern).fullmatch(text)), None)


def sized(shape, key, index):
    """Different keys of a map; of an enumeration there are only so many."""
    return shape.enum[index % len(shape.enum)] if shape.enum else f"{key}{index}"


def text_of(place):
    path = ""
    for step in place:
        path = f"{path}[{step}]" if isinstance(step, int) else member(path, step)
    return path
