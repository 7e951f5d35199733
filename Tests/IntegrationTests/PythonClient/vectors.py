"""The vectors of the contract against the client in proto-spec/examples, and the arithmetic of its retries."""

import json
import os
import pathlib
import random
import socket
import sys
import tempfile
import threading
import unittest
from concurrent.futures import ThreadPoolExecutor

ROOT = pathlib.Path(__file__).resolve().parents[3] / "proto-spec"
sys.path[:0] = [str(ROOT / "examples"), str(ROOT / "vectors")]

import run
from jobline_client import FrameReader, JoblineClient, JoblineError, decode, may_repeat, pause


def files(direction):
    contents = [json.loads(path.read_text()) for path in sorted((ROOT / "vectors").glob("*.json"))]
    return [content for content in contents if content["direction"] == direction]


def end(call):
    """How a call ended, in the words of the vectors."""
    try:
        return {"result": call()}
    except JoblineError as error:
        own = {"ProtocolViolation": "broken", "ConnectionLost": "lost", "Timeout": "timeout"}
        return own.get(error.type, error.type) if error.code is None else {"code": error.code, "data": error.data}


def fits(came, expected):
    if isinstance(came, str) or isinstance(expected, str):
        return came == expected or expected == "answered" and "result" in came
    if "result" in expected:
        return "result" in came and run.same(came["result"], expected["result"])
    data = expected.get("data", {})
    return came.get("code") == expected["code"] and all(run.same(came["data"].get(n), data[n]) for n in data)


class StandIn:
    """A server that reads the calls, sends what a vector says, and then closes, or waits until the client does."""

    def __init__(self, path, vector, way):
        self.vector, self.way = vector, way
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen()
        self.thread = threading.Thread(target=self.play, daemon=True)
        self.thread.start()

    def calls(self, connection):
        """The id of each call, by its number."""
        reader, ids = FrameReader(), {}
        while len(ids) < self.vector.get("calls", 1):
            for request in map(decode, reader.feed(connection.recv(1 << 16))):
                if request["method"] != "rpc.hello":
                    ids[request["params"]["n"]] = request["id"]
        return ids

    def play(self):
        with self.listener, self.listener.accept()[0] as connection:
            text = json.dumps(self.vector["send"])
            for number, id in self.calls(connection).items():
                text = text.replace("${%d}" % number, str(id))
            try:
                for piece in run.pieces(run.expand(json.loads(text)), self.way):
                    connection.sendall(piece)
                while self.vector["then"] == "wait" and connection.recv(1 << 16):
                    pass
            except OSError:
                pass  # the client has seen enough


def failure(vector, way):
    """What is wrong with the client that is sent this vector; None if nothing is."""
    ends = vector["ends"]
    with tempfile.TemporaryDirectory(prefix="jobline-") as folder, JoblineClient(folder + "/s") as client:
        stand_in = StandIn(client.path, vector, way)
        timeout = 0.2 if ["timeout"] in ends else 5 if any("timeout" in allowed for allowed in ends) else 60
        call = lambda n: end(lambda: client.call("rpc.ping", {"n": n}, timeout=timeout, attempts=1))
        with ThreadPoolExecutor(len(ends)) as pool:
            came = list(pool.map(call, range(1, len(ends) + 1)))
        if "broken" in came:  # who does not understand the server hangs up without being told to
            stand_in.thread.join(60)
            if stand_in.thread.is_alive():
                return f"{vector['name']}, {way}: the connection is still open"
    wrong = [pair for pair in zip(came, ends) if not any(fits(pair[0], expected) for expected in pair[1])]
    return f"{vector['name']}, {way}: came {wrong[0][0]}; expected {wrong[0][1]}" if wrong else None


