"""What a request to S3 needs permission for."""

import re
from collections.abc import Iterator

from werkzeug.wrappers import Request


def needed_permissions(request: Request) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Action, bucket or object, and what conditions look at."""
    bucket, _, key = request.path.lstrip("/").partition("/")
    method, query = request.method, request.args
    if not bucket:
        yield "s3:ListAllMyBuckets", "", {}
    elif key and not {"acl", "tagging", "retention"} & set(query):
        action = {"GET": "s3:GetObject", "HEAD": "s3:GetObject", "DELETE": "s3:DeleteObject"}.get(method, "s3:PutObject")
        if method == "DELETE" and "uploadId" in query:
            action = "s3:AbortMultipartUpload"
        elif method == "GET" and "uploadId" in query:
            action = "s3:ListMultipartUploadParts"
        yield action, f"{bucket}/{key}", {}
        if source := request.headers.get("X-Amz-Copy-Source"):
            yield "s3:GetObject", source.lstrip("/"), {}
    elif key:
        yield "s3:ObjectDetails", f"{bucket}/{key}", {}
    elif method == "POST" and "delete" in query:
        for name in re.findall(rb"<Key>(.*?)</Key>", request.get_data()):
            yield "s3:DeleteObject", f"{bucket}/{name.decode()}", {}
    elif method in ("GET", "HEAD") and "location" in query:
        yield "s3:GetBucketLocation", bucket, {}
    elif method in ("GET", "HEAD") and not set(query) - LISTING:
        yield "s3:ListBucket", bucket, {"s3:prefix": query.get("prefix", "")}
    elif method == "PUT" and not query:
        yield "s3:CreateBucket", bucket, {}
    elif method == "DELETE" and not query:
        yield "s3:DeleteBucket", bucket, {}
    else:
        yield "s3:BucketDetails", bucket, {}


# The parameters of a plain listing.
LISTING = {
    "continuation-token", "delimiter", "encoding-type", "fetch-owner", "list-type", "marker", "max-keys", "metadata",
    "prefix", "start-after", "versions", "x-id",
}  # fmt: skip
