"""One call per item, one outcome per item: what every system without batch writes needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from integrations.engine.errors import ReplyLost, Scope, SyncError, Unavailable
from integrations.engine.ports import Outcome
from integrations.engine.records import Record

Item = TypeVar("Item")


def one_by_one(items: Iterable[tuple[str, Item]], send: Callable[[Item], Record]) -> list[Outcome]:
    """Send each item (with its `ref`) and return its record as stored, or its error.

    A refused record stops nothing. After an error that concerns the whole sync nothing more is
    sent, and what was not sent fails with that error.
    """
    outcomes: list[Outcome] = []
    broken: SyncError | None = None
    for ref, item in items:
        if broken is not None:
            outcomes.append(Outcome(ref, error=broken))
            continue
        try:
            outcomes.append(Outcome(ref, send(item)))
        except SyncError as error:
            outcomes.append(Outcome(ref, error=error))
            if error.scope is not Scope.RECORD:
                broken = not_attempted(error)
    return outcomes


def not_attempted(error: SyncError) -> SyncError:
    """Return the error of items that were not sent: of them it is certain that nothing happened."""
    if isinstance(error, ReplyLost):
        return Unavailable(error.detail, retry_after=error.retry_after)
    return error
