#!/usr/bin/env python3
"""Have a Dioptra deployment import resources from a git repository.

Logs in to the REST API, asks it to import what the repository's extra/dioptra.toml
lists, and prints each answer as JSON. Needs Python 3.11 or newer and nothing else.
"""

from __future__ import annotations

import argparse
import getpass
import http.client
import http.cookiejar
import json
import os
import ssl
import sys
import urllib.error
import urllib.parse
import urllib.request

LOGIN = "/api/v1/auth/login"
IMPORT = "/api/v1/workflows/resourceImport"
CONFIG_PATH = "extra/dioptra.toml"

FAILED = 1
WRONG_USAGE = 2
INTERRUPTED = 130


class Failure(Exception):
    """What went wrong, in sentences, and the exit status for it."""

    def __init__(self, message: str, status: int = FAILED) -> None:
        super().__init__(message)
        self.status = status


class EveryStatus(urllib.request.HTTPErrorProcessor):
    """Take every answer as it is: no exception for a status, no redirect followed.

    Following a redirect would repeat a POST as a GET.
    """

    def http_response(
        self, request: urllib.request.Request, response: http.client.HTTPResponse
    ) -> http.client.HTTPResponse:
        """Return the answer unchanged."""
        return response

    https_response = http_response


class Deployment:
    """The REST API of a deployment, and a session with it."""

    def __init__(self, host: str, ca_file: str | None, timeout: int) -> None:
        """Prepare the session; nothing is sent yet."""
        self.url = checked_url(host)
        self.timeout = timeout
        handlers: list[urllib.request.BaseHandler] = [
            EveryStatus(),
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()),
            urllib.request.HTTPSHandler(context=trust(ca_file)),
        ]
        if urllib.parse.urlsplit(host).hostname in ("localhost", "127.0.0.1", "::1"):
            handlers.append(urllib.request.ProxyHandler(dict()))
        self.opener = urllib.request.build_opener(*handlers)

    def log_in(self, username: str, password: str) -> None:
        """Log in; the session's cookie goes with every later request."""
        body = json.dumps(dict(username=username, password=password))
        status = self.post(LOGIN, body, "application/json")
        if status == 401:
            raise Failure("The login failed: check the user name and the password.")
        if status != 200:
            raise Failure(
                f"The login failed: the server answered {status}. "
                "Its answer above says why; so does the log of the REST API."
            )

    def import_resources(self, form: dict[str, str]) -> None:
        """Have the server import resources, and wait until it has."""
        body = urllib.parse.urlencode(form)
        status = self.post(IMPORT, body, "application/x-www-form-urlencoded")
        if not 200 <= status < 300:
            raise Failure(
                f"The import failed: the server answered {status}. "
                "Its answer above says why; so does the log of the REST API."
            )

    def post(self, path: str, body: str, content_type: str) -> int:
        """Send a request, print the JSON of the answer and return its status."""
        headers = dict([("Content-Type", content_type), ("Accept", "application/json")])
        request = urllib.request.Request(self.url + path, body.encode(), headers)
        try:
            with self.opener.open(request, timeout=self.timeout) as response:
                status: int = response.status
                location = response.headers.get("Location")
                answer = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise self.unanswered(error) from None
        if 300 <= status < 400:
            raise Failure(
                f"{self.url} redirects to {location!a}. "
                "Give the address that the deployment redirects to with --host."
            )
        try:
            document = json.loads(answer)
        except ValueError:
            raise Failure(
                f"{self.url} answered {status} to {path}, without JSON. "
                "Check that the deployment is running and that --host is its address."
            ) from None
        print(json.dumps(document, indent=2), flush=True)
        return status

    def unanswered(self, error: Exception) -> Failure:
        """Say why there is no answer."""
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        if isinstance(reason, TimeoutError):
            return Failure(
                f"{self.url} did not answer within {self.timeout} seconds. "
                "Look whether it is busy, or allow more with --timeout."
            )
        if isinstance(reason, ssl.SSLCertVerificationError):
            return Failure(
                f"The certificate of {self.url} is refused: "
                f"{reason.verify_message.rstrip('.')}. "
                "Use a name that it is made for; if its CA is private, name the CA's "
                "certificate with --ca-file."
            )
        text = getattr(reason, "strerror", None) or str(reason) or "no answer"
        return Failure(
            f"{self.url} cannot be reached: {text}. "
            "Check that the deployment is running and that --host is its address."
        )


def checked_url(host: str) -> str:
    """Check a deployment's address, and return it without a slash at its end."""
    try:
        parts = urllib.parse.urlsplit(host)
        name = (parts.hostname or "").encode("idna")
        usable = parts.scheme in ("http", "https") and name and parts.port != 0
    except ValueError:
        usable = False
    plain = host.isascii() and host.isprintable() and not set(host) & set(" @?#")
    if not (usable and plain):
        # The value is not shown: it may hold a password.
        raise Failure(
            "The deployment's address is not usable. Give --host, or DIOPTRA_HOST, "
            "like http://localhost or https://dioptra.example.org:8443.",
            WRONG_USAGE,
        )
    return host.rstrip("/")


