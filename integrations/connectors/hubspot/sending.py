"""Sending many things in batches when one of them can have its whole batch refused."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from integrations.engine.errors import ReplyLost, Scope, SyncError, Unavailable


class Named(Protocol):
    """Anything that is told apart by a `ref`."""

    @property
    def ref(self) -> str:
        """Return the name, unique within one call."""
        ...


Item = TypeVar("Item", bound=Named)
Result = TypeVar("Result")


def send_each(
    chunks: Sequence[Sequence[Item]], send: Callable[[Sequence[Item]], dict[str, Result]]
) -> tuple[dict[str, Result], dict[str, SyncError]]:
    """Send every chunk; return the results and the errors by ref.

    A chunk that is refused as a whole is halved until the culprit is alone. After a sync-wide
    error nothing more is sent; what was not sent fails with that error.
    """
    found: dict[str, Result] = {}
    errors: dict[str, SyncError] = {}
    queue = deque(chunks)
    while queue:
        chunk = queue.popleft()
        try:
            found |= send(chunk)
        except SyncError as error:
            if error.scope is not Scope.RECORD:
                unsent = [item for rest in queue for item in rest]
                errors |= {item.ref: error for item in chunk}
                errors |= {item.ref: not_attempted(error) for item in unsent}
                break
            if len(chunk) == 1:
                errors[chunk[0].ref] = error
            else:
                half = len(chunk) // 2
                queue.extendleft((chunk[half:], chunk[:half]))
    return found, errors


def not_attempted(error: SyncError) -> SyncError:
    """Return the error of what was not sent because of another's sync-wide error."""
    if isinstance(error, ReplyLost):
        return Unavailable(error.detail, retry_after=error.retry_after)
    return error
