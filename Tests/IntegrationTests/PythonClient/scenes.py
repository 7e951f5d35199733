"""The client in proto-spec/examples against a daemon in a process of its own: JOBLINED names the program."""

import contextlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from concurrent.futures import ThreadPoolExecutor

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "proto-spec/examples"))

from jobline_client import Cancellation, JoblineClient, JoblineError

SECRET = os.environ.get("SECRET", "s3kr1t")
START = "ComprehendMedical.StartRxNormInferenceJob"
LIST = "ComprehendMedical.ListRxNormInferenceJobs"
SLOW = "ComprehendMedical.ListPHIDetectionJobs"
PLACES = {"InputDataConfig": {"S3Bucket": "notes"}, "OutputDataConfig": {"S3Bucket": "results"}, "LanguageCode": "en",
          "DataAccessRoleArn": f"arn:aws:iam::000000000000:role/{SECRET}"}
TABLE = "arn:aws:glue:us-east-1:000000000000:table/sample/customers"
WORKFLOW = {
    "inputSourceConfig": [{"inputSourceARN": TABLE, "schemaName": "customers"}],
    "outputSourceConfig": [{"output": [{"name": "email"}], "outputS3Path": "s3://results/matching/"}],
    "resolutionTechniques": {"resolutionType": "RULE_MATCHING", "ruleBasedProperties": {
        "rules": [{"ruleName": "email", "matchingKeys": ["email"]}], "attributeMatchingModel": "ONE_TO_ONE"}},
    "roleArn": f"arn:aws:iam::000000000000:role/{SECRET}",
}


class Daemon:
    """A daemon in a folder of its own, which may be ended and started as often as one likes."""

    def __init__(self, test, settings):
        place = tempfile.TemporaryDirectory(prefix="jobline-")
        test.addCleanup(place.cleanup)
        self.folder = folder = place.name
        self.path = folder + "/s"
        notes = pathlib.Path(folder, "state/buckets/notes")
        notes.mkdir(parents=True)
        (notes / "note.txt").write_text("Takes aspirin 81 mg daily.")
        # It waits for a file, so that a test decides when jobs are done.
        program = pathlib.Path(folder, "executor")
        program.write_text(f"#!/bin/sh\nuntil [ -e {folder}/done ]; do sleep 0.05; done\n"
                           'for file in "$JOBLINE_INPUT"/*; do echo {} > "$JOBLINE_OUTPUT/${file##*/}.out"; done\n')
        program.chmod(0o755)
        executor = {"command": [str(program)], "concurrency": 8, "onRestart": "rerun"}
        settings = {"executors": {"rxNormInference": executor, "matching": executor}, **settings}
        pathlib.Path(folder, "joblined.yaml").write_text(json.dumps(settings))
        test.addCleanup(self.end)
        self.start()

    def start(self):
        options = {"--socket": self.path, "--state-directory": self.folder + "/state", "--log-level": "trace",
                   "--config": self.folder + "/joblined.yaml"}
        self.log = open(self.folder + "/log", "w")
        command = [os.environ["JOBLINED"], *(word for option in options.items() for word in option)]
        self.process = subprocess.Popen(command, stderr=self.log)
        while self.process.poll() is None:
            with contextlib.suppress(JoblineError), JoblineClient(self.path) as client:
                return client.call("rpc.ping")
            time.sleep(0.02)
        raise RuntimeError(f"the daemon did not start: {pathlib.Path(self.folder, 'log').read_text()}")

    def end(self, by=signal.SIGTERM):
        self.process.send_signal(by)
        self.process.wait(60)
        self.log.close()
        if SECRET in pathlib.Path(self.folder, "log").read_text():
            raise AssertionError("the log has what it must not have")

    def let_jobs_end(self):
        pathlib.Path(self.folder, "done").touch()


class Scene(unittest.TestCase):
    def serve(self, **settings):
        daemon = Daemon(self, settings)
        client = JoblineClient(daemon.path)
        self.addCleanup(client.close)
        return daemon, client

    def failure(self, *arguments, client, **options):
        with self.assertRaises(JoblineError) as caught:
            client.call(*arguments, **options)
        self.assertNotIn(SECRET, str(caught.exception))
        return caught.exception

    def codes(self, client, method):
        """How often each outcome was, as the daemon counts them."""
        methods = client.call("Sidecar.GetStatistics")["methods"]
        return next((found["codes"] for found in methods if found["method"] == method), {})

    def until_in_flight(self, client, count):
        """Waits until so many calls beside this one have begun."""
        while client.call("Sidecar.GetStatistics")["requests"]["inFlight"] <= count:
            time.sleep(0.01)

    def start_job(self, client, **more):
        return client.call(START, {**PLACES, **more})["JobId"]


