"""What goes wrong in a history: faults of the systems, and a worker that dies anywhere."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

import pytest
import requests

from integrations.connectors.hubspot.sandbox import HubSpotSandbox
from integrations.connectors.sandbox_kit import Fault, FaultKind, Sandbox, SandboxAdapter
from integrations.services.ledger import DjangoLedger

STORM = {"Retry-After": "1"}
RATES: tuple[tuple[Fault, float], ...] = (
    (Fault(FaultKind.STATUS, status=429, headers=STORM), 0.25),
    (Fault(FaultKind.STATUS, status=500), 0.25),
    (Fault(FaultKind.STATUS, status=503), 0.2),
    (Fault(FaultKind.HTML, status=502), 0.1),
    (Fault(FaultKind.LOST_REPLY), 0.4),
    (Fault(FaultKind.MALFORMED), 0.1),
    (Fault(FaultKind.TIMEOUT), 0.2),
)
"""Kinds of faults and their weights: a history's share of faults is spread over them."""


class Killed(BaseException):
    """The worker is gone, as by SIGKILL: nothing may catch it and go on."""


class Trouble:
    """Decides by one random generator what goes wrong; nothing while `share` is 0."""

    def __init__(self, seed: int, share: float) -> None:
        self.rng = random.Random(seed)  # noqa: S311 - histories, no secrets
        self.seed, self.share = seed, share
        self.overtake: Callable[[], None] = lambda: None
        """Lets another worker take over the lane of one that goes on without knowing."""

    def strikes(self, weight: float = 1.0) -> bool:
        """Tell whether something goes wrong now."""
        return self.share > 0 and self.rng.random() < self.share * weight

    def kill(self, weight: float = 0.3) -> None:
        """Die, perhaps."""
        if self.strikes(weight):
            raise Killed

    def haunt(self, sandboxes: Iterable[Sandbox]) -> None:
        """Let calls of these systems fail at the present share."""
        for number, sandbox in enumerate(sandboxes):
            sandbox.faults.clear()
            if self.share:
                rates = [(fault, weight * self.share) for fault, weight in RATES]
                sandbox.faults.randomly(self.seed * 2 + number, rates)

    def expire(self, hubspot: HubSpotSandbox) -> None:
        """Let every access token run out now and then."""
        if self.strikes(5):
            hubspot.expire_tokens()

    def deadly(self, method: Callable[..., Any]) -> Callable[..., Any]:
        """Return a method during which the worker may die, before or after it is done."""

        @wraps(method)
        def call(*args: Any, **kwargs: Any) -> Any:
            self.kill()
            if self.strikes(0.5):
                self.overtake()
            answer = method(*args, **kwargs)
            self.kill()
            return answer

        return call

    def threaten(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let workers die around everything that they store."""
        for name in ("open_intents", "settle", "relink"):
            monkeypatch.setattr(DjangoLedger, name, self.deadly(getattr(DjangoLedger, name)))


class DeadlyAdapter(SandboxAdapter):
    """A way to a system on which the worker may die: before the call, or after it happened."""

    def __init__(
        self, sandbox: Sandbox, trouble: Trouble, watch: Callable[[requests.PreparedRequest], None]
    ) -> None:
        super().__init__(sandbox)
        self._trouble, self._watch = trouble, watch

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> Any:
        """Send the request, watched."""
        self._watch(request)
        self._trouble.kill()
        answer = super().send(request, *args, **kwargs)
        self._trouble.kill()
        return answer
