"""Stands in for MinIO's server, of which neither Debian nor PyPI has a package.

Real are the clients that talk to it: `mc`, boto3 and MLflow. So it speaks both of MinIO's protocols: S3, which moto
answers once signature and policies are checked here, and the part of the administration API that sets up accounts and
policies, encrypted as MinIO's clients expect. All is kept in the data folder, and like the real server it does not
start on data that other keys were used for.

    python -m stand_in.server server FOLDER [--address HOST:PORT] [--console-address HOST:PORT]

STAND_IN_DELAY is the number of seconds before it listens.
"""

import argparse
import hashlib
import hmac
import io
import os
import signal
import sys
import threading
import time
from pathlib import Path

from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from .accounts import Accounts
from .admin import Administration
from .errors import Refused
from .files import write_file
from .objects import Objects
from .permissions import needed_permissions
from .signature import access_key, check_signature


class Server:
    """The WSGI application behind the S3 port."""

    def __init__(self, folder: Path, root: tuple[str, str]) -> None:
        self.accounts = Accounts(folder / ".minio.sys/accounts.json", root)
        self.administration = Administration(self.accounts)
        self.objects = Objects(folder)

    def __call__(self, environ: dict, start_response):
        request = Request(environ)
        if request.path.startswith("/minio/health/"):
            return Response()(environ, start_response)
        # The signature is over the body, which moto wants to read afterwards.
        body = request.get_data()
        environ |= {"wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        try:
            user = self.authenticate(request)
            if request.path.startswith("/minio/admin/"):
                response = self.administration.answer(request, user)
            else:
                for action, resource, conditions in needed_permissions(request):
                    self.accounts.check(user, action, resource, conditions)
                response = self.objects.answer(request)
        except Refused as refusal:
            response = refusal.response(request)
        return response(environ, start_response)

    def authenticate(self, request: Request) -> str:
        user = access_key(request)
        check_signature(request, self.accounts.secret(user))
        return user


def check_keys(folder: Path, keys: list[str]) -> None:
    """Ends the program if the data was made with other keys."""
    path = folder / ".minio.sys/format.key"
    if path.exists():
        salt, digest = bytes.fromhex(path.read_text()[:32]), path.read_text()[32:]
    else:
        salt, digest = os.urandom(16), None
    found = hashlib.scrypt("\n".join(keys).encode(), salt=salt, n=2**12, r=8, p=1).hex()
    if digest is None:
        write_file(path, (salt.hex() + found).encode())
    elif not hmac.compare_digest(digest, found):
        sys.exit(
            "FATAL Unable to initialize the server: the data was made with another MINIO_ROOT_USER,"
            " MINIO_ROOT_PASSWORD or MINIO_KMS_SECRET_KEY"
        )


def console(environ: dict, start_response):
    """The page at the console's port."""
    page = Response("<!DOCTYPE html><title>MinIO Console</title><h1>Login</h1>", mimetype="text/html")
    return page(environ, start_response)


def serve(address: str, application, handler=None):
    host, _, port = address.rpartition(":")
    server = make_server(host or "0.0.0.0", int(port), application, threaded=True, request_handler=handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()


def main() -> None:
    parser = argparse.ArgumentParser(prog="minio")
    parser.add_argument("command", choices=["server"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--address", default=":9000")
    parser.add_argument("--console-address", default=":9001")
    arguments = parser.parse_args()

    user = os.environ.get("MINIO_ROOT_USER", "minioadmin")
    password = os.environ.get("MINIO_ROOT_PASSWORD", "minioadmin")
    if len(user) < 3 or len(password) < 8:
        sys.exit("FATAL Invalid credentials: the user needs 3 characters, the password 8")
    check_keys(arguments.folder, [user, password, os.environ.get("MINIO_KMS_SECRET_KEY", "")])

    time.sleep(float(os.environ.get("STAND_IN_DELAY") or 0))
    serve(arguments.address, Server(arguments.folder, (user, password)), MotoRequestHandler)
    serve(arguments.console_address, console)
    print("MinIO stand-in is up:", arguments.address, arguments.console_address)
    signal.sigwait([signal.SIGTERM, signal.SIGINT])


if __name__ == "__main__":
    # Before any thread, so that all of them leave the signals to main.
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM, signal.SIGINT])
    main()