class Calls(Scene):
    def test_results_and_errors(self):
        _, client = self.serve()
        job = self.start_job(client, JobName=SECRET)
        found = client.call("ComprehendMedical.DescribeRxNormInferenceJob", {"JobId": job})
        self.assertEqual(found["ComprehendMedicalAsyncJobProperties"]["JobName"], SECRET)
        error = self.failure(LIST, {"Filter": {"JobStatus": SECRET}}, client=client)
        self.assertEqual((error.code, error.path, error.processed), (-32602, "Filter.JobStatus", False))
        error = self.failure("ComprehendMedical.DescribeRxNormInferenceJob", {"JobId": "0" * 32}, client=client)
        self.assertEqual((error.code, error.type, error.attempts), (404, "ResourceNotFoundException", 1))
        self.assertEqual(self.failure("X.Y", client=client).code, -32601)
        for params in ({SECRET: object()}, {"a": float("nan")}, {"a": "\ud800" + SECRET}, {"a": "x" * (1 << 20)}):
            self.assertEqual(self.failure(LIST, params, client=client).type, "NotSent")
        self.assertEqual(client.call("rpc.ping"), {})

    def test_lists(self):
        _, client = self.serve()
        jobs = [self.start_job(client) for _ in range(7)]
        pages = list(client.pages(LIST, {"MaxResults": 3}))
        self.assertEqual([len(page["ComprehendMedicalAsyncJobPropertiesList"]) for page in pages], [3, 3, 1])
        self.assertEqual([job["JobId"] for job in client.items(LIST, {"MaxResults": 2})], jobs[::-1])
        with self.assertRaises(JoblineError):
            list(client.items("rpc.ping"))

    def test_tokens(self):
        _, client = self.serve()
        first = client.call(START, PLACES, token="one")
        self.assertEqual(client.call(START, PLACES, token="one"), first)
        self.assertEqual(client.call(START, {**PLACES, "ClientRequestToken": "one"}), first)
        self.assertEqual(len({self.start_job(client) for _ in range(3)} | {first["JobId"]}), 4)
        self.assertEqual(self.failure(LIST, client=client, token="one").type, "NotSent")

    def test_many_threads_share_a_connection(self):
        _, client = self.serve()
        with ThreadPoolExecutor(16) as pool:
            jobs = list(pool.map(lambda _: self.start_job(client), range(200)))
        self.assertEqual({job["JobId"] for job in client.items(LIST)}, set(jobs))
        self.assertEqual(client.call("Sidecar.GetStatistics")["connections"]["open"], 1)

    def test_deadline_cancel_and_close(self):
        daemon, client = self.serve(faults={"slow": {"methods": SLOW, "delayMilliseconds": 300000}})
        self.assertIn(self.failure(SLOW, client=client, timeout=0.2, attempts=1).code, (504, None))
        cancellation, other = Cancellation(), JoblineClient(daemon.path)
        with ThreadPoolExecutor(2) as pool:
            cancelled = pool.submit(self.failure, SLOW, client=client, cancel=cancellation)
            self.until_in_flight(client, 1)
            cancellation.cancel()
            self.assertEqual(cancelled.result().type, "Cancelled")
            self.assertEqual(self.codes(client, SLOW).get("499"), 1)
            closed = pool.submit(self.failure, SLOW, client=other)
            self.until_in_flight(client, 1)
            other.close()
            self.assertEqual(closed.result().type, "Closed")
        self.assertEqual(self.failure("rpc.ping", client=other).type, "Closed")
        self.assertEqual(client.call("rpc.ping"), {})


