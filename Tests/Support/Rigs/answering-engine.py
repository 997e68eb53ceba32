#!/usr/bin/env python3
"""Stands for an engine behind `docker system dial-stdio`: answers HTTP requests on standard input from a table.

answering-engine.py TABLE: a file of JSON, in which "GET /info" leads to a list of bodies: one for each time that it is asked
for, and the last one from then on. A name may be a pattern of a shell. What is not there does not exist (404). Each request is
noted in TABLE.calls.
"""

import fnmatch
import json
import sys


def read_request(source):
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = source.read(1)
        if not byte:
            return None
        head += byte
    lines = head.decode().split("\r\n")
    fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:] if line)}
    method, target, _ = lines[0].split(" ", 2)
    body = source.read(int(fields.get("content-length", "0")))
    return method, target, body.decode()


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        table = json.load(file)
    while (request := read_request(sys.stdin.buffer)) is not None:
        method, target, body = request
        name = f"{method} {target.partition('?')[0]}"
        with open(sys.argv[1] + ".calls", "a+", encoding="utf-8") as calls:
            calls.seek(0)
            before = sum(line.split("?")[0].split("\t")[0].rstrip() == name for line in calls)
            calls.write(f"{method} {target}\t{body}".rstrip() + "\n")
        found = table.get(name) or next((table[key] for key in table if fnmatch.fnmatchcase(name, key)), None)
        status, text = (200, found[min(before, len(found) - 1)]) if found else (404, '{"message": "it does not exist"}')
        data = text.encode()
        sys.stdout.buffer.write(f"HTTP/1.1 {status} x\r\nContent-Length: {len(data)}\r\n\r\n".encode() + data)
        sys.stdout.buffer.flush()


main()
