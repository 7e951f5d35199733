#!/usr/bin/env python3
"""Prints the statuses of requests over three connections at once, and over a fourth when one of them is closed."""

import http.client
import sys
import time


def get():
    connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=30)
    try:
        connection.request("GET", "/matchingworkflows")
    except OSError:
        pass  # The refusal may come before the request.
    response = connection.getresponse()
    response.read()
    return connection, response.status


connections, statuses = zip(*(get() for _ in range(3)))
connections[0].close()
for _ in range(100):
    # The endpoint notices a closed connection a little later.
    _, status = get()
    if status != 503:
        break
    time.sleep(0.05)
print(*statuses, status)
