"""How the sandbox refuses: NestJS's error bodies. The sentences quote values, as real ones may."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from integrations.connectors.sandbox_kit import SandboxResponse, json_response


class ApiError(Exception):
    """A refusal; `messages` is one sentence or the list that a validation gives."""

    def __init__(
        self,
        status: int,
        messages: str | list[str],
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(str(messages))
        self.status = status
        self.messages = messages
        self.headers = dict(headers or {})

    def response(self) -> SandboxResponse:
        """Return the answer of this refusal."""
        body = {
            "statusCode": self.status,
            "message": self.messages,
            "error": HTTPStatus(self.status).phrase,
        }
        return json_response(body, self.status, self.headers)
