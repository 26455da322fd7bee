"""What moved since the last agreement, and the next agreement. A side meets only its own base."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from integrations.engine.mapping import BoundRule
from integrations.engine.records import ABSENT, UNREADABLE, Record, Side, Value, digest

Digests = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Move:
    """One field on which something must be decided.

    `first` means that it was never agreed on; `sides` are those that moved since. `unseen`: an
    answer left it out, so nothing can be decided before it is read again. `again`: it moved on no
    side, but somebody asked to let `sides` count.
    """

    bound: BoundRule
    sides: frozenset[Side]
    first: bool = False
    unseen: bool = False
    again: bool = False


NOWHERE: frozenset[Side] = frozenset()
ONLY = {side: frozenset({side}) for side in Side}
BOTH = frozenset(Side)


def changed_fields(
    record: Record, base: Digests, key: bytes, names: Collection[str]
) -> frozenset[str]:
    """Return the names whose known value differs from its base; absent and unreadable never do.

    A name without a base is no change: it was never agreed on.
    """
    return frozenset(name for name in names if has_moved(record.get(name), base.get(name), key))


def has_moved(value: Value, known: str | None, key: bytes) -> bool:
    """Tell whether a value that can be seen differs from its last agreed digest."""
    if known is None or value is ABSENT or value is UNREADABLE:
        return False
    return digest(value, key) != known


def moves(
    rules: Collection[BoundRule],
    records: Mapping[Side, Record],
    bases: Mapping[Side, Digests],
    key: bytes,
) -> list[Move]:
    """Return the fields that moved on a side, were never agreed on, or were left out."""
    hubspot, target = records[Side.HUBSPOT].values, records[Side.TARGET].values
    hubspot_base, target_base = bases[Side.HUBSPOT], bases[Side.TARGET]
    found = []
    for bound in rules:
        left, right = hubspot.get(bound.rule.hubspot, ABSENT), target.get(bound.rule.target, ABSENT)
        if left is ABSENT or right is ABSENT:
            found.append(Move(bound, NOWHERE, unseen=True))
            continue
        known_left = hubspot_base.get(bound.rule.hubspot)
        known_right = target_base.get(bound.rule.target)
        if known_left is None or known_right is None:
            found.append(Move(bound, NOWHERE, first=True))
            continue
        left_moved = has_moved(left, known_left, key)
        if has_moved(right, known_right, key):
            found.append(Move(bound, BOTH if left_moved else ONLY[Side.TARGET]))
        elif left_moved:
            found.append(Move(bound, ONLY[Side.HUBSPOT]))
    return found


def next_digests(
    rules: Collection[BoundRule],
    bases: Mapping[Side, Digests],
    observed: Mapping[Side, Mapping[str, Value]],
    open_fields: Collection[tuple[str, str]],
    key: bytes,
) -> dict[Side, dict[str, str]]:
    """Return both sides' digests after an agreement.

    `observed` holds what each side is known to hold now. `open_fields` (HubSpot and target name)
    are not agreed on and keep their old digests, as does a side that was not observed. A field
    with one side never observed stays without a base.
    """
    fresh = {side: dict(bases[side]) for side in Side}
    for bound in rules:
        if (bound.rule.hubspot, bound.rule.target) in open_fields:
            continue
        pair = {side: _next(bound.name(side), side, bases, observed, key) for side in Side}
        if all(pair.values()):
            for side in Side:
                fresh[side][bound.name(side)] = pair[side]
    for names in open_fields:
        for side, name in zip((Side.HUBSPOT, Side.TARGET), names, strict=True):
            if name in bases[side]:
                fresh[side][name] = bases[side][name]
            else:
                fresh[side].pop(name, None)
    return fresh


def _next(
    name: str,
    side: Side,
    bases: Mapping[Side, Digests],
    observed: Mapping[Side, Mapping[str, Value]],
    key: bytes,
) -> str:
    value = observed[side].get(name, ABSENT)
    old = bases[side].get(name, "")
    if value is ABSENT or (value is UNREADABLE and old):
        return old
    return digest(value, key)