class Vectors(unittest.TestCase):
    def test_each_call_ends_once_as_it_should(self):
        vectors = [vector for file in files("toClient") for vector in file["vectors"]]
        cases = [(vector, way) for vector in vectors for way in (run.WAYS if vector.get("split", True) else ["whole"])]
        with ThreadPoolExecutor(8) as pool:
            failures = [found for found in pool.map(lambda case: failure(*case), cases) if found]
        print(f"{len(vectors)} vectors, {len(cases)} runs, {len(failures)} failures")
        self.assertEqual(failures, [])

    def test_the_reader_finds_the_frames_that_a_server_finds(self):
        for file in files("toServer"):
            if file.get("requires", {}).get("connections"):
                continue  # sizes and times of their own
            for vector in file["vectors"]:
                data = b"".join(run.expand(step["send"]) for step in vector["steps"] if "send" in step and "on" not in step)
                whole = self.frames(data, "whole")
                self.assertEqual(whole[1], self.breaks(vector), vector["name"])
                for way in run.WAYS[1:] if vector.get("split", True) else []:
                    self.assertEqual(self.frames(data, way), whole, f"{vector['name']}, {way}")

    def frames(self, data, way):
        reader, found = FrameReader(64 << 10 if data.startswith(b"{") else 1 << 20), []  # a server's caps
        try:
            for piece in run.pieces(data, way):
                found += reader.feed(piece)
        except JoblineError:
            return found, True
        return found, False

    def breaks(self, vector):
        """True if the server says that the stream is broken, and not only that it has ended or takes too long."""
        replies = [step["expect"] for step in vector["steps"] if "expect" in step]
        is_end = any("halfClose" in step for step in vector["steps"])
        last = replies[-1][-1].get("bare", {}) if replies else {}
        return "closed" in vector["steps"][-1] and last.get("code") == -32700 and not is_end


class Retry(unittest.TestCase):
    def test_pauses_double_up_to_20_seconds_and_heed_the_server(self):
        most = lambda low, high: high
        lost = JoblineError("", type="ConnectionLost")
        self.assertEqual([pause(i, lost, most) for i in (0, 1, 2, 9, 5000)], [0.05, 0.1, 0.2, 20, 20])
        throttled = JoblineError("", code=429, processed=False, retryAfterMs=1500)
        self.assertEqual([pause(i, throttled, most) for i in (0, 1, 9)], [1.5, 2, 20])
        self.assertEqual(pause(0, throttled, lambda low, high: low), 1.5)
        self.assertEqual(pause(3, lost, lambda low, high: low), 0)

    def test_pauses_differ_whatever_the_program_seeds(self):
        random.seed(1)
        first, state = pause(10), random.getstate()
        random.seed(1)
        self.assertNotEqual(pause(10), first)
        self.assertEqual(random.getstate(), state)

    def test_only_what_the_method_allows_is_repeated(self):
        safe, unsafe = ("readonly", "idempotent", "token"), ("name", "never")
        unknown = [JoblineError("", code=code) for code in (500, 503, 504)] + [JoblineError("", type="ConnectionLost")]
        for error in unknown:
            self.assertTrue(all(may_repeat(error, retry) for retry in safe))
            self.assertFalse(any(may_repeat(error, retry) for retry in unsafe))
        for code in (429, 500, 503, 504):
            self.assertTrue(all(may_repeat(JoblineError("", code=code, processed=False), r) for r in safe + unsafe))
        final = [JoblineError("", code=code, processed=False) for code in (-32602, 400, 403, 404, 409, 413, 499)]
        final += [JoblineError("", code=429, processed=False, retryAfterMs=-1), JoblineError("", type="ProtocolViolation")]
        self.assertFalse(any(may_repeat(error, retry) for error in final for retry in safe + unsafe))

    def test_an_error_says_whether_anything_may_have_happened(self):
        lost = JoblineError("lost", type="ConnectionLost")
        lost.retry = "never"
        self.assertTrue(lost.outcome_unknown)
        lost.retry = "readonly"
        self.assertFalse(lost.outcome_unknown)
        self.assertFalse(JoblineError("", code=503, processed=False).outcome_unknown)
        self.assertFalse(JoblineError("", code=404).outcome_unknown)


class Arguments(unittest.TestCase):
    def test_what_makes_no_sense_is_refused_before_anything_is_sent(self):
        with JoblineClient("/nowhere/s") as client:
            for attempts in (0, -1, 1.5, None):
                with self.assertRaisesRegex(ValueError, "attempts"):
                    client.call("rpc.ping", attempts=attempts)
            with self.assertRaisesRegex(ValueError, "timeout"):
                client.call("rpc.ping", timeout=float("nan"))
            for params in ([1], 5, "text", True):
                for use in (client.call, lambda *arguments: list(client.items(*arguments))):
                    with self.assertRaises(JoblineError) as caught:
                        use("ComprehendMedical.StartRxNormInferenceJob", params)
                    self.assertEqual(caught.exception.type, "NotSent")


if __name__ == "__main__":
    unittest.main()
