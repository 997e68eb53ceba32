"""A registry with one image of one layer, which it gives out at a rate, or only a part of.

    python3 registry.py PORT_FILE LAYER_BYTES BYTES_PER_SECOND [STOP_AFTER]
"""

import gzip
import hashlib
import http.server
import io
import json
import os
import sys
import tarfile
import time

port_file, size, rate = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
stop_after = int(sys.argv[4]) if len(sys.argv) > 4 else None


def layer() -> tuple[bytes, str]:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        member = tarfile.TarInfo("data")
        member.size = size
        archive.addfile(member, io.BytesIO(os.urandom(size)))
    plain = buffer.getvalue()
    return gzip.compress(plain, 1), "sha256:" + hashlib.sha256(plain).hexdigest()


def digest(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


packed, difference = layer()
settings = json.dumps({
    "architecture": "amd64", "os": "linux", "config": {}, "rootfs": {"type": "layers", "diff_ids": [difference]},
}).encode()
kind = "application/vnd.docker.distribution.manifest.v2+json"
manifest = json.dumps({
    "schemaVersion": 2, "mediaType": kind,
    "config": {
        "mediaType": "application/vnd.docker.container.image.v1+json", "size": len(settings), "digest": digest(settings)},
    "layers": [{
        "mediaType": "application/vnd.docker.image.rootfs.diff.tar.gzip", "size": len(packed), "digest": digest(packed)}],
}).encode()


class Registry(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, body: bytes, content_type: str, slowly: bool = False) -> None:
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Docker-Content-Digest", digest(body))
        self.end_headers()
        if self.command == "HEAD":
            return
        if not slowly:
            self.wfile.write(body)
            return
        step = max(1, rate // 10)
        for start in range(0, len(body), step):
            if stop_after is not None and start > stop_after:
                time.sleep(600)
            self.wfile.write(body[start:start + step])
            time.sleep(0.1)

    def do_GET(self) -> None:
        if "/manifests/" in self.path:
            self.answer(manifest, kind)
        elif self.path.endswith(digest(settings)):
            self.answer(settings, "application/octet-stream")
        elif self.path.endswith(digest(packed)):
            self.answer(packed, "application/octet-stream", slowly=True)
        else:
            self.answer(b"{}", "application/json")

    do_HEAD = do_GET

    def log_message(self, *_: object) -> None:
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Registry)
with open(port_file + ".new", "w", encoding="utf-8") as file:
    file.write(str(server.server_port))
os.rename(port_file + ".new", port_file)
server.serve_forever()
