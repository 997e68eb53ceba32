"""The REST API as an application object."""

import os

from dioptra.sdk.utilities.logging import configure_structlog

# Before anything logs: `dioptra-db` reads what the application prints, and would take a log line for a revision.
configure_structlog()

from dioptra.restapi import create_app  # noqa: E402

app = create_app(env=os.getenv("DIOPTRA_RESTAPI_ENV"))
