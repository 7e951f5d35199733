"""Sends requests over the frames and over every wire of the AWS endpoint, and compares what comes back."""

import http.client
import io
import json
import re
import socket
import struct
import urllib.parse

import botocore.parsers

from wire import Client

TIMES = {"SubmitTimeBefore", "SubmitTimeAfter"}


class Connection(http.client.HTTPConnection):
    """A connection to the AWS endpoint over its Unix socket."""

    def __init__(self, path):
        super().__init__("localhost")
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(60)
        self.sock.connect(self.path)


class Doors(Client):
    """A client over the frames, which repeats refused requests and reads over the other wires."""

    def __init__(self, path, http_path, models, complaints):
        super().__init__(path)
        self.models, self.complaints = models, complaints
        self.connection = Connection(http_path)
        self.compared = 0

    def call(self, method, params):
        reply = super().call(method, params)
        service, _, name = method.partition(".")
        if self.models.operation(method) is None:
            return reply
        operation = self.models.services[service].operation_model(name)
        is_read = re.match("Describe|Get|List", operation.name)
        if "error" not in reply and not is_read:
            return reply
        for request in requests(operation, params):
            found = self.send(operation, *request)
            # A job may have changed its state in between.
            again = super().call(method, params)
            if shape(again) != shape(reply):
                reply = again
                break
            expected = self.expected(operation, reply)
            self.compared += 1
            if found != expected:
                self.complaints.append(
                    f"{method}: over {request[0]} {found!r:.300} instead of {expected!r:.300} to {params!r:.200}")
        return reply

    def send(self, operation, wire, verb, target, headers, body):
        """Status and error type with message, or status and result."""
        self.connection.request(verb, target, body=body, headers=headers)
        response = self.connection.getresponse()
        text = response.read()
        content = cbor(text) if wire == "cbor" else json.loads(text)
        if response.status == 200:
            return 200, content
        kind = response.headers["x-amzn-ErrorType"]
        if wire != "rest" and content["__type"] != kind:
            return response.status, "two types", content
        return response.status, kind, content.get("Message", content.get("message"))

    def expected(self, operation, reply):
        if "result" in reply:
            return 200, reply["result"]
        error = reply["error"]
        kind = error["data"]["type"]
        modelled = next((one for one in operation.service_model.error_shapes if one.name == kind), None)
        status = modelled.metadata.get("error", {}).get("httpStatusCode", 400) if modelled is not None else None
        return status or {503: 503, 500: 500, 403: 403, 429: 429}.get(error["code"], 400), kind, error["message"]


def shape(reply):
    """What two replies to one request have in common; page tokens differ each time."""
    return json.dumps(reply.get("result", reply.get("error")), sort_keys=True)


def requests(operation, params):
    """The same request on each wire of its service."""
    service = operation.service_model
    if service.service_name == "entityresolution":
        request = rest(operation, params)
        return [request] if request else []
    target = f"{service.metadata['targetPrefix']}.{operation.name}"
    body = json.dumps(params, indent=1).encode()
    found = [("json", "POST", "/", {"X-Amz-Target": target, "Content-Type": "application/x-amz-json-1.1"}, body)]
    if service.service_name == "comprehendmedical":
        path = f"/service/{service.metadata['targetPrefix']}/operation/{operation.name}"
        headers = {"Smithy-Protocol": "rpc-v2-cbor", "Content-Type": "application/cbor"}
        found.append(("cbor", "POST", path, headers, encode(params)))
    return found


def rest(operation, params):
    """The request by the model's bindings; None if the parameters have no place in a path or query."""
    body, query, path = dict(params), {}, operation.http["requestUri"]
    for name, member in operation.input_shape.members.items():
        location = member.serialization.get("location")
        if location == "uri":
            value = body.pop(name, None)
            if not isinstance(value, str) or not value:
                return None
            path = path.replace("{" + name + "}", urllib.parse.quote(value, safe="~"))
        elif location == "querystring" and name in body:
            value = body.pop(name)
            if isinstance(value, bool) or not isinstance(value, {"integer": int}.get(member.type_name, str)):
                return None
            query[name] = value
    verb = operation.http["method"]
    if verb in ("GET", "DELETE") and body:
        return None
    target = path + ("?" + urllib.parse.urlencode(query) if query else "")
    return "rest", verb, target, {}, json.dumps(body).encode() if body else None


def cbor(data):
    """A message as JSON has it."""
    parser = botocore.parsers.RpcV2CBORParser()
    return plain(parser.parse_data_item(io.BufferedReader(io.BytesIO(data))))


def plain(value):
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    if hasattr(value, "timestamp"):
        return value.timestamp()
    return value


def encode(value, is_time=False):
    """CBOR of a JSON value."""
    if value is None:
        return b"\xf6"
    if isinstance(value, bool):
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, (int, float)):
        tag = b"\xc1" if is_time else b""
        if isinstance(value, float):
            return tag + b"\xfb" + struct.pack(">d", value)
        if not -(1 << 64) <= value < 1 << 64:
            return tag + b"\xfb" + struct.pack(">d", float(value))
        return tag + (head(0, value) if value >= 0 else head(1, -1 - value))
    if isinstance(value, str):
        text = value.encode("utf-8", "surrogatepass")
        return head(3, len(text)) + text
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(encode(one, is_time) for one in value)
    return head(5, len(value)) + b"".join(encode(name) + encode(one, name in TIMES) for name, one in value.items())


def head(major, number):
    if number < 24:
        return bytes([major << 5 | number])
    for info, size, letter in ((24, 1, "B"), (25, 2, "H"), (26, 4, "I"), (27, 8, "Q")):
        if number < 1 << 8 * size:
            return bytes([major << 5 | info]) + struct.pack(">" + letter, number)
    raise OverflowError(number)
