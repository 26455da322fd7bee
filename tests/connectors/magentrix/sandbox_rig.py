"""One fresh stand-in with a clock that a test moves, and short ways to call it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from integrations.connectors.magentrix.sandbox import DEMO_KEY, MagentrixSandbox
from integrations.connectors.sandbox_kit import SandboxRequest, SandboxResponse

API = "/api/3.0"
LINK = "HubSpotId__c"
LOGIN = {"grant_type": "refresh_token", "refresh_token": DEMO_KEY}


class Desk:
    """Somebody with an API key; `person` is the administrator at the portal's own pages."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 20, 9, tzinfo=UTC)
        self.sandbox = MagentrixSandbox(lambda: self.now)
        self.token = ""

    @property
    def person(self) -> Any:
        return self.sandbox.person()

    def pass_seconds(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def sign_in(self, **login: Any) -> Any:
        answer = self.ask("POST", "/token", LOGIN | login)
        self.token = answer.json().get("token") or ""
        return answer

    def ask(
        self, method: str, path: str, body: Any = None, *, raw: str | bytes | None = None
    ) -> SandboxResponse:
        sent = raw if raw is not None else b"" if body is None else json.dumps(body)
        data = sent.encode() if isinstance(sent, str) else sent
        headers = {"Authorization": f"Bearer {self.token}"}
        whole = path if path.startswith("/sandbox/") else API + path
        return self.sandbox.handle(SandboxRequest.build(method, whole, headers=headers, body=data))

    def data(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.ask(method, path, body)
        assert answer.status < 300, answer.body
        return answer.json()

    def refusal(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Return status and message, or status and the codes with their fields."""
        answer = self.ask(method, path, body)
        found = answer.json()
        assert found["success"] is False
        if "message" in found:
            return answer.status, found["message"]
        return answer.status, reasons(found)

    def link(self, entity: str = "Account") -> None:
        """Give an entity the unique link field, as the portal asks an administrator to."""
        self.person.add_field(entity, Name=LINK, FieldType="Text", Length=50, IsUnique=True)

    def create(self, entity: str, **values: object) -> str:
        return str(self.data("POST", f"/entity/{entity}", values)["id"])

    def read(self, entity: str, record_id: str) -> Any:
        return self.data("GET", f"/entity/{entity}/{record_id}")

    def query(self, text: str) -> Any:
        answer = self.ask("POST", "/query", raw=text)
        assert answer.status == 200, answer.body
        return answer.json()

    def column(self, text: str, name: str = "Name") -> list[Any]:
        return [row[name] for row in self.query(text)["Records"]]

    def wrong(self, text: str) -> str:
        """Return the message with which a query is refused."""
        answer = self.ask("POST", "/query", raw=text)
        assert answer.status == 400, answer.body
        assert answer.json()["success"] is False
        return str(answer.json()["message"])


def reasons(result: Any) -> list[tuple[str, str | None]]:
    """Return code and field of each error of one record's result."""
    return [(error["code"], error["fieldName"]) for error in result["errors"]]


def select(names: str, entity: str, rest: str = "") -> str:
    """Return the text of a query."""
    return " ".join(("SELECT", names, "FROM", entity, rest)).strip()
