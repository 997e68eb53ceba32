"""Answers that say no."""

import json
from xml.sax.saxutils import escape

from werkzeug.wrappers import Request, Response


class Refused(Exception):
    """A request that is not carried out, with MinIO's code for the reason."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message

    def response(self, request: Request) -> Response:
        """JSON for the administration API, XML for S3."""
        if request.path.startswith("/minio/admin/"):
            body = json.dumps({"Code": self.code, "Message": self.message, "Resource": request.path})
            return Response(body, self.status, mimetype="application/json")
        body = (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f"<Error><Code>{self.code}</Code><Message>{escape(self.message)}</Message>"
            f"<Resource>{escape(request.path)}</Resource></Error>"
        )
        return Response(body, self.status, mimetype="application/xml")


def denied() -> Refused:
    return Refused(403, "AccessDenied", "Access Denied.")
