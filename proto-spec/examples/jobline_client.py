#!/usr/bin/env python3
"""A client of joblined in one file: Python 3.9 or newer, nothing but the standard library.

    with JoblineClient() as client:
        job = client.call("ComprehendMedical.DescribeRxNormInferenceJob", {"JobId": job_id})
        for job in client.items("ComprehendMedical.ListRxNormInferenceJobs"):
            ...
        for change in client.watch([{"family": "RxNormInference", "id": job_id}]):
            print(change["state"])

One client serves all threads of a process over one connection. A forked child connects by itself, and so does a client
that is pickled for another process. Written from ../README.md, whose sections it names; read from top to bottom it is:
errors, frames, forks, one connection, the rules of retry, the client, the command line.
"""
from __future__ import annotations

import argparse, contextlib, copy, errno, json, math, os, random, re, select, socket, sys, threading, time, uuid, weakref
from collections.abc import Callable, Iterable, Iterator
from typing import Any

DEFAULT_PATH = "/run/jobline/jobline.sock"
GRACE = 1.0  # seconds that the client waits longer than it told the server
WATCH = 300.0  # seconds after which a watch is begun anew: the longest deadline that a server grants
ENDED = {"succeeded", "partial", "failed", "stopped", "gone"}  # states of jobs that do not change any more

# --- Errors (section 3) ---------------------------------------------------------------------------------------------

MEMBERS = {"type": str, "retryable": bool, "processed": bool, "retryAfterMs": int, "scope": str, "path": str,
           "quotaName": str, "quotaValue": int, "serviceRequestId": str}


class JoblineError(Exception):
    """Why a call has no result.

    `code` is the server's. It is None where the client itself says so, and `type` is then one of NotSent, Unreachable,
    ConnectionLost, ProtocolViolation, Timeout, Cancelled and Closed.
    """

    method, attempts, retry = "", 1, "never"  # filled in by the call that failed

    def __init__(self, message: str, *, code: int | None = None, **data: Any) -> None:
        super().__init__(message)
        self.message, self.code = message, code
        self.data = {name: data[name] for name, kind in MEMBERS.items() if is_exactly(data.get(name), kind)}
        self.type, self.scope, self.path = (self.data.get(name) for name in ("type", "scope", "path"))
        self.retryable = self.data.get("retryable", False)
        self.processed = self.data.get("processed")  # False: nothing was done; None: not known
        self.retry_after = self.data["retryAfterMs"] / 1000 if "retryAfterMs" in self.data else None  # seconds

    @property
    def outcome_unknown(self) -> bool:
        """True if something may have been changed, and nobody knows."""
        undecided = self.code in (None, 499, 500, 503, 504, -32700) and self.processed is None
        return undecided and self.retry != "readonly"

    def __str__(self) -> str:
        notes = [f"code {self.code}" if self.code is not None else "", self.type or "", self.path or ""]
        notes.append(f"{self.attempts} attempts" if self.attempts > 1 else "")
        hint = "; look whether it was done before you repeat it" if self.outcome_unknown else ""
        return f"{self.method or 'jobline'}: {self.message} ({', '.join(filter(None, notes))}){hint}"


def is_exactly(value: Any, kind: type) -> bool:
    """True if a member is of its type: no boolean is an integer, and every reader holds integers of 53 bits."""
    return type(value) is kind and (kind is not int or abs(value) < 2**53)


def broken(what: str) -> JoblineError:
    return JoblineError(f"what came is no reply: {what}", type="ProtocolViolation")


# --- Frames and messages (sections 1 and 2) -------------------------------------------------------------------------


