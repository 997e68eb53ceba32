"""Run a command while a stand-in for the REST API answers.

    python3 with_api.py NOTES LOGIN IMPORT COMMAND...

The command finds the address in DIOPTRA_HOST. LOGIN and IMPORT are the statuses of the
two answers; each request is noted in the file NOTES as a line of JSON.
"""

import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

notes, login, import_ = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])


class API(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        note = {
            "path": self.path,
            "type": self.headers["Content-Type"],
            "cookie": self.headers["Cookie"] or "",
            "body": body,
        }
        with open(notes, "a") as file:
            print(json.dumps(note), file=file)
        is_login = self.path == "/api/v1/auth/login"
        self.send_response(login if is_login else import_)
        if is_login:
            self.send_header("Set-Cookie", "session=s3ss10n; Path=/; HttpOnly")
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps({"answer": "login" if is_login else "import"}).encode())

    def log_message(self, *_: object) -> None:
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), API)
threading.Thread(target=server.serve_forever, daemon=True).start()
place = {"DIOPTRA_HOST": f"http://127.0.0.1:{server.server_address[1]}"}
sys.exit(subprocess.run(sys.argv[4:], env=os.environ | place, stdin=subprocess.DEVNULL).returncode)