class Repeating(Scene):
    def test_429_is_repeated_when_the_server_says(self):
        _, client = self.serve(limits={"methods": {"ComprehendMedical": {
            "ListRxNormInferenceJobs": {"rate": 4, "burst": 1}, "ListPHIDetectionJobs": {"rate": 0.001, "burst": 1}}}})
        for _ in range(3):
            client.call(LIST)
        self.assertGreaterEqual(self.codes(client, LIST)["429"], 1)
        client.call(SLOW)
        error = self.failure(SLOW, client=client)  # the time to wait is longer than the deadline
        self.assertEqual((error.code, error.scope, error.attempts, error.processed), (429, "method", 1, False))
        self.assertGreater(error.retry_after, 30)

    def test_a_start_whose_reply_failed_is_done_once(self):
        # Of the calls that this seed draws for, the first is hit and the second is not.
        rule = {"methods": START, "error": "InternalServerException", "after": True, "share": 0.5, "seed": 1}
        _, client = self.serve(faults={"late": rule})
        jobs = [self.start_job(client) for _ in range(4)]
        self.assertGreaterEqual(self.codes(client, START)["500"], 1)
        self.assertEqual([job["JobId"] for job in client.items(LIST)], jobs[::-1])

    def test_what_must_not_be_repeated_is_not(self):
        create, start = "EntityResolution.CreateMatchingWorkflow", "EntityResolution.StartMatchingJob"
        rule = {"methods": start, "error": "InternalServerException", "after": True}
        no = {"methods": LIST, "throttle": True, "retryAfterMilliseconds": -1}
        _, client = self.serve(faults={"late": rule, "no": no})
        client.call(create, {"workflowName": "w", **WORKFLOW})
        error = self.failure(start, {"workflowName": "w"}, client=client)
        self.assertEqual((error.code, error.attempts, error.outcome_unknown), (500, 1, True))
        self.assertEqual(len(list(client.items("EntityResolution.ListMatchingJobs", {"workflowName": "w"}))), 1)
        self.assertEqual(self.failure(LIST, client=client).attempts, 1)

    def test_a_daemon_that_is_killed_and_comes_back_loses_no_start_and_does_none_twice(self):
        daemon, client = self.serve()
        begun = threading.Semaphore(0)

        def start(_):
            begun.release()
            return self.start_job(client)

        with ThreadPoolExecutor(8) as pool:
            jobs = [pool.submit(start, number) for number in range(300)]
            for _ in range(100):
                begun.acquire()
            daemon.end(signal.SIGKILL)
            daemon.start()
            self.assertEqual(sorted(job.result() for job in jobs), sorted(job["JobId"] for job in client.items(LIST)))

    def test_a_restart_goes_unnoticed_even_where_nothing_may_be_repeated(self):
        slow = {"methods": SLOW, "delayMilliseconds": 700}
        daemon, client = self.serve(faults={"slow": slow})
        begun = threading.Semaphore(0)

        def create(number):
            begun.release()
            return client.call("EntityResolution.CreateMatchingWorkflow", {"workflowName": f"w{number}", **WORKFLOW})

        with ThreadPoolExecutor(9) as pool:
            in_flight = pool.submit(client.call, SLOW)
            created = [pool.submit(create, number) for number in range(300)]
            for _ in range(100):
                begun.acquire()
            daemon.end(signal.SIGTERM)
            daemon.start()
            self.assertEqual(len({result.result()["workflowName"] for result in created}), 300)
            self.assertEqual(in_flight.result()["ComprehendMedicalAsyncJobPropertiesList"], [])

    def test_connections_that_a_killed_daemon_still_took_cost_nothing(self):
        def serve(listener):
            for number in range(5):
                connection, _ = listener.accept()
                with connection, connection.makefile("rwb") as stream:
                    while number in (0, 4) and (length := stream.readline()):
                        request = json.loads(stream.read(int(length) + 1))
                        if (number, request["method"]) == (0, "rpc.lost"):
                            break
                        reply = json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": {}}).encode()
                        stream.write(b"%d\n%s\n" % (len(reply), reply))
                        stream.flush()

        folder = tempfile.TemporaryDirectory(prefix="jobline-")
        self.addCleanup(folder.cleanup)
        path = folder.name + "/s"
        with socket.socket(socket.AF_UNIX) as listener, JoblineClient(path) as client:
            listener.bind(path)
            listener.listen()
            server = threading.Thread(target=serve, args=[listener])
            server.start()
            self.assertEqual(self.failure("rpc.lost", client=client, attempts=1).type, "ConnectionLost")
            self.assertEqual(client.call("rpc.ping", attempts=1), {})
        server.join()

    def test_a_daemon_that_was_never_there_is_told_at_once(self):
        with JoblineClient("/nowhere/s") as client:
            error = self.failure("rpc.ping", client=client)
        self.assertEqual((error.type, error.processed, error.outcome_unknown), ("Unreachable", False, False))


