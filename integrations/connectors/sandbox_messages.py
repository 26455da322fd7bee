"""The request and the response every sandbox speaks: plain values, no sockets, no framework.

What must not live here: routing, faults, transports or anything one system does.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import parse_qs, parse_qsl, unquote

from requests.structures import CaseInsensitiveDict

JSON_TYPE = "application/json;charset=utf-8"
JsonObject = dict[str, Any]


class BadJson(ValueError):
    """The body is not the JSON object the caller was asked for."""


@dataclass(frozen=True, slots=True)
class SandboxRequest:
    """One HTTP request as a sandbox sees it.

    `path` is decoded and holds no query; `query` maps each name to its values in order;
    `headers` looks names up without regard to case; `origin` is scheme and host as called.
    """

    method: str
    path: str
    query: Mapping[str, list[str]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=lambda: CaseInsensitiveDict[str]())
    body: bytes = b""
    origin: str = "http://sandbox.test"

    @classmethod
    def build(
        cls,
        method: str,
        target: str,
        *,
        headers: Iterable[tuple[str, str]] | Mapping[str, str] = (),
        body: bytes = b"",
        origin: str = "http://sandbox.test",
    ) -> "SandboxRequest":
        """Build a request from a request target such as `/path?a=1&a=2`."""
        path, _, query = target.partition("?")
        return cls(
            method=method,
            path=unquote(path) if "%" in path else path,
            query=parse_qs(query, keep_blank_values=True) if query else {},
            headers=headers
            if isinstance(headers, CaseInsensitiveDict)
            else CaseInsensitiveDict(headers),
            body=body,
            origin=origin,
        )

    def first(self, name: str, default: str = "") -> str:
        """Return the first value of a query parameter."""
        values = self.query.get(name)
        return values[0] if values else default

    def json(self) -> JsonObject:
        """Return the body as a JSON object; raises BadJson for anything else."""
        try:
            value = json.loads(self.body)
        except ValueError as error:
            raise BadJson(str(error)) from error
        if not isinstance(value, dict):
            raise BadJson("expected a JSON object")
        return cast(JsonObject, value)

    def form(self) -> dict[str, str]:
        """Return a urlencoded body; the last of repeated names wins."""
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))


@dataclass(frozen=True, slots=True)
class SandboxResponse:
    """One HTTP response: status, headers and the body as bytes."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    def json(self) -> Any:
        """Return the body parsed as JSON, for tests and in-process callers."""
        return json.loads(self.body)


def json_response(
    value: object, status: int = 200, headers: Mapping[str, str] | None = None
) -> SandboxResponse:
    """Answer with a JSON body in its shortest form."""
    body = json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
    return SandboxResponse(status, {"Content-Type": JSON_TYPE, **(headers or {})}, body)


def html_response(text: str, status: int = 200) -> SandboxResponse:
    """Answer with an HTML page."""
    return SandboxResponse(status, {"Content-Type": "text/html; charset=utf-8"}, text.encode())


def empty(status: int = 204) -> SandboxResponse:
    """Answer without a body."""
    return SandboxResponse(status)


def redirect(location: str, status: int = 302) -> SandboxResponse:
    """Send the caller elsewhere."""
    return SandboxResponse(status, {"Location": location})
