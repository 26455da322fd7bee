"""One signed-in API call: who calls, for which account, with which body.

Sign-in itself happens in `server`; nothing here knows an endpoint.
"""

import json
from dataclasses import dataclass
from typing import TypeVar

from integrations.connectors.sandbox_kit import BadJson, JsonObject, SandboxRequest

from .account import Account
from .apps import Grant
from .errors import ApiError, bad_request, missing_scope
from .kinds import Kind
from .records import Source

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Call:
    """A request with its account; `at` is now in epoch milliseconds."""

    request: SandboxRequest
    account: Account
    grant: Grant
    at: int

    @property
    def source(self) -> Source:
        """Return whom changes of this call come from."""
        return Source("INTEGRATION", str(self.grant.app_id))

    @property
    def enforces(self) -> bool:
        """Whether rules set by an admin apply: version 2026-09 enforces them."""
        return "/2026-09/" in self.request.path

    def need(self, kind: Kind, right: str) -> None:
        """Require `read` or `write` on a type; raises ApiError 403."""
        self.need_any(f"crm.objects.{kind.plural}.{right}")

    def need_any(self, *scopes: str) -> None:
        """Require one of the scopes; raises ApiError 403."""
        if not any(scope in self.grant.scopes for scope in scopes):
            raise missing_scope(scopes)

    def json(self) -> JsonObject:
        """Return the body; raises ApiError 400 or 415."""
        self._check_type()
        try:
            return self.request.json()
        except BadJson as error:
            raise bad_request(f"Invalid input JSON: {error}") from error

    def json_list(self) -> list[JsonObject]:
        """Return a body that is a list of objects; raises ApiError 400 or 415."""
        self._check_type()
        try:
            rows = json.loads(self.request.body)
        except ValueError as error:
            raise bad_request(f"Invalid input JSON: {error}") from error
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise bad_request("Invalid input JSON: expected a list of objects")
        return rows

    def _check_type(self) -> None:
        kind = self.request.headers.get("Content-Type", "")
        if not kind.startswith("application/json"):
            raise ApiError(415, f"Unsupported media type: {kind}")

    def member(self, body: object, name: str, kind: type[T], default: T | None = None) -> T:
        """Return a member of the body, checked for its JSON type; raises ApiError 400."""
        value = body.get(name, default) if isinstance(body, dict) else None
        if not isinstance(value, kind):
            raise bad_request(f"Invalid input JSON: {name} is missing or of the wrong type")
        return value

    def texts(self, body: JsonObject, name: str) -> list[str]:
        """Return a list of strings in the body, empty if it is not there; raises ApiError 400."""
        values = self.member(body, name, list, [])
        if not all(isinstance(value, str) for value in values):
            raise bad_request(f"Invalid input JSON: {name} must be a list of strings")
        return values

    def id_of(self, body: object, name: str = "") -> str:
        """Return the id in the body, or in its member `name`; raises ApiError 400."""
        holder = self.member(body, name, dict) if name else body
        value = holder.get("id") if isinstance(holder, dict) else None
        if not isinstance(value, str | int):
            raise bad_request("Invalid input JSON: an id is missing or of the wrong type")
        return str(value)

    def names(self, parameter: str) -> list[str]:
        """Return a comma list of the query."""
        joined = ",".join(self.request.query.get(parameter, ()))
        return [name.strip() for name in joined.split(",") if name.strip()]

    def flag(self, parameter: str) -> bool:
        """Return a boolean of the query."""
        return self.request.first(parameter).lower() == "true"

    def number(self, parameter: str, default: int, most: int) -> int:
        """Return a number of the query between 0 and `most`; raises ApiError 400."""
        text = self.request.first(parameter) or str(default)
        if not text.isdecimal() or int(text) > most:
            raise bad_request(f"Invalid {parameter} {text}: expected at most {most}")
        return int(text)