def trust(ca_file: str | None) -> ssl.SSLContext:
    """Trust the system's authorities, or only those of a file."""
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:
        raise Failure(
            f"The CA file {ca_file!a} cannot be used: {error.strerror}. "
            "Give a readable file of PEM certificates with --ca-file.",
            WRONG_USAGE,
        ) from None


def ask(what: str, option: str, secret: bool = False) -> str:
    """Ask on the terminal for a value that was not given."""
    if sys.stdin is None or not sys.stdin.isatty():
        raise Failure(
            f"The {what} is missing and cannot be asked for, as standard input is no "
            f"terminal: give it with {option}.",
            WRONG_USAGE,
        )
    prompt = f"{what.capitalize()}: "
    if secret:
        try:
            value = getpass.getpass(prompt, sys.stderr)
        except EOFError:
            value = ""
    else:
        print(prompt, end="", file=sys.stderr, flush=True)
        value = sys.stdin.readline().strip()
    if not value:
        raise Failure(f"The {what} is missing: nothing was entered.", WRONG_USAGE)
    return value


def make_parser() -> argparse.ArgumentParser:
    """Describe the command line. Defaults of secrets are read elsewhere."""
    parser = argparse.ArgumentParser(
        description="Have a Dioptra deployment import resources (plugins, entry "
        f"points) from a git repository, as its {CONFIG_PATH} lists them. The answers "
        "of the server are printed as JSON.",
        epilog="Exit status: 0 imported, 1 failed, 2 wrong usage. A password on the "
        "command line can be seen by other users of this machine; DIOPTRA_PASSWORD "
        "and the prompt cannot.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "--host",
        metavar="URL",
        help="address of the deployment, as published by its web server "
        "(default: DIOPTRA_HOST, else http://localhost)",
    )
    parser.add_argument(
        "-u",
        "--username",
        metavar="NAME",
        help="user of the REST API (default: DIOPTRA_USERNAME, else asked for)",
    )
    parser.add_argument(
        "-p",
        "--password",
        help="its password (default: DIOPTRA_PASSWORD, else asked for)",
    )
    parser.add_argument(
        "--git-url",
        metavar="URL",
        default="https://github.com/usnistgov/dioptra",
        help="repository to import from (default: %(default)s)",
    )
    parser.add_argument(
        "--git-branch",
        metavar="BRANCH",
        help="branch or tag to import (default: DIOPTRA_BRANCH, else main)",
    )
    parser.add_argument(
        "-g",
        "--group",
        type=int,
        default=1,
        metavar="ID",
        help="group that receives the resources (default: %(default)s)",
    )
    conflict = parser.add_mutually_exclusive_group()
    conflict.add_argument(
        "--on-conflict",
        choices=("fail", "update", "overwrite"),
        default="fail",
        help="what to do where a resource of the same name exists "
        "(default: %(default)s)",
    )
    conflict.add_argument(
        "--overwrite",
        dest="on_conflict",
        action="store_const",
        const="overwrite",
        help="same as --on-conflict overwrite",
    )
    parser.add_argument(
        "--ca-file",
        metavar="FILE",
        help="with HTTPS: trust the CA certificates (PEM) in this file instead of "
        "the system's",
    )
    parser.add_argument(
        "--timeout",
        type=int,
        default=300,
        metavar="SECONDS",
        help="how long to wait for an answer (default: %(default)s)",
    )
    return parser


def run() -> None:
    """Read the command line, log in and import."""
    parser = make_parser()
    options = parser.parse_args()
    if not 1 <= options.timeout <= 86400:
        parser.error("argument --timeout: must be between 1 and 86400")

    given = os.environ.get
    host = options.host or given("DIOPTRA_HOST") or "http://localhost"
    branch = options.git_branch or given("DIOPTRA_BRANCH") or "main"
    deployment = Deployment(host, options.ca_file, options.timeout)
    form = dict(
        group=str(options.group),
        sourceType="git",
        gitUrl=f"{options.git_url}#{branch}",
        configPath=CONFIG_PATH,
        resolveNameConflictsStrategy=options.on_conflict,
    )

    username = options.username or given("DIOPTRA_USERNAME")
    if not username:
        username = ask("user name", "--username or DIOPTRA_USERNAME")
    password = options.password or given("DIOPTRA_PASSWORD")
    if not password:
        password = ask("password", "DIOPTRA_PASSWORD or --password", secret=True)

    deployment.log_in(username, password)
    deployment.import_resources(form)


def main() -> int:
    """Run the program and return its exit status."""
    try:
        run()
    except Failure as failure:
        print(failure, file=sys.stderr)
        return failure.status
    except UnicodeEncodeError:
        print("An option holds bytes that are not UTF-8.", file=sys.stderr)
        return WRONG_USAGE
    except BrokenPipeError:
        # Nobody reads the answers: close standard output without a complaint.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except OSError as error:
        print(f"The answer cannot be printed: {error.strerror}.", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print(file=sys.stderr)
        return INTERRUPTED
    return 0


if __name__ == "__main__":
    sys.exit(main())
