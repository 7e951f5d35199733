#!/usr/bin/env python3
"""Prints the statuses of a read and of a write over the AWS endpoint."""

import http.client
import sys

connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=30)
statuses = []
for verb, path in (("GET", "/matchingworkflows"), ("POST", "/matchingworkflows/absent/jobs")):
    connection.request(verb, path)
    response = connection.getresponse()
    response.read()
    statuses.append(str(response.status))
print(*statuses)
