"""A registry that one reads from: its images, the line that all its clients share, and what goes wrong on it.

    python3 registry.py PORT_FILE SETTINGS_FILE

The settings are JSON and are read again when they change:

    images     what is made up: {"NAME:TAG": {"layers": [BYTES, ...], "architecture": "amd64"}}
    folder     images that registry_images.py has written
    rate       bytes a second, over all connections; without it there is no limit
    latency    seconds before each answer
    log        a file that gets a line of JSON for each answer
    login      {"user": ..., "password": ..., "kind": "basic" or "bearer"}; without it anybody may read
    tls        {"certificate": FILE, "key": FILE}; read once
    faults     the first that fits and is not used up, for requests whose path holds the regular expression `path`:
               {"path": ..., "status": 429, "headers": {...}, "body": ...} answers that,
               {"path": ..., "cut_after": BYTES} ends the connection after so many bytes of the answer's body,
               {"path": ..., "stall_after": BYTES} sends no more after so many; `times` is how often (else: always)
"""

import base64
import http.server
import json
import os
import re
import socket
import ssl
import sys
import threading
import time
import urllib.parse

from registry_images import Folder, Held, Image, Stored, made_up

TOKEN = "a-token-of-the-registry"
ERRORS = {
    401: ("UNAUTHORIZED", "authentication required"),
    403: ("DENIED", "requested access to the resource is denied"),
    404: ("MANIFEST_UNKNOWN", "manifest unknown"),
    429: ("TOOMANYREQUESTS", "You have reached your pull rate limit."),
}


class Settings:
    """What the file says now, and how often each fault has happened."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.lock = threading.Lock()
        self.stamp: tuple[int, int] | None = None
        self.values: dict = {}
        self.images: dict[str, Image] = {}
        self.used: dict[str, int] = {}

    def now(self) -> dict:
        with self.lock:
            status = os.stat(self.path)
            stamp = (status.st_mtime_ns, status.st_ino)
            if stamp != self.stamp:
                with open(self.path, encoding="utf-8") as file:
                    self.values = json.load(file)
                self.stamp = stamp
                self.images = {}
            return self.values

    def fault(self, path: str) -> dict | None:
        for fault in self.now().get("faults", []):
            key = json.dumps(fault, sort_keys=True)
            if not re.search(fault["path"], path):
                continue
            with self.lock:
                if self.used.get(key, 0) >= fault.get("times", sys.maxsize):
                    continue
                self.used[key] = self.used.get(key, 0) + 1
            return fault
        return None

    def image(self, name: str, wish: dict) -> Image:
        with self.lock:
            if name not in self.images:
                self.images[name] = made_up(name, wish)
            return self.images[name]

    def find(self, name: str, kind: str, reference: str) -> tuple[str, Held | Stored] | None:
        """An answer's media type and content."""
        values = self.now()
        for full, wish in values.get("images", {}).items():
            if full.rsplit(":", 1)[0] == name and (found := self.image(full, wish).find(kind, reference)):
                return found
        folder = values.get("folder")
        return Folder(folder).find(name, kind, reference) if folder else None


