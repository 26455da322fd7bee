"""How far a run has come: its counts and its cursor, saved with what they count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from integrations.engine.pairs import IntentState, LinkState
from integrations.engine.ports import Connector, Settlement
from integrations.models import JobRun, RunKind

FIELDS: Final[tuple[str, ...]] = (
    "seen", "written", "failed", "total", "calls", "counts", "cursor", "scope", "heartbeat_at",
)  # fmt: skip
Key = tuple[str, str]


class Meter:
    """Counts the requests that a slice's connectors send."""

    def __init__(self, connectors: Collection[Connector]) -> None:
        self._connectors = connectors
        self._told = self._sent()

    def reading(self) -> int:
        """Return how many were sent since the last reading."""
        before, self._told = self._told, self._sent()
        return self._told - before

    def peek(self) -> int:
        """Return what the next reading will say so far."""
        return self._sent() - self._told

    def _sent(self) -> int:
        return sum(connector.calls for connector in self._connectors)


@dataclass(slots=True)
class Progress:
    """One run's page or slice. `waiting` are the page's records not settled yet.

    With the last of them the run's cursor moves to `cursor`, its scope takes in `scope` and
    `passed` is called, in the same transaction.
    """

    run: JobRun
    meter: Meter
    cursor: str | None = None
    waiting: set[Key] = field(default_factory=set)
    scope: dict[str, Any] = field(default_factory=dict)
    passed: Callable[[datetime], None] | None = None

    def count(self, items: Sequence[Settlement], now: datetime) -> None:
        """Add settled pairs to the run and store it; in the caller's transaction."""
        run = self.run
        run.seen += len(items)
        run.written += sum(
            any(write.state is IntentState.CONFIRMED for write in item.writes) for item in items
        )
        run.failed += sum(item.state in (LinkState.FAILING, LinkState.HELD) for item in items)
        run.counts = dict(Counter(run.counts) + Counter(item.reason.value for item in items))
        for item in items:
            self.waiting.difference_update((hint.side, hint.record_id) for hint in item.hints)
        self.save(now)

    def save(self, now: datetime) -> None:
        """Store counts, and the cursor once nothing of the page is left."""
        run = self.run
        if self.cursor is not None and not self.waiting:
            run.cursor, self.cursor = self.cursor, None
            run.scope = {**run.scope, **self.scope}
            if self.passed is not None:
                self.passed(now)
        run.calls += self.meter.reading()
        run.heartbeat_at = now
        fields = FIELDS
        if run.kind == RunKind.WEBHOOK:
            run.ended_at, fields = now, (*FIELDS, "ended_at")
        run.save(update_fields=fields)
