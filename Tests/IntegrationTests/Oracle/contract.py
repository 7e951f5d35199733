"""The contract, as rpc.discover gives it, against the services' published models."""

from collections import namedtuple

from models import COMMON, Deviation, compiled, deviations, member

# The 37 operations of the three job services, and those that ID mapping jobs need.
FAMILIES = ["EntitiesDetectionV2", "PHIDetection", "RxNormInference", "ICD10CMInference", "SNOMEDCTInference"]
OPERATIONS = (
    [f"ComprehendMedical.{verb}{family}Job{'s' * (verb == 'List')}"
     for family in FAMILIES for verb in ("Start", "Stop", "Describe", "List")]
    + [f"Personalize.{verb}Batch{kind}Job{'s' * (verb == 'List')}"
       for kind in ("Segment", "Inference") for verb in ("Create", "Describe", "List")]
    + [f"EntityResolution.{verb}{kind}Job{'s' * (verb == 'List')}"
       for kind in ("Matching", "IdMapping") for verb in ("Start", "Get", "List")]
    + [f"EntityResolution.{verb}MatchingWorkflow{'s' * (verb == 'List')}"
       for verb in ("Create", "Get", "List", "Update", "Delete")]
)

# Where the contract differs from the models on purpose, by the model's shape: the rule, what the model says, what the
# contract says. Each has its reason in a comment that begins with "Ours" in proto-spec.
ROLE_ARN = r"arn:aws:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+"
Ours = namedtuple("Ours", "shape rule published ours")
OURS = [
    # the documentation gives the range
    Ours("Personalize.CreateBatchSegmentJobRequest.numResults", "range", (None, None), (1, 5_000_000)),
    # a number of recommendations is at least 1
    Ours("Personalize.CreateBatchInferenceJobRequest.numResults", "range", (None, None), (1, None)),
    # an open string in the model, the documented values in the contract, which keeps others as they come
    Ours("Personalize.Status", "enum", [], ["ACTIVE", "CREATE FAILED", "IN PROGRESS", "PENDING"]),
    Ours("Personalize.Status", "length", (None, 256), (None, None)),
    # a pattern takes time, and so its subject needs a bound
    Ours("EntityResolution.KMSArn", "length", (None, None), (None, 2048)),
    Ours("EntityResolution.EntityNameOrIdMappingWorkflowArn", "length", (None, None), (None, 2048)),
    # an open string in workflows, which the model shows as a RoleArn in jobs
    *(Ours(f"EntityResolution.{verb}MatchingWorkflowInput.roleArn", rule, published, ours)
      for verb in ("Create", "Update")
      for rule, published, ours in (("length", (None, None), (32, 512)), ("pattern", None, ROLE_ARN))),
    # no page is without an element
    *(Ours(f"EntityResolution.List{kind}WorkflowsInput.maxResults", "range", (None, 25), (1, 25))
      for kind in ("Matching", "IdMapping")),
    # the documentation: no "//" in a path
    Ours("ComprehendMedical.S3Key", "excludes", None, "//"),
    # the documentation: one filter at a time
    Ours("ComprehendMedical.ComprehendMedicalAsyncJobFilter", "exclusive", None,
         ["JobName", "JobStatus", "SubmitTimeBefore", "SubmitTimeAfter"]),
]

# Errors that the contract gives an operation beyond its model and beyond the common ones, or leaves out: none so far.
OUR_ERRORS = {}

KINDS = {"integer": "integer", "long": "integer", "double": "number", "float": "number", "boolean": "boolean",
         "string": "string", "timestamp": "number", "structure": "object", "map": "object", "list": "array"}


