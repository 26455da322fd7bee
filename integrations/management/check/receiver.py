"""A tenant's own webhook on this machine: keeps what is sent to it and checks its signature.

The check is written here a second time, as docs/webhooks.md tells a receiver to do it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

TOLERANCE: Final = 300
"""Seconds a signature may be old."""


@dataclass(frozen=True, slots=True)
class Received:
    """One call as it came in."""

    headers: Mapping[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        """The body's members."""
        return dict(json.loads(self.body))

    def is_signed_with(self, secret: str) -> bool:
        """Tell whether the secret's holder signed exactly this body just now."""
        header = self.headers.get("X-Portal-Signature", "")
        parts = dict(part.partition("=")[::2] for part in header.split(","))
        stamp = parts.get("t", "")
        if not stamp.isdecimal() or abs(time.time() - int(stamp)) > TOLERANCE:
            return False
        signed = hmac.digest(secret.encode(), f"{stamp}.".encode() + self.body, hashlib.sha256)
        return hmac.compare_digest(signed.hex(), parts.get("v1", ""))


class Receiver:
    """Listens on a port of its own from the start; `taken` grows in the order of arrival."""

    def __init__(self) -> None:
        taken: list[Received] = []

        class Handler(BaseHTTPRequestHandler):
            """Keeps a call and answers 204."""

            def do_POST(self) -> None:  # noqa: N802 - the name is the base class's
                """Take one call."""
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                taken.append(Received(dict(self.headers), body))
                self.send_response(204)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing: lines would stand between the steps."""

        self.taken = taken
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}/synced/"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