def encode(message: dict) -> bytes:
    """The object's bytes. Errors do not say what is in it: it may be about somebody's health."""
    try:
        return json.dumps(message, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    except (TypeError, ValueError, RecursionError):
        raise JoblineError("the params cannot be written as JSON", type="NotSent", processed=False) from None


class FrameReader:
    """Finds the objects in a stream of bytes, framed or bare, however the bytes arrive."""

    def __init__(self, cap: int = 4 << 20) -> None:
        self.cap, self._data, self._blank_lines = cap, bytearray(), 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The bytes of each object that is complete now."""
        self._data += data
        while True:
            self._skip_blank_lines()
            if self._data in (b"", b"\r"):
                return
            body = self._line() if self._data[:1] == b"{" else self._framed()
            if body is None:
                return
            if len(body) > self.cap:
                raise broken(f"a line of more than {self.cap} bytes")
            self._blank_lines = 0
            yield body

    def _skip_blank_lines(self) -> None:
        while line := re.match(rb"\r?\n", self._data):
            del self._data[: line.end()]
            self._blank_lines += 1
            if self._blank_lines > 64:
                raise broken("nothing but blank lines")

    def _line(self) -> bytes | None:
        line, line_feed, _ = self._data.partition(b"\n")
        if not line_feed:
            if len(line) > self.cap + 1:
                raise broken(f"a line of more than {self.cap} bytes")
            return None
        del self._data[: len(line) + 1]
        return bytes(line[:-1] if line.endswith(b"\r") else line)

    def _framed(self) -> bytes | None:
        digits, line_feed, _ = bytes(self._data[:8]).partition(b"\n")
        if not re.fullmatch(rb"[1-9][0-9]{0,6}", digits):
            raise broken("neither a length nor an object")
        if not line_feed:
            return None
        start, end = len(digits) + 1, len(digits) + 1 + int(digits)
        if int(digits) > self.cap:
            raise broken(f"a length of more than {self.cap} bytes")
        if len(self._data) <= end:
            return None
        if self._data[end] != 0x0A:
            raise broken("no line feed where the length says")
        body = bytes(self._data[start:end])
        del self._data[: end + 1]
        return body


def decode(body: bytes) -> dict:
    """The object, read as strictly as the contract wants it: json alone takes more."""
    try:
        text = body.decode("utf-8")
        message = json.loads(text, object_pairs_hook=members, parse_float=finite, parse_constant=finite)
        if "\\u" in text:
            json.dumps(message, ensure_ascii=False).encode("utf-8")  # refuses the half of a surrogate pair
        limit_depth(message, 64)
    except (ValueError, RecursionError):
        raise broken("no JSON") from None
    if not isinstance(message, dict) or message.get("jsonrpc") != "2.0":
        raise broken("no object of JSON-RPC 2.0")
    return message


def members(pairs: list[tuple[str, Any]]) -> dict:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name twice")
    return found


def finite(text: str) -> float:
    if not math.isfinite(float(text)):
        raise ValueError("no number")
    return float(text)


def limit_depth(value: Any, limit: int) -> None:
    if isinstance(value, (dict, list)):
        if not limit:
            raise ValueError("too deep")
        for child in value.values() if isinstance(value, dict) else value:
            limit_depth(child, limit - 1)


def error_of(message: dict) -> JoblineError | None:
    """The error that a reply is; None if it is a result."""
    error = message.get("error")
    if error is None and "result" in message:
        return None
    if not isinstance(error, dict) or message.get("result") is not None or not is_exactly(error.get("code"), int):
        raise broken("neither a result nor an error")
    text, data = error.get("message", ""), error.get("data")
    if not isinstance(text, str):
        raise broken("an error without text")
    data = data if isinstance(data, dict) else {}
    return JoblineError(text, code=error["code"], **{name: data.get(name) for name in MEMBERS})


# --- Forks (section 8) ----------------------------------------------------------------------------------------------


class Forkable:
    """State that a forked child begins anew: threads that serve it or hold its locks are only in the parent."""

    _living: weakref.WeakSet[Forkable] = weakref.WeakSet()

    def __init__(self) -> None:
        self._living.add(self)

    def after_fork(self) -> None:
        """Begins anew, in the child."""
        raise NotImplementedError

    @classmethod
    def begin_anew(cls) -> None:
        for each in list(cls._living):
            each.after_fork()


os.register_at_fork(after_in_child=Forkable.begin_anew)

# --- A connection (sections 4, 6 and 8) -----------------------------------------------------------------------------


def job_key(job: dict) -> tuple:
    """What tells a watched job from the others."""
    return job.get("family"), job.get("id"), job.get("workflow")


class Answer(Forkable):
    """What one request waits for: changes, if it is a watch, and then its one end."""

    def __init__(self, method: str, deadline: float) -> None:
        super().__init__()
        self.is_watch, self._deadline = method == "Sidecar.WatchJobs", deadline
        self._condition, self._changes, self._end = threading.Condition(), {}, None

    def change(self, change: dict) -> None:
        """Takes a change; of one job only the last one is kept, so that a slow reader costs no memory."""
        with self._condition:
            self._changes[job_key(change)] = change
            self._condition.notify_all()

    def end(self, error: JoblineError | None, result: Any = None) -> None:
        """Takes the end; the first one counts."""
        with self._condition:
            self._end = self._end or (error, result)
            self._condition.notify_all()

    def after_fork(self) -> None:
        self._condition = threading.Condition()
        self.end(JoblineError("the connection stayed with the parent process", type="ConnectionLost"))

    def next(self) -> tuple[dict | None, Any]:
        """Waits for (change, None) or, at the end, (None, result)."""
        with self._condition:
            left = self._deadline + GRACE - time.monotonic()
            if not self._condition.wait_for(lambda: self._changes or self._end, max(0, left)):
                raise JoblineError("no reply in time", type="Timeout")
            if self._changes:
                return self._changes.pop(next(iter(self._changes))), None
            error, result = self._end
            if error:
                raise error
            return None, result


class Connection(Forkable):
    """Writes requests from any thread, and gives their replies away by id on a thread of its own."""

    def __init__(self, path: str, *, is_doubted: bool = False) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        super().__init__()
        try:
            self._socket.setblocking(False)  # a full queue is told, not waited for
            self._socket.connect(path)
        except OSError:
            self._socket.close()
            raise
        self._socket.setblocking(True)
        self._lock, self._writing = threading.Lock(), threading.Lock()
        self._answers: dict[int, Answer] = {}
        self._last_id, self._request_cap, self._reader = 0, 1 << 20, FrameReader()
        self.is_usable = True  # for further requests
        self.is_heard = not is_doubted  # a daemon that is killed takes connections for some milliseconds more
        self.was_lost = False  # without notice
        threading.Thread(target=self._read, daemon=True, name="jobline").start()
        # Id 0 asks for the caps; until its reply is there the usual ones count. That it was not sent, the connection's end tells.
        with contextlib.suppress(JoblineError):
            self._write(encode({"jsonrpc": "2.0", "id": 0, "method": "rpc.hello"}), time.monotonic() + GRACE)

    def ask(self, method: str, params: dict, deadline: float) -> tuple[int, Answer]:
        """Sends a request; its id, for `give_up`, and what its reply comes to."""
        seconds = min(deadline - time.monotonic(), 1e6)
        if seconds <= 0:
            raise JoblineError("no time was left to send it", type="Timeout", processed=False)
        deadline = time.monotonic() + seconds
        with self._lock:
            if not self.is_usable:
                raise JoblineError("the connection has ended", type="ConnectionLost", processed=False)
            self._last_id += 1
            number, answer = self._last_id, Answer(method, deadline)
            self._answers[number] = answer
        request = {"jsonrpc": "2.0", "id": number, "method": method, "timeoutMs": math.ceil(seconds * 1000)}
        try:
            self._write(encode({**request, "params": params}), deadline)
        except BaseException:
            self._take(number)
            raise
        return number, answer

    def give_up(self, number: int) -> None:
        """Tells the server that nobody waits for a reply any more, unless it is there."""
        if self._take(number):
            cancel = {"jsonrpc": "2.0", "method": "rpc.cancel", "params": {"id": number}}
            with contextlib.suppress(JoblineError):
                self._write(encode(cancel), time.monotonic() + GRACE)

    def retire(self) -> None:
        """Takes no more requests, and closes when those in flight are answered."""
        with self._lock:
            self.is_usable, is_idle = False, not self._answers
        if is_idle:
            self.end(JoblineError("the connection was not needed any more", type="Closed"))

    def end(self, error: JoblineError) -> None:
        """Closes, and gives every request that has no reply yet this end."""
        with self._lock:
            self.was_lost |= self.is_usable and error.type == "ConnectionLost"
            self.is_usable, answers, self._answers = False, self._answers, {}
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        for answer in answers.values():
            answer.end(copy.copy(error))

    def after_fork(self) -> None:
        """Lets go of the socket without shutting it down: it is the parent's."""
        self._lock, self._writing = threading.Lock(), threading.Lock()
        self.is_usable, self._answers = False, {}
        self._socket.close()

    def _take(self, number: int) -> Answer | None:
        with self._lock:
            answer = self._answers.pop(number, None)
        if not self.is_usable:
            self.retire()
        return answer

    def _write(self, body: bytes, deadline: float) -> None:
        """Writes a frame. What fails here was never whole, so that the server has not carried it out."""
        if len(body) > self._request_cap:
            raise JoblineError(f"the request has {len(body)} bytes; at most {self._request_cap} may be sent",
                               type="NotSent", processed=False)
        if not self._writing.acquire(timeout=max(0, deadline - time.monotonic())):
            raise JoblineError("the server does not read", type="Timeout", processed=False)
        frame = rest = memoryview(b"%d\n%s\n" % (len(body), body))
        try:
            while rest:
                try:
                    rest = rest[self._socket.send(rest, socket.MSG_DONTWAIT) :]
                except BlockingIOError:
                    self._await_room(deadline)
        except (OSError, ValueError):
            self.end(JoblineError("the connection was lost", type="ConnectionLost"))
            raise JoblineError("the connection was lost", type="ConnectionLost", processed=False) from None
        finally:
            if 0 < len(rest) < len(frame):  # nothing may follow the half of a frame
                self.end(JoblineError("the server does not read", type="ConnectionLost"))
            self._writing.release()

    def _await_room(self, deadline: float) -> None:
        room = select.poll()
        room.register(self._socket, select.POLLOUT)
        if not room.poll(max(0, deadline - time.monotonic()) * 1000):
            raise JoblineError("the server does not read", type="Timeout", processed=False)

    def _read(self) -> None:
        end = JoblineError("the connection ended before the reply", type="ConnectionLost")
        try:
            while data := self._socket.recv(1 << 16):
                self.is_heard = True
                for body in self._reader.feed(data):
                    self._receive(decode(body))
        except OSError:
            pass
        except JoblineError as error:
            end = error
        finally:
            self.end(end)
            self._socket.close()

    def _receive(self, message: dict) -> None:
        if "method" in message:
            return self._notice(message)
        error, number = error_of(message), message.get("id")
        if number is None and error:
            raise error  # about the connection: it ends, and all that wait on it
        if not is_exactly(number, int) or not 0 <= number <= self._last_id:
            raise broken("a reply to nobody")
        if number == 0:
            return self._learn(message.get("result"))
        if answer := self._take(number):  # without one, somebody gave up waiting
            answer.end(error, message.get("result"))

    def _notice(self, message: dict) -> None:
        method, params = message["method"], message.get("params")
        if not isinstance(method, str):
            raise broken("a notification without name")
        if method == "Sidecar.Draining":
            self.retire()
        if method == "Sidecar.JobChanged" and isinstance(params, dict) and is_exactly(params.get("watch"), int):
            answer = self._answers.get(params["watch"])
            if answer and answer.is_watch:
                answer.change({name: value for name, value in params.items() if name != "watch"})

    def _learn(self, hello: Any) -> None:
        limits = hello.get("limits", {}) if isinstance(hello, dict) else {}
        self._request_cap = limits.get("requestBytes", self._request_cap)
        self._reader.cap = limits.get("replyBytes", self._reader.cap)


# --- What may be repeated, and when (section 3) ---------------------------------------------------------------------


def may_repeat(error: JoblineError, retry: str) -> bool:
    """True if a request of this `retry` class may be sent again after this error."""
    if error.code not in (429, 500, 503, 504) and error.type != "ConnectionLost" or (error.retry_after or 0) < 0:
        return False
    return error.processed is False or retry in ("readonly", "idempotent", "token")


def pause(number: int, error: JoblineError | None = None, draw: Callable = random.SystemRandom().uniform) -> float:
    """Seconds before retry `number`, from 0 on: random, whatever the program's seed, lest many clients come back as one."""
    base = 1.0 if error and error.code == 429 else 0.05
    return max(draw(0, min(base * 2 ** min(number, 20), 20.0)), error and error.retry_after or 0)


class Cancellation(Forkable):
    """Ends a call or a watch from another thread: hand it over as `cancel`, and call `cancel()`."""

    def __init__(self) -> None:
        super().__init__()
        self._lock, self._woken, self._answer, self._reason = threading.Lock(), threading.Event(), None, None

    def cancel(self, message: str = "cancelled by the caller", type: str = "Cancelled") -> None:
        with self._lock:
            self._reason = self._reason or (message, type)
            self._woken.set()
            if self._answer:
                self._answer.end(JoblineError(message, type=type))

    def attach(self, answer: Answer) -> None:
        """Is about this answer from now on."""
        with self._lock:
            self._answer = answer
            if self._reason:
                answer.end(JoblineError(self._reason[0], type=self._reason[1]))

    def after_fork(self) -> None:
        self._lock, self._woken = threading.Lock(), threading.Event()
        if self._reason:
            self._woken.set()

    def sleep(self, seconds: float) -> None:
        if self._woken.wait(max(0, seconds)):
            raise JoblineError(self._reason[0], type=self._reason[1], processed=False)


# --- The client -----------------------------------------------------------------------------------------------------


class JoblineClient(Forkable):
    """Calls methods of the daemon that listens at `path`: JOBLINE_SOCKET, or the usual place, if that is None."""

    def __init__(self, path: str | None = None) -> None:
        super().__init__()
        self.path = path or os.environ.get("JOBLINE_SOCKET") or DEFAULT_PATH
        self._lock, self._discovering = threading.Lock(), threading.Lock()
        self._connection: Connection | None = None
        self._was_reached = self._is_closed = False
        self._methods: dict[str, dict] | None = None
        self._running: set[Cancellation] = set()

    def __enter__(self) -> JoblineClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __reduce__(self) -> tuple:
        return type(self), (self.path,)  # pickled, it is another client of the same daemon

    def after_fork(self) -> None:
        self._lock, self._discovering = threading.Lock(), threading.Lock()
        self._connection = None

    def close(self) -> None:
        """Ends every call with an error that says so; there are no further ones."""
        with self._lock:
            self._is_closed, connection, running = True, self._connection, list(self._running)
        for cancellation in running:
            cancellation.cancel("the client was closed", "Closed")
        if connection:
            connection.end(JoblineError("the client was closed", type="Closed"))

    def call(self, method: str, params: dict | None = None, *, timeout: float | None = 30.0, token: str | None = None,
             attempts: int = 3, cancel: Cancellation | None = None) -> Any:
        """The result of `method`, or a JoblineError.

        `timeout`, in seconds, is for all `attempts` together; with None only the daemon sets a limit, its longest one for
        each attempt. `token` takes the place of the one that is made up for methods that have one: calls with the same
        token and params are one.
        """
        if not isinstance(attempts, int) or attempts < 1:
            raise ValueError(f"attempts is {attempts!r}; it has to be a whole number from 1 on")
        params = checked(params)
        with self._running_for(timeout, cancel) as (deadline, cancel):
            rules = self._rules(method, deadline, cancel)
            retry, params = rules.get("x-retry", "never"), with_token(method, rules, params, token)
            for attempt in range(1, attempts + 1):
                try:
                    with self._asked(method, params, deadline, cancel) as answer:
                        return answer.next()[1]
                except JoblineError as error:
                    error.method, error.attempts, error.retry = method, attempt, retry
                    wait = pause(attempt - 1, error)
                    if attempt == attempts or not may_repeat(error, retry) or time.monotonic() + wait >= deadline:
                        raise
                cancel.sleep(wait)

    def pages(self, method: str, params: dict | None = None, **options: Any) -> Iterator[dict]:
        """The results of a list method, page by page; `options` are those of `call`, for each page."""
        params, rules = dict(checked(params)), self._pages_of(method)
        while True:
            page = self.call(method, params, **options)
            yield page
            if page.get(rules["token"]) is None:
                return
            params[rules["token"]] = page[rules["token"]]

    def items(self, method: str, params: dict | None = None, **options: Any) -> Iterator[Any]:
        """What a list method lists, one by one."""
        params, name = checked(params), self._pages_of(method)["items"]
        for page in self.pages(method, params, **options):
            yield from page.get(name) or []

    def watch(self, jobs: Iterable[dict], until: str | None = "terminal", *, timeout: float | None = None,
              cancel: Cancellation | None = None) -> Iterator[dict]:
        """Changes of jobs (`Sidecar.JobChanged`), what is so now first; goes on over a restart of the daemon.

        A job is {"family": F, "id": I}, with "workflow" where its family wants one. Ends when all jobs have ended, or
        never with `until` None. No state is told twice, and a state that is soon over may be left out.
        """
        jobs, last, failures = list(jobs), {}, 0
        with self._running_for(timeout, cancel) as (deadline, cancel):
            while left := [j for j in jobs if until is None or last.get(job_key(j), {}).get("state") not in ENDED]:
                params = {"jobs": left, **({"until": until} if until else {})}
                try:
                    turn = min(deadline, time.monotonic() + WATCH)
                    with self._asked("Sidecar.WatchJobs", params, turn, cancel) as answer:
                        while change := answer.next()[0]:
                            failures = 0
                            if change != last.get(job_key(change)):
                                last[job_key(change)] = change
                                yield change
                    return
                except JoblineError as error:
                    error.method, error.attempts, error.retry = "Sidecar.WatchJobs", failures + 1, "readonly"
                    is_quiet = error.code == 504 or error.type == "Timeout"  # nothing changed for so long
                    failures += not is_quiet
                    if time.monotonic() >= deadline or failures == 3 or not (is_quiet or may_repeat(error, "readonly")):
                        raise
                    wait = pause(max(0, failures - 1), error)
                cancel.sleep(min(wait, deadline - time.monotonic()))

    def wait(self, jobs: Iterable[dict], *, timeout: float | None = None) -> list[dict]:
        """The last change of each job, as soon as all of them have ended."""
        jobs = list(jobs)
        last = {job_key(change): change for change in self.watch(jobs, timeout=timeout)}
        return [last[job_key(job)] for job in jobs]

    @contextlib.contextmanager
    def _running_for(
            self, timeout: float | None, cancel: Cancellation | None) -> Iterator[tuple[float, Cancellation]]:
        """The deadline of what runs in the block, and the means to end it, which `close` uses as well."""
        timeout = math.inf if timeout is None else timeout
        if math.isnan(timeout):
            raise ValueError("timeout is not a number; it has to be seconds, or None for no limit")
        cancel = cancel or Cancellation()
        with self._lock:
            self._running.add(cancel)
        try:
            yield time.monotonic() + timeout, cancel
        finally:
            with self._lock:
                self._running.discard(cancel)

    @contextlib.contextmanager
    def _asked(self, method: str, params: dict, deadline: float, cancel: Cancellation) -> Iterator[Answer]:
        """A request in flight, given up if the block ends before its reply."""
        connection = self._connect(deadline, cancel)
        number, answer = connection.ask(method, params, deadline)
        try:
            cancel.attach(answer)
            yield answer
        except JoblineError as error:
            if error.code == 503:  # perhaps a drain: what is asked on this connection would be refused, too
                connection.retire()
            raise
        finally:
            connection.give_up(number)

    def _connect(self, deadline: float, cancel: Cancellation) -> Connection:
        """The connection, or a new one. A daemon that was there and is gone may be starting again: waits for it."""
        number = 0
        while True:
            cancel.sleep(0)
            with self._lock:
                if self._is_closed:
                    raise JoblineError("the client was closed", type="Closed", processed=False)
                try:
                    last = self._connection
                    if not last or not last.is_usable:
                        self._connection = Connection(self.path, is_doubted=bool(last and last.was_lost))
                    self._was_reached = True
                    if self._connection.is_heard:
                        return self._connection
                    reason, code = "it takes connections and does not answer", errno.ECONNREFUSED
                except OSError as error:
                    reason, code = error.strerror or str(error), error.errno
            left = deadline - time.monotonic()
            is_gone = self._was_reached and code in (errno.ENOENT, errno.ECONNREFUSED)
            if left <= 0 or not is_gone and code != errno.EAGAIN:
                hint = "; the socket is for the group jobline" if code == errno.EACCES else ""
                raise JoblineError(f"no daemon at {self.path}: {reason}{hint}", type="Unreachable", processed=False)
            cancel.sleep(min(pause(number), left))
            number += 1

    def _rules(self, method: str, deadline: float, cancel: Cancellation) -> dict:
        """What the OpenRPC document says of a method; it is fetched once, before the first call."""
        if method.startswith("rpc."):
            return {"x-retry": "readonly"}
        if not self._discovering.acquire(timeout=max(0, min(deadline - time.monotonic(), 1e6))):
            raise JoblineError("the contract did not come in time", type="Timeout", processed=False)
        try:
            if self._methods is None:
                document = self.call("rpc.discover", timeout=deadline - time.monotonic(), cancel=cancel)
                self._methods = {method["name"]: method for method in document["methods"]}
        except JoblineError as error:
            if error.code != 403:
                raise
            return {}  # who may not read it repeats only what was surely not done
        finally:
            self._discovering.release()
        return self._methods.get(method, {})

    def _pages_of(self, method: str) -> dict:
        with self._running_for(30, None) as (deadline, cancel):
            rules = self._rules(method, deadline, cancel)
        if "x-pages" not in rules:
            raise JoblineError(f"{method} does not list anything in pages", type="NotSent", processed=False)
        return rules["x-pages"]


def checked(params: Any) -> dict:
    """The params, which are an object whatever the method."""
    if params is not None and not isinstance(params, dict):
        raise JoblineError("the params have to be one JSON object", type="NotSent", processed=False)
    return params or {}


def with_token(method: str, rules: dict, params: dict, token: str | None) -> dict:
    """The params with a token, made up if need be, so that the server knows a repeated request as the same."""
    name = next((member["name"] for member in rules.get("params", []) if member.get("x-token")), None)
    if token is not None and name is None:
        raise JoblineError(f"{method} is not known to have a token", type="NotSent", processed=False)
    if name is None or token is None and params.get(name) is not None:
        return params
    return {**params, name: token or str(uuid.uuid4())}


# --- The command line -----------------------------------------------------------------------------------------------

# Those of joblinectl, whose help lists them.
STATUSES = {400: 65, 403: 77, 404: 66, 409: 73, 413: 65, 429: 75, 503: 75, 504: 124, -32602: 65, -32601: 65,
            "NotSent": 65, "Unreachable": 69, "ConnectionLost": 69, "Timeout": 124}
EPILOG = """exit status: 0 done; 1 a job that was waited for did not succeed; 64 the command line is wrong; 65 refused as
it is; 66 no such job or workflow; 69 unreachable or lost; 70 the daemon or its answer is broken; 73 a conflict or a
quota; 75 throttled or unavailable; 77 not allowed; 124 not in time"""
WEEK = 604_800.0  # longest time that may be asked for, in seconds


def seconds(text: str) -> float:
    if 0 < float(text) <= WEEK:
        return float(text)
    raise argparse.ArgumentTypeError("no time")


class Parser(argparse.ArgumentParser):
    def error(self, message: str) -> None:
        self.exit(64, "jobline_client: the command line is wrong; see --help\n")  # message may hold params


def parser() -> Parser:
    parser = Parser(description="Calls joblined, and prints one JSON text a line.", epilog=EPILOG)
    parser.add_argument("--socket", metavar="PATH", help=f"instead of $JOBLINE_SOCKET or {DEFAULT_PATH}")
    parser.add_argument("--timeout", metavar="SECONDS", type=seconds, help="30 for a call; a watch has none")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, text in (("call", "print the result of a method"), ("list", "print what a list method lists")):
        command = commands.add_parser(name, help=text)
        command.add_argument("method", metavar="METHOD")
        command.add_argument("params", metavar="PARAMS", nargs="?", default="{}", help="a JSON object; -: from stdin")
    for name, text in (("watch", "print changes of jobs until they end"), ("wait", "print jobs when all have ended")):
        command = commands.add_parser(name, help=text)
        command.add_argument("--workflow", metavar="NAME", help="of jobs of Matching and IdMapping")
        command.add_argument("family", metavar="FAMILY")
        command.add_argument("ids", metavar="ID", nargs="+")
    return parser


def lines(client: JoblineClient, options: argparse.Namespace) -> Iterator[Any]:
    """What a command prints."""
    if options.command in ("call", "list"):
        try:
            params = json.loads(sys.stdin.read() if options.params == "-" else options.params)
        except (ValueError, RecursionError):
            raise JoblineError("the params are no JSON", type="NotSent", processed=False) from None
        timeout = {} if options.timeout is None else {"timeout": options.timeout}
        if options.command == "list":
            yield from client.items(options.method, params, **timeout)
        else:
            yield client.call(options.method, params, **timeout)
    else:
        more = {"workflow": options.workflow} if options.workflow else {}
        jobs = [{"family": options.family, "id": id, **more} for id in dict.fromkeys(options.ids)]
        yield from (client.watch if options.command == "watch" else client.wait)(jobs, timeout=options.timeout)


def main(arguments: list[str]) -> int:
    options, status = parser().parse_args(arguments), 0
    try:
        with JoblineClient(options.socket) as client:
            for line in lines(client, options):
                print(json.dumps(line, ensure_ascii=True, separators=(",", ":")), flush=True)
                if options.command == "wait" and line["state"] != "succeeded":
                    status = 66 if status == 66 or line["state"] == "gone" else 1
    except JoblineError as error:
        print("jobline_client:", " ".join(str(error).split()), file=sys.stderr)
        return STATUSES.get(error.type if error.code is None else error.code, 70)
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python tries once more when it ends
        if error.errno in (errno.EPIPE, errno.EIO):  # whoever read has seen enough
            return 141
        print("jobline_client: cannot write to standard output:", error.strerror, file=sys.stderr)
        return 70
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
