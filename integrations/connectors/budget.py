"""How a connector asks for permission to call. Counting across processes is done elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class Budget(Protocol):
    """The call budget of one account, shared by all workers. Lanes: "general", "search"."""

    def acquire(self, lane: str) -> None:
        """Wait for a place; raises RateLimited when the wait would be too long."""
        ...

    def observe(self, lane: str, status: int, headers: Mapping[str, str]) -> None:
        """Learn from an answer's rate headers or its 429."""
        ...


class Unlimited:
    """A budget without limits: credential checks, tests and benchmarks."""

    def acquire(self, lane: str) -> None:
        """Return at once."""

    def observe(self, lane: str, status: int, headers: Mapping[str, str]) -> None:
        """Learn nothing."""
