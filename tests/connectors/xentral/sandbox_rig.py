"""One Xentral stand-in with a clock that tests move, and short ways to call it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from integrations.connectors.sandbox_kit import SandboxRequest, SandboxResponse
from integrations.connectors.xentral.sandbox import DEMO_TOKEN, XentralSandbox

ADDRESSES, WRITE = "/api/v2/adressen", "/api/v1/adressen"
RESUBMISSIONS = "/api/v1/wiedervorlagen"
GROUPS = "/api/v1/gruppen"
ADA: dict[str, Any] = {
    "kundennummer": "NEW",
    "typ": "herr",
    "vorname": "Ädá",
    "name": "Größler",
    "nachname": "Größler",
    "email": "aeda@müller.example",
    "strasse": "Große Straße",
    "hausnummer": "1",
    "plz": "01067",
    "ort": "Köln",
    "land": "DE",
    "bundesstaat": "NW",
}
DEAL: dict[str, Any] = {
    "bezeichnung": "Müller – 40 Plätze",
    "beschreibung": "HubSpot deal 7001",
    "datum_erinnerung": "2026-12-15",
    "zeit_erinnerung": "09:00:00",
}


class Desk:
    """A stand-in, somebody who works in it, and calls of its API with the demo's token."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
        self.sandbox = XentralSandbox(lambda: self.now)
        self.person = self.sandbox.person()

    def wait(self, **span: float) -> None:
        """Let time pass."""
        self.now += timedelta(**span)

    def ask(
        self, method: str, path: str, body: Any = None, token: str = DEMO_TOKEN, **query: Any
    ) -> SandboxResponse:
        """Make one call."""
        sent = b"" if body is None else json.dumps(body).encode()
        target = f"{path}?{urlencode(query)}" if query else path
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        return self.sandbox.handle(SandboxRequest.build(method, target, headers=headers, body=sent))

    def data(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """Make a call that succeeds and return its data."""
        answer = self.ask(method, path, body, **query)
        assert answer.status < 300, answer.body
        return answer.json()["data"]

    def error(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """Make a call that the old API refuses; return status and code."""
        answer = self.ask(method, path, body, **query)
        found = answer.json()["error"]
        assert found["http_code"] == answer.status
        return answer.status, found["code"]

    def details(self, method: str, path: str, body: Any) -> Any:
        """Make a call that the old API refuses; return what it says in detail."""
        found = self.ask(method, path, body).json()["error"]
        return found.get("details") or found.get("errors")

    def ids(self, path: str, **query: Any) -> list[int]:
        """Return the ids of a list."""
        return [row["id"] for row in self.data("GET", path, **query)]

    def address(self, **values: Any) -> int:
        """Create an address through the old API."""
        return int(self.data("POST", WRITE, {**ADA, **values})["id"])


def generic(column: str, expression: str, value: str, number: int = 0, **more: str) -> Any:
    """Return the query of a generic filter."""
    parts = {"property": column, "expression": expression, "value": value, **more}
    return {f"filter[{number}][{name}]": part for name, part in parts.items()}
