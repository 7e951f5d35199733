#!/usr/bin/env python3
"""Runs the vectors against a server. Needs nothing but Python 3.8 and the files beside it; README.md describes them.

    run.py /run/jobline/jobline.sock          those that need no settings, against a server that runs
    run.py --start ./joblined                 all of them, each file against a daemon started for it
    run.py --start ./joblined order window    these files only
"""
import json, os, pathlib, random, select, signal, socket, subprocess, sys, tempfile, time
from concurrent.futures import ThreadPoolExecutor

HERE = pathlib.Path(__file__).parent
PATIENCE = 30.0
WAYS = ["whole", "byte by byte", 1, 2, 3]
END = b'{"jsonrpc":"2.0","id":"end of vector","method":"rpc.ping"}'


class Failure(Exception):
    pass


def expand(value, n=None):
    """The bytes that a vector means."""
    if isinstance(value, str):
        return (value if n is None else value.replace("${n}", str(n))).encode()
    if isinstance(value, list):
        return b"".join(expand(part, n) for part in value)
    if "hex" in value:
        return bytes.fromhex(value["hex"])
    if "frame" in value:
        body = expand(value["frame"], n)
        return b"%d\n%s\n" % (len(body), body)
    return b"".join(expand(value["repeat"], i + 1) for i in range(value["times"]))


