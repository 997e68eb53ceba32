"""Stands in for pgAdmin: the deployment only starts it, asks whether it is alive, and leads people to its login page.

Like the real image it needs an account at the first start, keeps it in its volume, and listens at a port of choice.
"""

import os
import sqlite3
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

DATABASE = Path("/var/lib/pgadmin/pgadmin4.db")
LOGIN = b"<!DOCTYPE html><title>pgAdmin 4</title><h1>Login</h1><form method=post><input name=email></form>"


class Handler(BaseHTTPRequestHandler):
    """Answers the few addresses that a deployment knows."""

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == "/misc/ping":
            self.answer(200, b"PING", "text/plain")
        elif path in ("/login", "/login/"):
            self.answer(200, LOGIN, "text/html")
        elif path == "/":
            self.answer(302, b"", "text/html", Location="/login?next=/")
        else:
            self.answer(404, b"not found", "text/plain")

    do_HEAD = do_GET

    def answer(self, status: int, body: bytes, kind: str, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def make_account() -> None:
    if DATABASE.exists():
        return
    email = os.environ.get("PGADMIN_DEFAULT_EMAIL")
    if not email or not os.environ.get("PGADMIN_DEFAULT_PASSWORD"):
        sys.exit("set PGADMIN_DEFAULT_EMAIL and PGADMIN_DEFAULT_PASSWORD")
    with sqlite3.connect(DATABASE) as database:
        database.execute("CREATE TABLE user (email TEXT)")
        database.execute("INSERT INTO user VALUES (?)", [email])


if __name__ == "__main__":
    make_account()
    port = int(os.environ.get("PGADMIN_LISTEN_PORT", "80"))
    ThreadingHTTPServer(("", port), Handler).serve_forever()