class Watching(Scene):
    def job(self, id):
        return {"family": "RxNormInference", "id": id}

    def test_until_the_end(self):
        daemon, client = self.serve()
        jobs = [self.job(self.start_job(client)) for _ in range(3)] + [self.job("0" * 32)]
        told = {job["id"]: [] for job in jobs}
        for change in client.watch(jobs):
            told[change["id"]].append(change["state"])
            if all(told.values()):  # each was told once
                daemon.let_jobs_end()
        self.assertEqual(told.pop("0" * 32), ["gone"])
        self.assertEqual({states[-1] for states in told.values()}, {"succeeded"})
        self.assertTrue(all(len(set(states)) == len(states) for states in told.values()), told)
        self.assertEqual([change["id"] for change in client.wait(jobs[::-1])], [job["id"] for job in jobs[::-1]])
        self.assertEqual(client.call("Sidecar.GetStatistics")["watches"]["open"], 0)

    def test_over_restarts(self):
        for by in (signal.SIGKILL, signal.SIGTERM):
            with self.subTest(by=by):
                daemon, client = self.serve()
                changes = client.watch([self.job(self.start_job(client))])
                told = [next(changes)]
                with ThreadPoolExecutor(1) as pool:
                    rest = pool.submit(list, changes)
                    daemon.end(by)
                    daemon.start()
                    daemon.let_jobs_end()
                    told += rest.result()
                self.assertEqual(told[-1]["state"], "succeeded")
                self.assertTrue(all(a != b for a, b in zip(told, told[1:])), told)

    def test_a_watch_that_is_left_or_out_of_time_is_open_no_more(self):
        _, client = self.serve()
        job = self.job(self.start_job(client))
        for _ in client.watch([job], until=None):
            break
        with self.assertRaises(JoblineError) as caught:
            list(client.watch([job], timeout=0.3))
        self.assertIn(caught.exception.code, (504, None))
        self.assertEqual(client.call("Sidecar.GetStatistics")["watches"]["open"], 0)


class CommandLine(Scene):
    def run_client(self, daemon, *arguments, **options):
        command = [sys.executable, "-W", "error", str(ROOT / "proto-spec/examples/jobline_client.py")]
        return subprocess.run([*command, "--socket", daemon.path, *arguments], text=True, capture_output=True, **options)

    def test_what_it_prints_and_how_it_ends(self):
        daemon, client = self.serve()
        daemon.let_jobs_end()
        job = self.start_job(client)
        done = self.run_client(daemon, "wait", "RxNormInference", job)
        self.assertEqual((done.returncode, json.loads(done.stdout)["state"], done.stderr), (0, "succeeded", ""))
        self.assertEqual(self.run_client(daemon, "watch", "RxNormInference", job).stdout, done.stdout)
        self.assertEqual(self.run_client(daemon, "wait", "RxNormInference", "0" * 32).returncode, 1)
        described = self.run_client(daemon, "call", "Sidecar.GetInfo")
        self.assertEqual(json.loads(described.stdout)["pid"], daemon.process.pid)
        listed = self.run_client(daemon, "list", LIST, "-", input='{"MaxResults": 1}')
        self.assertEqual([json.loads(line)["JobId"] for line in listed.stdout.splitlines()], [job])

    def test_errors_are_one_line_without_params(self):
        daemon, _ = self.serve()
        cases = [(65, ("call", LIST, json.dumps({"MaxResults": SECRET}))), (65, ("call", LIST, "{" + SECRET)),
                 (64, ("call", LIST, "{}", SECRET)), (64, (SECRET,)), (64, ()), (65, ("call", "X.Y")),
                 (66, ("call", "ComprehendMedical.DescribeRxNormInferenceJob", json.dumps({"JobId": "0" * 32})))]
        for status, arguments in cases:
            ended = self.run_client(daemon, *arguments)
            self.assertEqual((ended.returncode, ended.stdout, ended.stderr.count("\n")), (status, "", 1), arguments)
            self.assertNotIn(SECRET, ended.stderr)
        daemon.path += ".gone"
        self.assertEqual(self.run_client(daemon, "call", "rpc.ping").returncode, 69)
        self.assertEqual(self.run_client(daemon, "--help").returncode, 0)

    def test_an_interrupt_and_a_closed_pipe_are_quiet(self):
        daemon, client = self.serve()
        program = str(ROOT / "proto-spec/examples/jobline_client.py")
        arguments = [sys.executable, program, "--socket", daemon.path, "watch", "RxNormInference", self.start_job(client)]
        with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as watch:
            watch.stdout.readline()
            watch.send_signal(signal.SIGINT)
            self.assertEqual((watch.wait(30), watch.stderr.read()), (130, b""))
        for _ in range(30):
            self.start_job(client)
        arguments[-3:] = ["list", LIST]
        with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as listing:
            listing.stdout.close()
            self.assertEqual((listing.wait(30), listing.stderr.read()), (141, b""))


if __name__ == "__main__":
    unittest.main()
