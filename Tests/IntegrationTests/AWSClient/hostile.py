#!/usr/bin/env python3
"""Sends invalid, hostile and unusual HTTP to the AWS endpoint. Prints one line for each failure; exit status 1 then."""

import http.client
import re
import socket
import ssl
import sys

PORT = int(sys.argv[1])
HOST = f"Host: 127.0.0.1:{PORT}\r\n"
GET = f"GET /matchingworkflows HTTP/1.1\r\n{HOST}\r\n"
failures = []


def exchange(data, pieces=None, half_close=False, wait=20):
    """Everything that comes back until the endpoint closes, or until nothing comes any more."""
    with socket.create_connection(("127.0.0.1", PORT), timeout=wait) as connection:
        for piece in pieces or [data]:
            try:
                connection.sendall(piece if isinstance(piece, bytes) else piece.encode("latin-1"))
            except OSError:
                break
        if half_close:
            connection.shutdown(socket.SHUT_WR)
        text = b""
        try:
            while part := connection.recv(65536):
                text += part
        except OSError:
            pass
        return text.decode("latin-1")


def expect(what, text, *statuses):
    found = [status for status in re.findall("HTTP/1.1 ([0-9]{3}) ", text) if status != "100"]
    if found != [str(status) for status in statuses]:
        failures.append(f"{what}: {found} instead of {statuses}: {text!r:.200}")


def close(data):
    return data.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n", 1)


# --- usual, in unusual ways -------------------------------------------------------------------------------------------

expect("one request", exchange(close(GET)), 200)
expect("byte by byte", exchange(None, pieces=[byte for byte in close(GET)]), 200)
expect("three at once", exchange(GET + GET + close(GET)), 200, 200, 200)
expect("half-close", exchange(GET, half_close=True), 200)
expect("HTTP/1.0", exchange(f"GET /matchingworkflows HTTP/1.0\r\n{HOST}\r\n"), 200)
body = '{"JobId": "absent"}'
post = f"POST / HTTP/1.1\r\n{HOST}X-Amz-Target: ComprehendMedical_20181030.DescribePHIDetectionJob\r\n"
expect("a body", exchange(close(f"{post}Content-Length: {len(body)}\r\n\r\n{body}")), 404)
expect("chunks", exchange(close(f"{post}Transfer-Encoding: chunked\r\n\r\n4\r\n{body[:4]}\r\n{len(body) - 4:x}\r\n{body[4:]}\r\n0\r\n\r\n")), 404)
expect("Expect: 100-continue", exchange(close(f"{post}Expect: 100-continue\r\nContent-Length: {len(body)}\r\n\r\n{body}")), 404)
if "100 Continue" not in exchange(f"{post}Expect: 100-continue\r\nContent-Length: {len(body)}\r\n\r\n", wait=0.5):
    failures.append("100 Continue never comes")

# --- refused ----------------------------------------------------------------------------------------------------------

expect("length and chunks", exchange(f"{post}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{GET}"), 400)
expect("two lengths", exchange(f"{post}Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef"), 400)
expect("a wrong length", exchange(f"{post}Content-Length: -1\r\n\r\n"), 400)
expect("a large head", exchange(f"GET /matchingworkflows HTTP/1.1\r\n{HOST}X: {'a' * 17000}\r\nConnection: close\r\n\r\n"), 431)
expect("a large body", exchange(f"{post}Content-Length: 1048577\r\n\r\n"), 413)
expect("endless chunks", exchange(None, pieces=[f"{post}Transfer-Encoding: chunked\r\n\r\n"] + [f"10000\r\n{'x' * 65536}\r\n"] * 40), 413)
expect("a slow head", exchange(f"GET /matchingworkflows HTTP/1.1\r\n{HOST}"), 408)
expect("a slow body", exchange(f"{post}Content-Length: 100\r\n\r\nabc"), 408)
expect("no HTTP", exchange("hello\r\n\r\n"), 400)
expect("a frame", exchange('40\n{"method":"rpc.ping","id":1}\n'), 400)
for name, value in (("Origin", "http://127.0.0.1"), ("Sec-Fetch-Site", "same-origin"), ("X-Forwarded-For", "10.0.0.1")):
    expect(name, exchange(close(f"GET /matchingworkflows HTTP/1.1\r\n{HOST}{name}: {value}\r\n\r\n")), 403)
for host in ("evil.example", "127.0.0.1.evil.example", "[::2]", "", "localhost.evil.example:80"):
    expect(host, exchange(close(f"GET /matchingworkflows HTTP/1.1\r\nHost: {host}\r\n\r\n")), 403)
for host in ("localhost", "localhost:1", "127.9.9.9", "[::1]:80", "jobline.localhost"):
    expect(host, exchange(close(f"GET /matchingworkflows HTTP/1.1\r\nHost: {host}\r\n\r\n")), 200)
try:
    with socket.create_connection(("127.0.0.1", PORT), timeout=20) as plain:
        ssl._create_unverified_context().wrap_socket(plain)
    failures.append("TLS: is spoken")
except (ssl.SSLError, OSError):
    pass

# --- idle, and afterwards ---------------------------------------------------------------------------------------------

idle = [socket.create_connection(("127.0.0.1", PORT), timeout=20) for _ in range(200)]
expect("beside idle connections", exchange(close(GET)), 200)
for connection in idle:
    connection.close()
kept = http.client.HTTPConnection("127.0.0.1", PORT, timeout=20)
for number in range(500):
    kept.request("GET", "/matchingworkflows")
    response = kept.getresponse()
    if response.status != 200 or not response.read():
        failures.append(f"request {number} of one connection: {response.status}")
        break

print("\n".join(failures))
sys.exit(1 if failures else 0)