class Contract:
    """The OpenRPC document, its references followed."""

    def __init__(self, document):
        self.components = document["components"]
        self.methods = {method["name"]: method for method in document["methods"]}

    def resolve(self, schema):
        """The schema behind references, with what stands beside them."""
        merged = {}
        for part in [schema] + schema.get("allOf", []):
            if "$ref" in part:
                kind, _, name = part["$ref"].removeprefix("#/components/").partition("/")
                merged.update(self.resolve(self.components[kind][name]))
            merged.update({key: value for key, value in part.items() if key not in ("$ref", "allOf")})
        return merged

    def errors(self, method):
        """(code, type) of the errors that an operation answers with."""
        found = [self.resolve(error) for error in self.methods[method]["errors"]]
        return {(error["code"], error["data"]["type"]) for error in found}

    def request(self, method):
        """The parameters of a method as one object's schema."""
        params = self.methods[method]["params"]
        described = ("description", "x-token", "x-sensitive")
        return {
            "type": "object",
            "properties": {one["name"]: {"allOf": [one["schema"]], **{key: one[key] for key in described if key in one}}
                           for one in params},
            "required": [one["name"] for one in params if one.get("required")],
        }


class Comparison:
    """Counts what was compared, and collects each difference that is not ours."""

    def __init__(self, contract, models):
        self.contract, self.models = contract, models
        self.count = 0
        self.complaints = []
        self.used = set()

    def run(self):
        for method in OPERATIONS:
            if method not in self.contract.methods:
                self.complaints.append(f"{method}: not in the contract")
        for method in self.contract.methods:
            if method.split(".")[0] in self.models.services:
                self.method(method)
        for index, one in enumerate(OURS):
            if index not in self.used:
                self.complaints.append(f"{one.shape}: is listed as ours in {one.rule}, and does not differ")

    def method(self, method):
        operation = self.models.operation(method)
        if operation is None:
            self.complaints.append(f"{method}: not in the model")
            return
        described = self.contract.methods[method]
        self.errors(method, operation)
        self.pages(method, operation, described.get("x-pages"))
        self.structure(method, operation.input, self.contract.request(method))
        self.structure(method, operation.output, self.contract.resolve(described["result"]["schema"]))

    def differ(self, method, shape, rule, published, ours, member_of=None):
        self.count += 1
        if published == ours:
            return
        service = method.split(".")[0]
        names = [f"{service}.{shape}"] + [f"{service}.{member_of}"] * (member_of is not None)
        for index, one in enumerate(OURS):
            if one.shape in names and (one.rule, one.published, one.ours) == (rule, published, ours):
                self.used.add(index)
                return
        self.complaints.append(f"{method}: {rule} of {member_of or shape} is {ours} in the contract, "
                               f"{published} in the model")

    def errors(self, method, operation):
        stated = {kind for _, kind in self.contract.errors(method)}
        published, common = set(operation.errors), COMMON[operation.service]
        allowed = OUR_ERRORS.get(method, set())
        self.differ(method, operation.name, "errors", [], sorted(stated - published - common - allowed))
        self.differ(method, operation.name, "errors", sorted(published - stated - allowed), [])

    def pages(self, method, operation, pages):
        published = self.models.paginators[operation.service].get(operation.name)
        if pages and published:
            stated = {"input_token": pages["token"], "output_token": pages["token"], "limit_key": pages["limit"],
                      "result_key": pages["items"]}
            self.differ(method, operation.name, "pages", dict(published), stated)
        else:
            # the models have no paginators for Comprehend Medical, whose lists page all the same
            pageable = any(name.lower() == "nexttoken" for name in operation.input.members)
            self.differ(method, operation.name, "pages", pageable, pages is not None)

    def structure(self, method, shape, schema, seen=()):
        properties = {name: self.contract.resolve(one) for name, one in schema.get("properties", {}).items()}
        self.differ(method, shape.name, "members", sorted(shape.members), sorted(properties))
        self.differ(method, shape.name, "required", sorted(shape.required_members), sorted(schema.get("required", [])))
        self.differ(method, shape.name, "exclusive", list(shape.members) if shape.is_tagged_union else None,
                    schema.get("x-exclusive"))
        for name in sorted(properties.keys() & shape.members.keys()):
            self.value(method, shape.members[name], properties[name], seen + (shape.name,), f"{shape.name}.{name}")
            published = shape.members[name]
            self.differ(method, published.name, "token", bool(published.metadata.get("idempotencyToken")),
                        properties[name].get("x-token", False), f"{shape.name}.{name}")
            if published.metadata.get("sensitive"):
                self.differ(method, published.name, "sensitive", True, properties[name].get("x-sensitive", False))

    def value(self, method, shape, schema, seen, member_of=None):
        schema, kind = self.contract.resolve(schema), shape.type_name
        if kind == "structure" and shape.is_document_type:
            self.differ(method, shape.name, "type", None, schema.get("type"), member_of)
            return
        self.differ(method, shape.name, "type", KINDS.get(kind), schema.get("type"), member_of)
        self.differ(method, shape.name, "timestamp", kind == "timestamp", "x-unit" in schema, member_of)
        self.rules(method, shape, schema, member_of)
        if kind == "structure" and shape.name not in seen:
            self.structure(method, shape, schema, seen)
        elif kind == "list":
            self.value(method, shape.member, schema["items"], seen)
        elif kind == "map":
            self.value(method, shape.key, schema.get("propertyNames", {"type": "string"}), seen)
            self.value(method, shape.value, schema["additionalProperties"], seen)

    def rules(self, method, shape, schema, member_of):
        noun = {"list": "Items", "map": "Properties"}.get(shape.type_name, "Length")
        numeric = shape.type_name in ("integer", "long", "double", "float")
        bounds = ("minimum", "maximum") if numeric else (f"min{noun}", f"max{noun}")
        published = (shape.metadata.get("min"), shape.metadata.get("max"))
        self.differ(method, shape.name, "range" if numeric else "length", published,
                    tuple(schema.get(name) for name in bounds), member_of)
        if shape.type_name == "string":
            pattern = schema.get("pattern")
            self.differ(method, shape.name, "pattern", shape.metadata.get("pattern"),
                        pattern and pattern.removeprefix("^(?:").removesuffix(")$"), member_of)
            self.differ(method, shape.name, "enum", sorted(shape.enum), sorted(schema.get("enum", [])), member_of)
            self.differ(method, shape.name, "excludes", None, schema.get("x-excludes"), member_of)


