"""What every sandbox is built from: router, base class, counters and the two transports.

A sandbox is one object. `SandboxAdapter` mounts it on a requests session (no sockets), and
`wsgi_app` serves the very same object over HTTP. What must not live here: anything one system does.
"""

import threading
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from .sandbox_faults import Fault, FaultKind, FaultPlan, asked_fault
from .sandbox_messages import (
    BadJson,
    JsonObject,
    SandboxRequest,
    SandboxResponse,
    empty,
    html_response,
    json_response,
    redirect,
)

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

__all__ = [
    "BadJson",
    "Fault",
    "FaultKind",
    "FaultPlan",
    "JsonObject",
    "Router",
    "Sandbox",
    "SandboxAdapter",
    "SandboxRequest",
    "SandboxResponse",
    "asked_fault",
    "empty",
    "html_response",
    "json_response",
    "redirect",
    "utc_now",
    "wsgi_app",
]

TOOLS = "/sandbox/"
"""Paths under this are for tools: they never fail on purpose and are not counted."""
Handler = Callable[..., SandboxResponse]
Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Return the present instant; the clock of a sandbox unless a test brings its own."""
    return datetime.now(UTC)


class Router:
    """Finds the handler for a method and a path; literal segments win over `{names}`."""

    def __init__(self) -> None:
        self._routes: dict[int, list[tuple[tuple[str, ...], dict[str, Handler]]]] = {}

    def add(self, method: str, pattern: str, handler: Handler) -> None:
        """Register `handler(request, **names)` for a pattern such as `/things/{id}`."""
        parts = tuple(pattern.split("/"))
        routes = self._routes.setdefault(len(parts), [])
        for known, methods in routes:
            if known == parts:
                methods[method] = handler
                return
        routes.append((parts, {method: handler}))
        routes.sort(key=lambda route: [part.startswith("{") for part in route[0]])

    def find(self, method: str, path: str) -> tuple[str, Handler | None, dict[str, str]]:
        """Return the path family, its handler and the names; no handler: 404 or 405.

        The family is the pattern that matched; an unknown path has the empty family.
        """
        parts = path.split("/")
        family = ""
        for pattern, methods in self._routes.get(len(parts), ()):
            names: dict[str, str] = {}
            for expected, actual in zip(pattern, parts, strict=True):
                if expected == actual:
                    continue
                if not expected.startswith("{") or not actual:
                    break
                names[expected[1:-1]] = actual
            else:
                family = "/".join(pattern)
                if method in methods:
                    return family, methods[method], names
        return family, None, {}


class Sandbox(ABC):
    """A stand-in for one outside system: state, routes, faults and a clock of its own.

    `counters` counts calls by (method, path family). All calls run under one lock.
    """

    def __init__(self, clock: Clock = utc_now) -> None:
        self.lock = threading.RLock()
        self.router = Router()
        self.faults = FaultPlan()
        self.counters: Counter[tuple[str, str]] = Counter()
        self.clock_offset = timedelta()
        self._clock = clock

    def now(self) -> datetime:
        """Return the sandbox's instant (UTC): the given clock plus `clock_offset`."""
        return self._clock() + self.clock_offset

    def handle(self, request: SandboxRequest) -> SandboxResponse:
        """Answer one request; raises requests.Timeout where a fault swallows the answer."""
        family, handler, names = self.router.find(request.method, request.path)
        fault = None
        if not request.path.startswith(TOOLS):
            with self.lock:
                self.counters[request.method, family] += 1
                fault = self.faults.take(request)

        def dispatch(asked: SandboxRequest) -> SandboxResponse:
            with self.lock:
                return self.dispatch(asked, family, handler, names)

        return fault.apply(request, dispatch) if fault else dispatch(request)

    def dispatch(
        self,
        request: SandboxRequest,
        family: str,
        handler: Handler | None,
        names: Mapping[str, str],
    ) -> SandboxResponse:
        """Run the handler; a sandbox overrides this for sign-in, limits and error bodies."""
        if handler is None:
            return empty(405 if family else 404)
        return handler(request, **names)

    @abstractmethod
    def dump(self) -> JsonObject:
        """Return the whole state as JSON-able data."""

    @abstractmethod
    def load(self, state: JsonObject) -> None:
        """Replace the state by one that `dump` returned."""


class SandboxAdapter(BaseAdapter):
    """Mounts a sandbox on a requests session: `session.mount("https://host", adapter)`."""

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__()
        self.sandbox = sandbox

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        """Hand the prepared request to the sandbox and wrap its answer."""
        url = urlsplit(request.url or "")
        body = request.body or b""
        asked = SandboxRequest.build(
            request.method or "GET",
            f"{url.path}?{url.query}" if url.query else url.path,
            headers=request.headers,
            body=body.encode() if isinstance(body, str) else bytes(body),
            origin=f"{url.scheme}://{url.netloc}",
        )
        try:
            answer = self.sandbox.handle(asked)
        except requests.RequestException as error:
            error.request = request
            raise
        response = requests.Response()
        response.status_code = answer.status
        response.headers = CaseInsensitiveDict(answer.headers)
        response.raw = BytesIO(answer.body)
        response.connection = self  # type: ignore[assignment]  # HTTPDigestAuth asks again by it
        response.request = request
        response.url = request.url or ""
        response.encoding = "utf-8"
        return response

    def close(self) -> None:
        """Hold nothing open, so nothing to close."""


def wsgi_app(sandbox: Sandbox) -> "WSGIApplication":
    """Return the sandbox as a WSGI application.

    A lost answer is shown by a body shorter than its Content-Length, which every HTTP client
    reports as a broken connection.
    """

    def app(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        try:
            answer = sandbox.handle(_from_environ(environ))
        except requests.Timeout:
            start_response("200 OK", [("Content-Length", "1")])
            return []
        headers = {**answer.headers, "Content-Length": str(len(answer.body))}
        start_response(f"{answer.status} Sandbox", list(headers.items()))
        return [answer.body]

    return app


def _from_environ(environ: "WSGIEnvironment") -> SandboxRequest:
    length = int(environ.get("CONTENT_LENGTH") or 0)
    headers = {
        key[5:].replace("_", "-"): value
        for key, value in environ.items()
        if key.startswith("HTTP_")
    }
    headers["Content-Type"] = environ.get("CONTENT_TYPE", "")
    query = environ.get("QUERY_STRING", "")
    path = environ.get("PATH_INFO", "/").encode("latin-1").decode("utf-8", "replace")
    request = SandboxRequest.build(
        environ["REQUEST_METHOD"],
        f"?{query}" if query else "",
        headers=headers,
        body=environ["wsgi.input"].read(length) if length else b"",
        origin=f"{environ['wsgi.url_scheme']}://{environ.get('HTTP_HOST', 'localhost')}",
    )
    return SandboxRequest(
        request.method,
        path,
        request.query,
        request.headers,
        request.body,
        request.origin,
    )
