"""What a handler of the API needs to know of its caller, and the records in a body."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from integrations.connectors.sandbox_kit import SandboxRequest, SandboxResponse

from .errors import ApiError


@dataclass(frozen=True, slots=True)
class Call:
    """One authenticated request and the id of the user who makes it."""

    request: SandboxRequest
    user: str

    def items(self) -> tuple[list[object], bool]:
        """Return the members of the JSON body, and whether it is an array; raises ApiError 400."""
        try:
            body = json.loads(self.request.body)
        except ValueError:
            raise ApiError(400, "The body is not valid JSON.") from None
        return (body, True) if isinstance(body, list) else ([body], False)


Handle = Callable[..., SandboxResponse]
"""Takes a Call and the names in the path."""
