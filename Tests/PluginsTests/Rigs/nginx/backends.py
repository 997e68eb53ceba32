"""The name server and the back ends of a deployment with nginx in front of them, while standard input is open.

usage: backends.py FOLDER

FOLDER/block  is written: the loopback addresses BLOCK.* belong to this process
FOLDER/names  is read at every question: per line a name and the last number of its address
FOLDER/ready  is written once nginx listens: nothing, or how nginx ended

A line on standard input starts nginx with FOLDER/nginx.conf. At the end of the input nginx ends and FOLDER is removed.
"""

import ctypes
import http.server
import json
import os
import random
import shutil
import signal
import socket
import socketserver
import struct
import subprocess
import sys
import threading
import time

NGINX, NAME_SERVER = 1, 2
# Each service listens on two addresses, the second as if its container had been created anew.
ANEW = 100
SERVICES = [
    ("restapi", 10, 5000), ("mlflow-tracking", 11, 5000), ("minio", 12, 9000), ("minio", 12, 9001),
    ("dbadmin", 13, 35050),
]
DATABASE = (14, 5432)
FOREVER = 600
LARGE, PAUSE = 32 << 20, 60


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request, client):
        """A client that went away is no error here."""


class Echo(http.server.BaseHTTPRequestHandler):
    """Answers every request with what arrived."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.headers.get("Upgrade") == "websocket" and self.path == "/ws":
            return self.switch()
        length = 0 if "early" in self.path else self.drain()
        if "pause" in self.path:
            time.sleep(PAUSE)
        address, port = self.connection.getsockname()
        body = json.dumps({
            "service": f"{self.server.service}:{port}",
            "number": int(address.split(".")[3]),
            "version": self.request_version,
            "method": self.command,
            "path": self.path,
            "headers": [f"{name}: {value}" for name, value in self.headers.items()],
            "length": length,
        }).encode()
        if "large" in self.path:
            body = bytes(LARGE)
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_PUT = do_POST = do_DELETE = do_GET

    def drain(self):
        if self.headers.get("Transfer-Encoding") == "chunked":
            length = 0
            while size := int(self.rfile.readline(), 16):
                length += len(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return length
        left = length = int(self.headers.get("Content-Length", 0))
        while left:
            left -= len(self.rfile.read(min(left, 1 << 20)))
        return length

    def switch(self):
        self.send_response_only(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.end_headers()
        self.close_connection = True
        self.wfile.write(self.rfile.read1(4096).upper())

    def log_message(self, *arguments):
        pass


class Database(socketserver.BaseRequestHandler):
    """Tells the last number of its address, then sends every byte back with all its bits turned over."""

    def handle(self):
        turned = bytes(255 - byte for byte in range(256))
        self.request.sendall(socket.inet_aton(self.request.getsockname()[0])[3:])
        while data := self.request.recv(1 << 16):
            self.request.sendall(data.translate(turned))


def listen(address, handler, service=None):
    server = Server(address, handler)
    server.service = service
    threading.Thread(target=server.serve_forever, daemon=True).start()


def claim():
    """Binding the name server's address makes a block of addresses this process's own."""
    for number in random.sample(range(1, 255), 254):
        block = f"127.77.{number}"
        try:
            names = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            names.bind((f"{block}.{NAME_SERVER}", 10053))
            return block, names
        except OSError:
            names.close()
    sys.exit("every block of loopback addresses is taken")


def answer(query, block, folder):
    labels, at = [], 12
    while size := query[at]:
        labels.append(query[at + 1:at + 1 + size].decode())
        at += 1 + size
    question, (kind,) = query[12:at + 5], struct.unpack(">H", query[at + 1:at + 3])
    try:
        with open(f"{folder}/names") as file:
            number = dict(line.split() for line in file).get(".".join(labels))
    except FileNotFoundError:
        number = None
    records = b""
    if number and kind == 1:
        records = b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, FOREVER, 4) + socket.inet_aton(f"{block}.{number}")
    flags = 0x8180 if number else 0x8183
    return query[:2] + struct.pack(">HHHHH", flags, 1, 1 if records else 0, 0, 0) + question + records


def serve_names(names, block, folder):
    while True:
        query, client = names.recvfrom(4096)
        names.sendto(answer(query, block, folder), client)


def write(path, text):
    with open(path + ".new", "w") as file:
        file.write(text)
    os.rename(path + ".new", path)


def end_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def start_nginx(block, folder):
    program = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    with open(f"{folder}/nginx.log", "w") as log:
        nginx = subprocess.Popen(
            [program, "-p", folder, "-c", f"{folder}/nginx.conf", "-g", "master_process off;"],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=end_with_parent)
    while nginx.poll() is None:
        try:
            socket.create_connection((f"{block}.{NGINX}", 35000)).close()
            write(f"{folder}/ready", "")
            return nginx
        except OSError:
            time.sleep(0.02)
    with open(f"{folder}/nginx.log") as log:
        write(f"{folder}/ready", f"nginx ended with status {nginx.returncode}: {log.read()}")
    return nginx


def main(folder):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    block, names = claim()
    threading.Thread(target=serve_names, args=(names, block, folder), daemon=True).start()
    for shift in (0, ANEW):
        for service, number, port in SERVICES:
            listen((f"{block}.{number + shift}", port), Echo, service)
        listen((f"{block}.{DATABASE[0] + shift}", DATABASE[1]), Database)
    write(f"{folder}/block", block)
    if sys.stdin.readline():
        nginx = start_nginx(block, folder)
        sys.stdin.read()
        nginx.kill()
        nginx.wait()
    shutil.rmtree(folder, ignore_errors=True)


main(sys.argv[1])
