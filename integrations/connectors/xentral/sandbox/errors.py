"""How the sandbox refuses: the old API's numbered errors and the present API's problem+json."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Final

from integrations.connectors.sandbox_kit import (
    JsonObject,
    SandboxResponse,
    html_response,
    json_response,
)

STATUS: Final = {
    **dict.fromkeys((7411, 7412, 7413, 7414, 7416, 7417, 7418, 7419, 7421), 401),
    **dict.fromkeys((7431, 7433, 7452), 404),
    **dict.fromkeys((7451, 7453, 7454, 7455, 7456), 400),
    7432: 405,
    7499: 500,
}
"""HTTP status of each error code of the old API (reference/xentral.md, 3.1)."""
PROBLEMS: Final = "https://api.xentral.biz/problems/"


class Refusal(Exception, ABC):
    """Anything the sandbox does not do, with the answer that says so."""

    @abstractmethod
    def response(self) -> SandboxResponse:
        """Return the answer of this refusal."""


class ApiError(Refusal):
    """A refusal of the old API; `details` name attributes, `errors` what the database said."""

    def __init__(
        self,
        code: int,
        message: str,
        details: list[str] | None = None,
        errors: list[str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__("; ".join([message, *(details or ()), *(errors or ())]))
        self.code = code
        self.message = message
        self.details = details
        self.errors = errors
        self.headers = dict(headers or {})

    def response(self) -> SandboxResponse:
        """Return the answer of this refusal."""
        status = STATUS[self.code]
        error: JsonObject = {
            "code": self.code,
            "http_code": status,
            "message": self.message,
            "href": f"/api/docs.html#error-{self.code}",
        }
        if self.details is not None:
            error["details"] = self.details
        if self.errors is not None:
            error["errors"] = self.errors
        return json_response({"error": error}, status, self.headers)


class Problem(Refusal):
    """A refusal of the present API (RFC 7807). `violations` are per field, `messages` are not."""

    def __init__(
        self,
        status: int,
        kind: str,
        title: str,
        violations: Mapping[str, list[str]] | None = None,
        messages: list[str] | None = None,
    ) -> None:
        super().__init__("; ".join([title, *(violations or ()), *(messages or ())]))
        self.status = status
        self.body: JsonObject = {"type": PROBLEMS + kind, "title": title}
        if violations is not None:
            self.body["violations"] = dict(violations)
        if messages is not None:
            self.body["messages"] = messages

    def response(self) -> SandboxResponse:
        """Return the answer of this refusal."""
        return json_response(self.body, self.status, {"Content-Type": "application/problem+json"})


class NotSignedIn(Refusal):
    """The present API's 401, which is a page."""

    def response(self) -> SandboxResponse:
        """Return the answer of this refusal."""
        return html_response("<html><body>Unauthorized</body></html>", 401)


class TooMany(Refusal):
    """The limit per minute is used up; nothing says when to come back."""

    def response(self) -> SandboxResponse:
        """Return the answer of this refusal."""
        return json_response({"message": "Too Many Requests"}, 429)


def invalid(**violations: str) -> Problem:
    """Return the present API's complaint about fields; `__` in a name stands for a dot."""
    named = {name.replace("__", "."): [text] for name, text in violations.items()}
    return Problem(400, "request-validation", "The request is not valid", violations=named)


def missing() -> ApiError:
    """Return the old API's answer for an id that is not there."""
    return ApiError(7452, "Resource not found")
