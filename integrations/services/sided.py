"""A connector whose errors name the side they came from, so that the right connection is paused."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any, cast

from integrations.engine.errors import SyncError
from integrations.engine.ports import Connector, Outcome
from integrations.engine.records import Side


def sided(pair: Mapping[Side, Connector]) -> Mapping[Side, Connector]:
    """Wrap both connectors of an object sync."""
    return {side: cast(Connector, _Sided(connector, side)) for side, connector in pair.items()}


class _Sided:
    """Forwards every call; marks errors that are raised and errors that are answered."""

    def __init__(self, connector: Connector, side: Side) -> None:
        self._connector = connector
        self._side = side

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method: Callable[..., Any] = getattr(self._connector, name)

        @wraps(method)
        def call(*args: Any, **kwargs: Any) -> Any:
            try:
                answer = method(*args, **kwargs)
            except SyncError as error:
                error.side = self._side
                raise
            if name in ("create", "update", "archive"):
                self._mark(answer)
            return answer

        return call

    def _mark(self, outcomes: Sequence[Outcome]) -> None:
        for outcome in outcomes:
            if outcome.error is not None:
                outcome.error.side = self._side