# --- what ours adds to the rules of a request -------------------------------------------------------------------------


def our_deviations(service, shape, value, path=""):
    """Where a request breaks a rule that the contract has and the model has not."""
    for one in OURS:
        if one.shape == f"{service}.{shape.name}":
            yield from broken(one, value, path)
    if shape.type_name == "structure" and isinstance(value, dict):
        for name, element in value.items():
            if name in shape.members:
                for one in OURS:
                    if one.shape == f"{service}.{shape.name}.{name}":
                        yield from broken(one, element, member(path, name))
                yield from our_deviations(service, shape.members[name], element, member(path, name))
    elif shape.type_name == "list" and isinstance(value, list):
        for index, element in enumerate(value):
            yield from our_deviations(service, shape.member, element, f"{path}[{index}]")


def broken(one, value, path):
    if one.rule == "exclusive":
        if isinstance(value, dict) and len(set(value) & set(one.ours)) > 1:
            yield Deviation(path, "exclusive", "has more than one member")
    elif one.rule == "excludes":
        if isinstance(value, str) and one.ours in value:
            yield Deviation(path, "excludes", f"holds {one.ours}")
    elif one.rule in ("length", "range") and isinstance(value, (str, int)):
        size = len(value) if isinstance(value, str) else value
        lower, upper = (size if bound is None else bound for bound in one.ours)
        if not lower <= size <= upper:
            yield Deviation(path, one.rule, f"{size} is outside of {one.ours}")
    elif one.rule == "pattern":
        if isinstance(value, str) and not compiled(one.ours).fullmatch(value):
            yield Deviation(path, "pattern", f"does not match {one.ours}")


def refusals(operation, params):
    """Why the contract refuses a request: broken rules of the model, and broken rules of ours.

    Members that the model does not know are passed over, and null is as good as absent: botocore never sends either.
    """
    found = [one for one in deviations(operation.input, params)
             if one.rule != "unknown" and (one.rule != "null" or one.path.endswith("]"))]
    return found, list(our_deviations(operation.service, operation.input, params))
