"""Who calls, with what rights and when: what every handler of both APIs gets."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from integrations.connectors.sandbox_kit import JsonObject, SandboxRequest, SandboxResponse

from .errors import ApiError


@dataclass(frozen=True, slots=True)
class Caller:
    """An API account or a token. Permissions are the old API's, scopes the present one's."""

    name: str
    permissions: frozenset[str] | None = None
    scopes: frozenset[str] | None = None

    def may(self, permission: str) -> bool:
        """Tell whether the old API lets the caller do something."""
        return self.permissions is None or permission in self.permissions

    def has_scope(self, scope: str) -> bool:
        """Tell whether a token covers something; an API account covers nothing there."""
        return self.scopes is None or scope in self.scopes


@dataclass(frozen=True, slots=True)
class Call:
    """One request of somebody who signed in."""

    request: SandboxRequest
    caller: Caller
    now: datetime

    def body(self) -> JsonObject:
        """Return the old API's JSON body; raises ApiError 7455 or 7456. XML is not read here."""
        if "json" not in self.request.headers.get("Content-Type", ""):
            raise ApiError(7456, "Unsupported content type")
        try:
            found = json.loads(self.request.body)
        except ValueError:
            raise ApiError(7455, "Malformed request body") from None
        if not isinstance(found, dict):
            raise ApiError(7455, "Malformed request body")
        return found


Handle = Callable[..., SandboxResponse]
"""Takes a Call and the names in the path."""
