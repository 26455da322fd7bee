"""Fields for which it was chosen which side counts: by a person, or by a table that has changed.

A choice holds as long as both values are those that were seen when it was made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from integrations.engine.diff import ONLY, Move
from integrations.engine.errors import MappingError
from integrations.engine.mapping import BoundRule, Mapper
from integrations.engine.pairs import Choice, Pair
from integrations.engine.records import ABSENT, Record, Side, digest, is_value

Choices = Mapping[tuple[str, str], Choice]
NO_CHOICES: Final[Choices] = {}


def chosen_side(
    bound: BoundRule, records: Mapping[Side, Record], choices: Choices, key: bytes
) -> Side | None:
    """Return the side that was chosen for a field, if its values are still those that were seen."""
    choice = choices.get((bound.rule.hubspot, bound.rule.target))
    if choice is None:
        return None
    seen = tuple(digest(records[side].get(bound.name(side)), key) for side in Side)
    return choice.side if seen == choice.seen else None


def add_chosen(
    touched: list[Move],
    records: Mapping[Side, Record],
    mapper: Mapper,
    choices: Choices,
    key: bytes,
) -> list[Move]:
    """Add the fields that moved on no side and for which a side is to count all the same.

    So are records corrected whose owner or stage was translated by a table that has changed.
    """
    seen = {id(move.bound) for move in touched}
    more = []
    for bound in mapper.rules:
        side = None if id(bound) in seen else chosen_side(bound, records, choices, key)
        if side is not None:
            more.append(Move(bound, ONLY[side], again=True))
    return touched + more


def as_meant(pair: Pair, mapper: Mapper, now: datetime, key: bytes) -> Pair:
    """Return a pair whose records hold what they are about to get by what was chosen.

    A filter is asked about these: a record must not be left out for a value that is to go.
    """
    if not pair.link.choices or pair.hubspot is None or pair.target is None:
        return pair
    records = {Side.HUBSPOT: pair.hubspot, Side.TARGET: pair.target}
    meant = dict(records)
    for bound in mapper.rules:
        side = chosen_side(bound, records, pair.link.choices, key)
        if side is None or side.other not in bound.ways:
            continue
        new, held = (records[each].get(bound.name(each)) for each in (side, side.other))
        try:
            value = bound.translate(new, side.other, now, held)
        except MappingError:
            value = ABSENT
        if is_value(value):
            values = {**meant[side.other].values, bound.name(side.other): value}
            meant[side.other] = replace(meant[side.other], values=values)
    return replace(pair, hubspot=meant[Side.HUBSPOT], target=meant[Side.TARGET])
