"""What a handler of the API needs to know of its caller, and the envelope it answers in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from integrations.connectors.sandbox_kit import (
    JsonObject,
    SandboxRequest,
    SandboxResponse,
    json_response,
)

from .errors import ApiError
from .state import Organisation, iso


@dataclass(frozen=True, slots=True)
class Call:
    """One authenticated request: whose organisation, who acts, and when."""

    org: Organisation
    actor: JsonObject
    request: SandboxRequest
    now: datetime

    def answer(self, data: object, status: int = 200, message: str = "OK") -> SandboxResponse:
        """Answer with the envelope."""
        body = {"data": data, "status": True, "message": message, "timestamp": iso(self.now)}
        return json_response(body, status)

    def number(self, name: str, default: int) -> int:
        """Return a query parameter as a number; raises ApiError 400."""
        text = self.request.first(name, str(default))
        if not text.isdecimal():
            raise ApiError(400, [f"{name} must be a number string"])
        return int(text)

    def cut(self, rows: list[JsonObject], first: int, most: int) -> list[JsonObject]:
        """Return the asked page of some rows; pages count from `first`."""
        limit = min(max(1, self.number("limit", 10)), most)
        start = max(0, self.number("page", first) - first) * limit
        return rows[start : start + limit]


Handle = Callable[..., SandboxResponse]
"""Takes a Call and the names in the path."""
