"""Signature version 4: who sent a request, and whether they know the secret."""

import hashlib
import hmac
import re
from urllib.parse import quote, unquote

from werkzeug.wrappers import Request

from .errors import Refused, denied

AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<user>[^,]+)/(?P<date>\d{8})/(?P<region>[^/,]*)/(?P<service>[^/,]+)/aws4_request,"
    r"\s*SignedHeaders=(?P<headers>[^,]+),\s*Signature=(?P<signature>[0-9a-f]{64})"
)


def access_key(request: Request) -> str:
    return parsed(request)["user"]


def parsed(request: Request) -> dict[str, str]:
    match = AUTHORIZATION.fullmatch(request.headers.get("Authorization", ""))
    if match is None:
        raise denied()
    return match.groupdict()


def check_signature(request: Request, secret: str) -> None:
    claim = parsed(request)
    payload = request.headers.get("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD")
    if re.fullmatch("[0-9a-f]{64}", payload) and hashlib.sha256(request.get_data()).hexdigest() != payload:
        raise Refused(400, "XAmzContentSHA256Mismatch", "The body does not have the hash that was signed.")

    scope = "/".join([claim["date"], claim["region"], claim["service"], "aws4_request"])
    canonical = "\n".join([request.method, *address(request), headers(request, claim["headers"]), payload])
    text = "\n".join(
        [
            "AWS4-HMAC-SHA256",
            request.headers.get("X-Amz-Date", ""),
            scope,
            hashlib.sha256(canonical.encode()).hexdigest(),
        ]
    )
    key = ("AWS4" + secret).encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    if not hmac.compare_digest(hmac.digest(key, text.encode(), "sha256").hex(), claim["signature"]):
        raise Refused(
            403,
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided.",
        )


def address(request: Request) -> tuple[str, str]:
    """Path and query as they are signed, whichever way the client wrote them."""
    path, _, query = request.environ["RAW_URI"].partition("?")
    pairs = [pair.partition("=") for pair in query.split("&") if pair]
    encoded = sorted((encode(unquote(name)), encode(unquote(value))) for name, _, value in pairs)
    return quote(unquote(path), safe="/-_.~"), "&".join(f"{name}={value}" for name, value in encoded)


def encode(text: str) -> str:
    return quote(text, safe="-_.~")


def headers(request: Request, names: str) -> str:
    lines = [f"{name}:{' '.join(request.headers.get(name, '').split())}\n" for name in names.split(";")]
    return "".join(lines) + "\n" + names
