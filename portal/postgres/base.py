"""Django's PostgreSQL backend on the embedded server, which starts with the first connection.

Only wiring: settings that name this backend give the data directory in OPTIONS["directory"].
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.db.backends.postgresql import base

from portal.postgres import embedded_url


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection to the embedded server."""

    def get_connection_params(self) -> dict[str, Any]:
        """Start or join the server, then connect to it as its superuser."""
        params = super().get_connection_params()
        url = urlsplit(embedded_url(Path(params.pop("directory"))))
        socket = parse_qs(url.query).get("host", [url.hostname])[0]
        return {**params, "host": socket, "port": url.port, "user": url.username}
