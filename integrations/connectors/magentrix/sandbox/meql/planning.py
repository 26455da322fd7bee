"""Which rows can match a condition at all: found by ids, unique values or time, not by looking.

Only for speed: what is found here is still tested, unless `exact` says that it need not be.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .binding import Source, stored_form
from .tree import Compare, Condition, Every, Some

BY_ID, BY_TIME = "Id", "ModifiedOn"


@dataclass(frozen=True, slots=True)
class Candidates:
    """Ids in an order: by `Id` or by `ModifiedOn`. `exact`: all of them match."""

    ids: list[str]
    order: str
    exact: bool = False


def candidates(source: Source, where: Condition | None, order: str) -> Candidates:
    """Return the rows worth a look, in the asked order if that costs nothing."""
    store = source.entity.store
    if where is not None:
        if (named := _named(source, where)) is not None:
            return Candidates(sorted(named), BY_ID)
        exact = isinstance(where, Compare) and where.sign != "="
        strictly = isinstance(where, Compare) and where.sign == ">"
        if (moment := _bound(source, where, BY_TIME)) is not None:
            return Candidates(store.since(moment, strictly=strictly), BY_TIME, exact)
        if (first := _bound(source, where, BY_ID)) is not None:
            return Candidates(store.beyond(first, strictly=strictly), BY_ID, exact)
    if order == BY_TIME:
        return Candidates(list(store.recent), BY_TIME, where is None)
    return Candidates(list(store.live), BY_ID, where is None)


def _named(source: Source, where: Condition) -> set[str] | None:
    """Return the ids that a condition names by itself or by unique values, None if it does not."""
    match where:
        case Compare(path, "", "=", str(value)) if not path.relation:
            field = source.field(path)
            return set(source.entity.store.holders(path.name, value)) if field.unique else None
        case Every(items):
            found = (_named(source, item) for item in items)
            return min((one for one in found if one is not None), key=len, default=None)
        case Some(items):
            return _union(_named(source, item) for item in items)
    return None


def _union(parts: Iterable[set[str] | None]) -> set[str] | None:
    together: set[str] = set()
    for part in parts:
        if part is None:
            return None
        together |= part
    return together


def _bound(source: Source, where: Condition, name: str) -> str | None:
    """Return the smallest value of Id or ModifiedOn that can match, None if any can."""
    match where:
        case Compare(path, "", "=" | ">" | ">=", value) if str(path) == name and value is not None:
            return str(stored_form(source.field(path), value))
        case Every(items):
            found = (_bound(source, item, name) for item in items)
            return max((one for one in found if one is not None), default=None)
        case Some(items):
            parts = [_bound(source, item, name) for item in items]
            bounds = [one for one in parts if one is not None]
            return min(bounds) if len(bounds) == len(parts) else None
    return None
