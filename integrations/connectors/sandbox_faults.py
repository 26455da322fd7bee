"""Fault injection for sandboxes: which request goes wrong next, and how.

What must not live here: the rate limits or error texts of one system.
"""

import random
import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import requests

from .sandbox_messages import JsonObject, SandboxRequest, SandboxResponse, html_response

Dispatch = Callable[[SandboxRequest], SandboxResponse]


class FaultKind(StrEnum):
    """The ways a call can go wrong."""

    STATUS = "status"
    """Answer with a status, headers and body of the test's choice; nothing is executed."""
    TIMEOUT = "timeout"
    """No answer and nothing executed."""
    LOST_REPLY = "lost_reply"
    """The request is executed, then its answer is lost."""
    HTML = "html"
    """A proxy's HTML error page instead of JSON; nothing is executed."""
    MALFORMED = "malformed"
    """The request is executed, its JSON answer is cut short."""
    DELAY = "delay"
    """The request is executed and answered late."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: `method` may be `*`, `path` is a regular expression searched in the path."""

    kind: FaultKind
    method: str = "*"
    path: str = ""
    status: int = 503
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    delay: float = 0.0
    """Seconds."""

    def matches(self, request: SandboxRequest) -> bool:
        """Say whether this fault is meant for the request."""
        if self.method not in ("*", request.method):
            return False
        return re.search(self.path, request.path) is not None

    def apply(self, request: SandboxRequest, dispatch: Dispatch) -> SandboxResponse:
        """Answer the request wrongly; raises requests.Timeout where no answer comes."""
        match self.kind:
            case FaultKind.STATUS:
                return SandboxResponse(self.status, dict(self.headers), self.body)
            case FaultKind.HTML:
                status = self.status
                return html_response(f"<html><body><h1>{status}</h1></body></html>", status)
            case FaultKind.TIMEOUT:
                raise requests.ConnectTimeout("sandbox: injected timeout")
            case FaultKind.LOST_REPLY:
                dispatch(request)
                raise requests.ReadTimeout("sandbox: injected lost reply")
            case FaultKind.MALFORMED:
                answer = dispatch(request)
                cut = answer.body[: len(answer.body) // 2] or b"{"
                return SandboxResponse(answer.status, answer.headers, cut)
            case FaultKind.DELAY:
                time.sleep(self.delay)
                return dispatch(request)


def asked_fault(asked: JsonObject, path: str = "", body: str = "") -> Fault:
    """Return the fault that a tool asked for in JSON; `path` and `body` where it is silent.

    Raises KeyError without a kind, ValueError for an unknown one.
    """
    return Fault(
        FaultKind(asked["kind"]),
        str(asked.get("method", "*")),
        str(asked.get("path", path)),
        int(asked.get("status", 503)),
        dict(asked.get("headers", {})),
        str(asked.get("body", body)).encode(),
        float(asked.get("delay", 0)),
    )


class FaultPlan:
    """Faults waiting to happen: a list to use up, and an optional seeded random rate."""

    def __init__(self) -> None:
        self._waiting: list[tuple[Fault, int]] = []
        self._rates: list[tuple[Fault, float]] = []
        self._random = random.Random(0)  # noqa: S311 - repeatable, not secret

    def inject(self, fault: Fault, times: int = 1) -> None:
        """Let the next `times` matching requests go wrong."""
        self._waiting.append((fault, times))

    def inject_asked(self, asked: JsonObject, path: str, body: str = "") -> None:
        """Inject what `asked_fault` makes of a tool's wish, as often as it says; raises alike."""
        self.inject(asked_fault(asked, path, body), int(asked.get("times", 1)))

    def randomly(self, seed: int, rates: Iterable[tuple[Fault, float]]) -> None:
        """From now on let each matching request go wrong with the given probabilities."""
        self._random = random.Random(seed)  # noqa: S311
        self._rates = list(rates)

    def clear(self) -> None:
        """Forget every fault."""
        self._waiting.clear()
        self._rates.clear()

    def take(self, request: SandboxRequest) -> Fault | None:
        """Return the fault for this request and use it up."""
        for index, (fault, times) in enumerate(self._waiting):
            if fault.matches(request):
                if times > 1:
                    self._waiting[index] = (fault, times - 1)
                else:
                    del self._waiting[index]
                return fault
        for fault, rate in self._rates:
            if fault.matches(request) and self._random.random() < rate:
                return fault
        return None