class Line:
    """The line to the registry: who sends takes a piece of its time."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.free = 0.0

    def take(self, size: int, rate: float) -> None:
        with self.lock:
            self.free = max(self.free, time.monotonic()) + size / rate
            until = self.free
        time.sleep(max(0.0, until - time.monotonic()))


settings = Settings(sys.argv[2])
line = Line()
log_lock = threading.Lock()


class Registry(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    # Answers

    def do_GET(self) -> None:
        self.begin, self.sent, self.status = time.time(), 0, 0
        values = settings.now()
        time.sleep(values.get("latency", 0))
        fault = settings.fault(self.path) or {}
        try:
            if "status" in fault:
                self.refuse(fault["status"], fault.get("headers", {}), fault.get("body"))
            elif self.path.startswith("/token"):
                self.hand_out_token(values["login"])
            elif self.may_read(values.get("login")):
                self.find(fault)
        except OSError:
            self.close_connection = True
        finally:
            self.note(values, fault)

    do_HEAD = do_GET

    def find(self, fault: dict) -> None:
        if self.path.rstrip("/") == "/v2":
            self.give(b"{}", "application/json", {}, {})
            return
        match = re.fullmatch(r"/v2/(.+)/(manifests|blobs)/([^/?]+)", self.path)
        found = settings.find(*match.groups()) if match else None
        if found is None:
            self.refuse(404, {}, None)
        else:
            kind, content = found
            self.give(content, kind, {"Docker-Content-Digest": content.digest}, fault)

    def give(self, content, kind: str, headers: dict[str, str], fault: dict) -> None:
        size = len(content)
        first, last = self.range_of(size)
        self.send_response(206 if (first, last) != (0, size) else 200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(last - first))
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Docker-Distribution-Api-Version", "registry/2.0")
        if (first, last) != (0, size):
            self.send_header("Content-Range", f"bytes {first}-{last - 1}/{size}")
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.send_pieces(content, first, last, fault)

    def range_of(self, size: int) -> tuple[int, int]:
        match = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if not match or int(match[1]) >= size:
            return 0, size
        return int(match[1]), min(size, int(match[2]) + 1) if match[2] else size

    def send_pieces(self, content, first: int, last: int, fault: dict) -> None:
        rate = settings.now().get("rate")
        piece = 65536 if not rate else int(max(1, min(65536, rate / 20)))
        for start in range(first, last, piece):
            part = content[start:min(last, start + piece)]
            if "cut_after" in fault and self.sent + len(part) > fault["cut_after"]:
                self.connection.shutdown(socket.SHUT_RDWR)
                self.close_connection = True
                return
            while "stall_after" in fault and self.sent + len(part) > fault["stall_after"]:
                self.wait_for_client()
            if rate := settings.now().get("rate"):
                line.take(len(part), rate)
            self.wfile.write(part)
            self.sent += len(part)

    def wait_for_client(self) -> None:
        """Nothing more is sent until the client goes, which is an error."""
        self.connection.settimeout(None)
        if not self.connection.recv(1):
            raise ConnectionResetError

    def refuse(self, status: int, headers: dict[str, str], body: str | None) -> None:
        code, message = ERRORS.get(status, ("UNKNOWN", "something is broken in the registry"))
        if body is None:
            body = json.dumps({"errors": [{"code": code, "message": message, "detail": {}}]})
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body.encode())))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body.encode())

    # Logins

    def may_read(self, login: dict | None) -> bool:
        if not login:
            return True
        given = self.headers.get("Authorization", "")
        if login.get("kind") == "bearer":
            host = self.headers.get("Host")
            scheme = "https" if settings.now().get("tls") else "http"
            challenge = f'Bearer realm="{scheme}://{host}/token",service="registry"'
            if given == f"Bearer {TOKEN}":
                return True
            if given:
                challenge += ',error="insufficient_scope"'
        else:
            challenge = 'Basic realm="registry"'
            if given == "Basic " + self.basic(login):
                return True
        self.refuse(401, {"WWW-Authenticate": challenge}, None)
        return False

    def hand_out_token(self, login: dict) -> None:
        """As the large registries do: anybody gets a token, and with some of them nothing can be read."""
        given = self.headers.get("Authorization")
        if given and given != "Basic " + self.basic(login):
            self.refuse(401, {}, None)
            return
        content = json.dumps({"token": TOKEN if given else "a-token-of-nobody"}).encode()
        self.give(content, "application/json", {}, {})

    @staticmethod
    def basic(login: dict) -> str:
        return base64.b64encode(f"{login['user']}:{login['password']}".encode()).decode()

    # The log

    def send_response(self, code: int, message: str | None = None) -> None:
        self.status = code
        super().send_response(code, message)

    def note(self, values: dict, fault: dict) -> None:
        if "log" not in values:
            return
        entry = {
            "method": self.command, "path": self.path, "status": self.status, "bytes": self.sent,
            "begin": self.begin, "end": time.time(), "range": self.headers.get("Range"), "fault": bool(fault),
        }
        with log_lock, open(values["log"], "a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")

    def log_message(self, *_: object) -> None:
        pass


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 64

    def handle_error(self, *_: object) -> None:
        pass


server = Server((os.environ.get("REGISTRY_ADDRESS") or "127.0.0.1", 0), Registry)
if tls := settings.now().get("tls"):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tls["certificate"], tls["key"])
    server.socket = context.wrap_socket(server.socket, server_side=True)
with open(sys.argv[1] + ".new", "w", encoding="utf-8") as file:
    file.write(str(server.server_port))
os.rename(sys.argv[1] + ".new", sys.argv[1])
server.serve_forever()
