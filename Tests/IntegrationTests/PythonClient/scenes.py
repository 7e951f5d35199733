"""The client in proto-spec/examples against a daemon in a process of its own: JOBLINED names the program."""

import contextlib
import json
import multiprocessing
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import unittest
import warnings
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "proto-spec/examples"))

from jobline_client import Cancellation, JoblineClient, JoblineError

SECRET = os.environ.get("SECRET", "s3kr1t")
DESCRIBE = "ComprehendMedical.DescribeRxNormInferenceJob"
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
                           'for file in "$JOBLINE_INPUT"/*; do\n'
                           '    name=${file##*/}; echo {} > "$JOBLINE_OUTPUT/$name.out"\n'
                           '    echo "{\\"processed\\":{\\"input\\":\\"$name\\",\\"output\\":\\"$name.out\\"}}"\n'
                           'done\n')
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


class StandIn:
    """A server that answers `{}` to everything but the methods in `silent`, and notes what each connection asks."""

    def __init__(self, test, silent=()):
        folder = tempfile.TemporaryDirectory(prefix="jobline-")
        test.addCleanup(folder.cleanup)
        self.path, self.silent, self.asked, self.news = folder.name + "/s", silent, [], threading.Condition()
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen()
        threading.Thread(target=self.accept, daemon=True).start()
        test.addCleanup(self.end)

    def end(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def accept(self):
        with contextlib.suppress(OSError):
            for number in range(100):
                arguments = (number, self.listener.accept()[0])
                threading.Thread(target=self.answer, args=arguments, daemon=True).start()

    def answer(self, number, connection):
        with contextlib.suppress(OSError), connection, connection.makefile("rwb") as stream:
            while length := stream.readline():
                request = json.loads(stream.read(int(length) + 1))
                with self.news:
                    self.asked.append((number, request))
                    self.news.notify_all()
                if "id" in request and request["method"] not in self.silent:
                    result = {"methods": []} if request["method"] == "rpc.discover" else {}
                    reply = json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": result}).encode()
                    stream.write(b"%d\n%s\n" % (len(reply), reply))
                    stream.flush()

    def until_asked(self, method):
        """The first request for a method, as soon as it is there."""
        found = lambda: [request for _, request in self.asked if request["method"] == method]
        with self.news:
            self.news.wait_for(found)
            return found()[0]


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

    def fork(self, work):
        """The process id of a child that does this, and says with its status that it went well."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # newer Pythons warn of any fork beside threads
            process = os.fork()
        if process:
            return process
        status = 1
        try:
            work()
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(status)

    def end_well(self, *processes):
        ended = [os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) for process in processes]
        self.assertEqual(ended, [0] * len(processes))

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


    def test_without_a_timeout_the_daemon_sets_the_only_limit(self):
        server = StandIn(self)
        with JoblineClient(server.path) as client:
            self.assertEqual(client.call("rpc.ping", timeout=None), {})
        maximum = 300000  # of a daemon, unless configured otherwise: more is taken as that
        self.assertGreaterEqual(server.until_asked("rpc.ping")["timeoutMs"], maximum)

    def test_a_client_goes_to_processes_of_any_kind(self):
        _, client = self.serve()
        job = self.start_job(client)
        for method in multiprocessing.get_all_start_methods():
            with self.subTest(method=method), warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)
                with ProcessPoolExecutor(2, multiprocessing.get_context(method)) as pool:
                    calls = [pool.submit(client.call, DESCRIBE, {"JobId": id}) for id in (job, "0" * 32) * 3]
                    ids = [call.result()["ComprehendMedicalAsyncJobProperties"]["JobId"] for call in calls[::2]]
                    self.assertEqual(ids, [job] * 3)
                    self.assertEqual([call.exception().code for call in calls[1::2]], [404] * 3)


class Forking(Scene):
    def test_parent_and_children_get_their_own_answers(self):
        _, client = self.serve()
        jobs = [self.start_job(client) for _ in range(8)]
        before = client.call("Sidecar.GetStatistics")["connections"]["accepted"]

        def describe(job):
            found = client.call(DESCRIBE, {"JobId": job})
            if found["ComprehendMedicalAsyncJobProperties"]["JobId"] != job:
                raise AssertionError("the answer is about another job")

        def describe_all():
            with ThreadPoolExecutor(4) as pool:
                list(pool.map(describe, jobs * 10))

        with ThreadPoolExecutor(4) as pool:
            described = pool.map(describe, jobs * 40)
            children = [self.fork(describe_all) for _ in range(4)]
            self.end_well(*children)
            list(described)
        # One new connection for each child: the parent's own goes on.
        accepted = client.call("Sidecar.GetStatistics")["connections"]["accepted"] - before
        self.assertEqual(accepted, len(children))

    def test_a_child_is_not_held_up_by_what_threads_of_its_parent_do(self):
        server = StandIn(self, silent=["rpc.ping"])
        with JoblineClient(server.path) as client, ThreadPoolExecutor(3) as pool:
            cancellation = Cancellation()
            ping = pool.submit(self.failure, "rpc.ping", client=client, cancel=cancellation)
            server.until_asked("rpc.ping")
            connection = client._connection
            locks = [client._lock, client._discovering, connection._lock, connection._writing, cancellation._lock]
            with contextlib.ExitStack() as held:
                for lock in locks:
                    held.enter_context(lock)
                child = self.fork(lambda: (client.call("X.Y"), cancellation.cancel(), client.close()))
                self.end_well(child)
            self.assertEqual(client.call("X.Y"), {})
            cancellation.cancel()
            self.assertEqual(ping.result().type, "Cancelled")
        # What the child ended was its own: the parent's connection went on, and nothing but the parent wrote to it.
        server.until_asked("rpc.cancel")  # nothing answers it: it may still be on its way when the call has ended
        methods = [request["method"] for number, request in server.asked if number == 0]
        self.assertEqual(methods, ["rpc.hello", "rpc.ping", "rpc.discover", "X.Y", "rpc.cancel"])

    def test_a_watch_goes_on_in_both(self):
        daemon, client = self.serve()
        changes = client.watch([{"family": "RxNormInference", "id": self.start_job(client)}])
        told = [next(changes)]

        def follow():
            if list(changes)[-1]["state"] != "succeeded":
                raise AssertionError("the watch ended before the job")

        self.end_well(self.fork(changes.close))
        follower = self.fork(follow)
        daemon.let_jobs_end()
        self.end_well(follower)
        told += changes
        self.assertEqual(told[-1]["state"], "succeeded")


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
        daemon, client = self.serve(faults={"slow": slow}, entityResolution={"matchingWorkflows": 1000})
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
        order = ["queued", "running", "succeeded"]  # running more than once, with its progress
        self.assertTrue(all(states == sorted(states, key=order.index) for states in told.values()), told)
        self.assertTrue(all(states.count("succeeded") == 1 for states in told.values()), told)
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
        self.assertEqual(self.run_client(daemon, "wait", "RxNormInference", "0" * 32).returncode, 66)
        self.assertEqual(self.run_client(daemon, "wait", "RxNormInference", "0" * 32, job).returncode, 66)
        described = self.run_client(daemon, "call", "Sidecar.GetInfo")
        self.assertEqual(json.loads(described.stdout)["pid"], daemon.process.pid)
        listed = self.run_client(daemon, "list", LIST, "-", input='{"MaxResults": 1}')
        self.assertEqual([json.loads(line)["JobId"] for line in listed.stdout.splitlines()], [job])

    def test_errors_are_one_line_without_params(self):
        daemon, _ = self.serve()
        cases = [(65, ("call", LIST, json.dumps({"MaxResults": SECRET}))), (65, ("call", LIST, "{" + SECRET)),
                 (65, ("list", LIST, "[1]")), (65, ("call", START, "[1]")), (70, ("call", "x" * 129)),
                 (64, ("call", LIST, "{}", SECRET)), (64, (SECRET,)), (64, ()), (65, ("call", "X.Y")),
                 *((64, ("--timeout", time, "call", "rpc.ping")) for time in ("0", "-1", "nan", "inf", "604801", "1h")),
                 (66, ("call", "ComprehendMedical.DescribeRxNormInferenceJob", json.dumps({"JobId": "0" * 32})))]
        for status, arguments in cases:
            ended = self.run_client(daemon, *arguments)
            self.assertEqual((ended.returncode, ended.stdout, ended.stderr.count("\n")), (status, "", 1), arguments)
            self.assertNotIn(SECRET, ended.stderr)
        with open("/dev/full", "w") as full:
            command = [sys.executable, str(ROOT / "proto-spec/examples/jobline_client.py"), "--socket", daemon.path]
            ended = subprocess.run([*command, "call", "rpc.ping"], stdout=full, stderr=subprocess.PIPE, text=True)
        self.assertEqual((ended.returncode, ended.stderr.count("\n")), (70, 1), ended.stderr)
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