def pieces(data, way):
    """Cuts bytes into writes."""
    if way == "whole":
        return [data]
    if way == "byte by byte":  # of many bytes the first and last, where frames begin and end
        middle = max(2048, len(data) - 2048)
        ends = [data[i : i + 1] for i in range(min(2048, len(data)))], [data[i : i + 1] for i in range(middle, len(data))]
        return ends[0] + [data[i : min(i + 2048, middle)] for i in range(2048, middle, 2048)] + ends[1]
    source, cuts = random.Random(way), []
    while data:
        length = source.randint(1, max(16, len(data) // 8))
        cuts.append(data[:length])
        data = data[length:]
    return cuts


def patterns(values):
    """The replies to expect, repeated ones written out."""
    for value in values:
        if "repeat" not in value:
            yield value
            continue
        for n in range(1, value["times"] + 1):
            ((form, members),) = value["repeat"].items()
            yield {form: {k: n if v == "${n}" else v for k, v in members.items()}}


def same(a, b):
    """Python takes True for 1 and False for 0; JSON does not."""
    return json.dumps(a, sort_keys=True) == json.dumps(b, sort_keys=True)


def fits(pattern, form, reply):
    ((expected_form, members),) = pattern.items()
    error = reply.get("error", {})
    if form != expected_form or reply.get("jsonrpc") != "2.0":
        return False
    if "method" not in members and ("error" in reply, "result" in reply) != ("code" in members, "code" not in members):
        return False
    for name in ("id", "result", "method", "params"):
        if name in members and not (name in reply and same(reply[name], members[name])):
            return False
    if "code" in members and error.get("code") != members["code"] or members.get("says", "") not in error.get("message", ""):
        return False
    for name, value in members.get("data", {}).items():
        found = error.get("data", {}).get(name)
        if isinstance(value, dict):
            if not isinstance(found, int) or not value["from"] <= found <= value["to"]:
                return False
        elif not same(found, value):  # null: the member is absent
            return False
    return True


class Connection:
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.socket.setblocking(False)
        self.data, self.ended, self.sending = b"", False, True

    def receive(self):
        chunk = self.socket.recv(1 << 16)
        self.data += chunk
        self.ended = not chunk

    def send(self, data, deadline, reads=True):
        """Writes, and reads meanwhile; a server that takes nothing more says why in its reply."""
        data = memoryview(data)
        while data and self.sending:
            try:
                data = data[self.socket.send(data) :]
            except BlockingIOError:
                wants = [self.socket] if reads and not self.ended else []
                readable, writable, _ = select.select(wants, [self.socket], [], max(0, deadline - time.monotonic()))
                if not readable and not writable:
                    raise Failure("the server does not read")
                if readable:
                    self.receive()
            except (BrokenPipeError, ConnectionResetError):
                self.sending = False

    def frame(self):
        """The next frame as its form and object, if it is there."""
        head, line_feed, rest = self.data.partition(b"\n")
        if not line_feed:
            return None
        if head.startswith(b"{"):
            self.data = rest
            return "bare", json.loads(head)
        if not head:
            self.data = rest
            return self.frame()
        if not head.isdigit() or head.startswith(b"0") or len(head) > 7:
            raise Failure(f"no frame: {head[:80]}")
        if len(rest) <= int(head):
            return None
        body, self.data = rest[: int(head)], rest[int(head) + 1 :]
        if rest[int(head) : int(head) + 1] != b"\n":
            raise Failure("no line feed behind the body")
        return "framed", json.loads(body)

    def next(self, deadline):
        """The next frame; None at the end of the stream."""
        while True:
            found = self.frame()
            if found or self.ended:
                if self.ended and not found and self.data:
                    raise Failure("the stream ends within a frame")
                return found
            if not select.select([self.socket], [], [], max(0, deadline - time.monotonic()))[0]:
                raise Failure("nothing came")
            self.receive()


class Run:
    """One vector, cut in one way."""

    def __init__(self, path, way, kill):
        self.path, self.way, self.kill, self.connections, self.retry_after = path, way, kill, {}, 0

    def connection(self, name):
        if name not in self.connections:
            self.connections[name] = Connection(self.path)
        return self.connections[name]

    def expect(self, connection, values, any_order, deadline):
        missing = list(patterns(values))
        while missing:
            found = connection.next(deadline)
            if not found:
                raise Failure(f"closed; expected {missing[0]}")
            self.retry_after = found[1].get("error", {}).get("data", {}).get("retryAfterMs", self.retry_after)
            index = next((i for i, p in enumerate(missing if any_order else missing[:1]) if fits(p, *found)), None)
            if index is None:
                raise Failure(f"expected {missing[0]}, came {found[0]} {json.dumps(found[1])[:300]}")
            del missing[index]

    def step(self, step):
        name = step.get("on", "main")
        connection = self.connection(name)
        deadline = time.monotonic() + step.get("withinMs", PATIENCE * 1000) / 1000
        if "send" in step:
            for piece in pieces(expand(step["send"]), self.way):
                connection.send(piece, deadline)
        elif "expect" in step:
            self.expect(connection, step["expect"], step.get("order") == "any", deadline)
        elif "closed" in step:
            found = connection.next(deadline)
            if found:
                raise Failure(f"expected the end, came {found}")
        elif "halfClose" in step:
            connection.socket.shutdown(socket.SHUT_WR)
        elif "hangUp" in step:
            self.connections.pop(name).socket.close()
        elif "flood" in step:
            while connection.sending:
                connection.send(expand(step["flood"]), deadline, reads=False)
                if time.monotonic() > deadline:
                    raise Failure("the server goes on reading")
        elif "pauseMs" in step:
            time.sleep(step["pauseMs"] / 1000)
        elif "pauseFor" in step:
            time.sleep(self.retry_after / 1000)
        elif "signal" in step:
            self.kill(getattr(signal, "SIG" + step["signal"]))
        elif "open" not in step:
            raise Failure(f"unknown step {step}")

    def run(self, vector):
        number = 0
        try:
            for number, step in enumerate(vector["steps"], 1):
                self.step(step)
            if vector["survivable"]:
                number = "ping"
                self.step({"send": {"frame": END.decode()}})
                self.step({"expect": [{"framed": {"id": "end of vector", "result": {}}}]})
        except (Failure, OSError, ValueError) as error:
            return f"{vector['name']}, {self.way}, step {number}: {error}"
        finally:
            for connection in self.connections.values():
                connection.socket.close()


def run_all(vectors, path, kill):
    """Failures; vectors that are run only once go side by side, as most of them wait for the time to pass."""
    with ThreadPoolExecutor(4) as pool:
        once = [pool.submit(Run(path, "whole", kill).run, v) for v in vectors if not v.get("split", True)]
        failures = [Run(path, way, kill).run(v) for v in vectors if v.get("split", True) for way in WAYS]
        return [failure for failure in failures + [result.result() for result in once] if failure]


def run_with_daemon(program, settings, vectors):
    """The same against a daemon of these settings."""
    with tempfile.TemporaryDirectory(prefix="jobline-") as folder:
        path, configuration = folder + "/s", folder + "/joblined.yaml"
        os.mkdir(folder + "/state")
        with open(configuration, "w") as file:
            json.dump(settings, file)  # every JSON text is a YAML text
        command = [program, "--socket", path, "--state-directory", folder + "/state", "--config", configuration]
        daemon = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        try:
            for _ in range(600):
                try:
                    connection = Connection(path)
                except OSError:  # not there yet
                    time.sleep(0.05)
                    continue
                connection.socket.shutdown(socket.SHUT_WR)
                connection.next(time.monotonic() + PATIENCE)  # the end: it counts no more
                break
            return run_all(vectors, path, daemon.send_signal)
        finally:
            daemon.terminate()
            daemon.wait(60)


def main(arguments):
    program = arguments.pop(1) if arguments and arguments[0] == "--start" else None
    if not arguments:
        sys.exit(__doc__)
    target, names = arguments[0], arguments[1:]
    jobs, count, skipped = [], 0, 0
    for file in sorted(HERE.glob("*.json")):
        content = json.loads(file.read_text())
        vectors = content["vectors"]
        if content["direction"] != "toServer" or names and file.stem not in names:
            continue
        if program is None and ("requires" in content or content.get("fresh")):
            skipped += len(vectors)
            continue
        count += len(vectors)
        groups = [[vector] for vector in vectors] if content.get("fresh") else [vectors]
        jobs += [(content.get("requires", {}), group) for group in groups]
    with ThreadPoolExecutor(8 if program else 1) as pool:
        work = lambda job: run_with_daemon(program, *job) if program else run_all(job[1], target, None)
        failures = [failure for found in pool.map(work, jobs) for failure in found]
    print(*failures, f"{count} vectors, {len(failures)} failures, {skipped} skipped: they need a daemon of their own", sep="\n")
    sys.exit(bool(failures))


if __name__ == "__main__":
    main(sys.argv[1:])
