"""The framed protocol, from proto-spec/README.md alone: standard library, one request at a time."""

import json
import socket


class Client:
    """A connection to the daemon."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(60)
        self.socket.connect(path)
        self.stream = self.socket.makefile("rb")
        self.id = 0

    def call(self, method, params):
        """The final reply to one request, whole."""
        self.id += 1
        body = json.dumps({"jsonrpc": "2.0", "id": self.id, "method": method, "params": params}).encode()
        self.socket.sendall(b"%d\n%s\n" % (len(body), body))
        while True:
            reply = json.loads(self.frame(), parse_constant=refused)
            if "method" not in reply:
                break
        if reply.get("jsonrpc") != "2.0" or reply.get("id") != self.id or ("result" in reply) == ("error" in reply):
            raise ProtocolError(f"{method}: this is no reply to request {self.id}: {reply}")
        return reply

    def frame(self):
        line = self.stream.readline()
        if line.startswith(b"{"):
            return line
        if not line.strip():
            raise ProtocolError("the daemon closed the connection")
        body = self.stream.read(int(line))
        if self.stream.read(1) != b"\n":
            raise ProtocolError("a frame is not as long as it says")
        return body


class ProtocolError(Exception):
    """What came is not what the contract promises."""


def refused(constant):
    raise ProtocolError(f"{constant} is not JSON")
