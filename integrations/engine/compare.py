"""The field half of the decision table: which side's value travels, field by field."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from integrations.engine.chosen import NO_CHOICES, Choices, add_chosen, chosen_side
from integrations.engine.config import SyncConfig
from integrations.engine.diff import NOWHERE, Digests, Move, moves
from integrations.engine.mapping import (
    ConflictPolicy,
    FieldNote,
    Mapper,
    Translation,
    overwritten,
)
from integrations.engine.reasons import Reason
from integrations.engine.records import (
    ABSENT,
    BLANK,
    UNREADABLE,
    FieldType,
    Record,
    Side,
    Value,
    is_value,
    same,
)

NEWEST_TOLERANCE: Final = timedelta(seconds=60)
"""Two systems' clocks may differ this much; within it "newest wins" cannot tell."""


@dataclass(slots=True)
class Comparison:
    """What became of the touched fields: patches, notes, and whether any agreement is new.

    `failure` says why nothing can be sent to the target at all.
    """

    patches: dict[Side, dict[str, Value]] = field(default_factory=dict)
    notes: list[FieldNote] = field(default_factory=list)
    agreed: bool = False
    failure: tuple[Reason, str] | None = None


@dataclass(frozen=True, slots=True)
class Doubt:
    """The fields of writes whose end is unknown: what is read there may be our own write."""

    fields: Mapping[Side, Collection[str] | None]
    """By written side; None stands for every field."""

    def about(self, side: Side, name: str) -> bool:
        """Tell whether a field of that side is in doubt."""
        if side not in self.fields:
            return False
        names = self.fields[side]
        return names is None or name in names


NO_DOUBT: Final = Doubt({})
Waiting = Collection[tuple[Side, tuple[str, str]]]
"""Fields (side, HubSpot and target name) that point to a record which may become a pair."""
NOBODY: Final[Waiting] = frozenset()


def compare(
    records: Mapping[Side, Record],
    bases: Mapping[Side, Digests],
    config: SyncConfig,
    mapper: Mapper,
    *,
    now: datetime,
    key: bytes,
    doubt: Doubt = NO_DOUBT,
    choices: Choices = NO_CHOICES,
    waiting: Waiting = NOBODY,
) -> Comparison:
    """Compare two linked records with their bases and say what to write on either side."""
    touched = moves(mapper.rules, records, bases, key)
    if doubt.fields:
        touched = _add_doubtful(touched, mapper, doubt)
    if choices:
        touched = add_chosen(touched, records, mapper, choices, key)
    result = Comparison()
    if not touched:
        return result
    translated = {
        side.other: mapper.translate(records[side], side, now, records[side.other]) for side in Side
    }
    for move in touched:
        if move.unseen:
            result.notes.append(move.bound.note(Reason.FIELD_UNSEEN, f"{move.bound.label}."))
            continue
        if _adds_up(move):
            _unite(move, records, config, result)
            continue
        chosen = None if move.again else chosen_side(move.bound, records, choices, key)
        winner = chosen or _winner(move, records, translated, config, doubt)
        if winner is None:
            result.agreed = True
        elif not isinstance(winner, Side):
            result.notes.append(winner)
        elif not _waits(move, winner, waiting):
            _send(move, winner, records, translated, config, result, by_person=bool(chosen))
    _complete(result, mapper, translated)
    return result


def _complete(result: Comparison, mapper: Mapper, translated: Mapping[Side, Translation]) -> None:
    """Let fields that travel together do so."""
    for side, patch in result.patches.items():
        result.patches[side] = mapper.complete(patch, translated[side].values, side)
        result.notes += translated[side].remarks


def _waits(move: Move, winner: Side, waiting: Waiting) -> bool:
    """Tell whether the winner only looks empty: what it points to may become a pair.

    Carrying that over would take away what the other side points to, before anybody knows better.
    The note about the record pointed to keeps the field open.
    """
    names = (move.bound.rule.hubspot, move.bound.rule.target)
    sides = Side if move.first else (winner,)
    return any((side, names) in waiting for side in sides)


def _add_doubtful(touched: list[Move], mapper: Mapper, doubt: Doubt) -> list[Move]:
    """Add the fields in doubt that moved on no side: a lost write may have changed them."""
    seen = {id(move.bound) for move in touched}
    more = [
        Move(bound, NOWHERE)
        for bound in mapper.rules
        if id(bound) not in seen and any(doubt.about(side, bound.name(side)) for side in Side)
    ]
    return touched + more


def _winner(
    move: Move,
    records: Mapping[Side, Record],
    translated: Mapping[Side, Translation],
    config: SyncConfig,
    doubt: Doubt,
) -> Side | FieldNote | None:
    """Return the side whose value counts, None if both agree, or a note that keeps it open."""
    bound = move.bound
    seen = {side: records[side].get(bound.name(side)) for side in Side}
    if UNREADABLE in seen.values():
        return Side.TARGET if seen[Side.HUBSPOT] is UNREADABLE else Side.HUBSPOT
    if any(
        same(translated[side].values.get(bound.name(side), ABSENT), seen[side])
        for side in Side
        if seen[side] is not ABSENT
    ):
        return None
    for side in Side:
        if doubt.about(side, bound.name(side)) and side in bound.ways:
            fills = move.first and not is_value(seen[side.other]) and side.other in bound.ways
            return side if fills else side.other
    if len(move.sides) == 1:
        return next(iter(move.sides))
    if len(bound.ways) == 1:
        return next(iter(bound.ways)).other
    if move.first:
        return Side.HUBSPOT if is_value(seen[Side.HUBSPOT]) else Side.TARGET
    return _judge(move, records, bound.rule.conflict or config.conflict)


def _adds_up(move: Move) -> bool:
    """Tell whether both sides' references count: none of two sets is a reason to lose the other."""
    united = move.first or len(move.sides) == len(Side)
    rule = move.bound.rule
    is_set = rule.type is FieldType.REFERENCE and not rule.single
    return united and is_set and len(move.bound.ways) == len(Side)


def _unite(
    move: Move, records: Mapping[Side, Record], config: SyncConfig, result: Comparison
) -> None:
    """Give both sides everything that either of them points to."""
    held = {side: _members(records[side].get(move.bound.name(side))) for side in Side}
    union = tuple(dict.fromkeys((*held[Side.HUBSPOT], *held[Side.TARGET])))
    result.agreed = True
    for side in Side:
        if set(held[side]) != set(union) and config.side(side).can_update:
            result.patches.setdefault(side, {})[move.bound.name(side)] = union


def _members(value: Value) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()


def _judge(move: Move, records: Mapping[Side, Record], policy: ConflictPolicy) -> Side | FieldNote:
    """Settle a field that both sides moved apart."""
    if policy is ConflictPolicy.HUBSPOT_WINS:
        return Side.HUBSPOT
    if policy is ConflictPolicy.TARGET_WINS:
        return Side.TARGET
    hubspot, target = (records[side].modified_at for side in (Side.HUBSPOT, Side.TARGET))
    if policy is ConflictPolicy.NEWEST_WINS and hubspot and target:
        if hubspot - target > NEWEST_TOLERANCE:
            return Side.HUBSPOT
        if target - hubspot > NEWEST_TOLERANCE:
            return Side.TARGET
    return move.bound.note(Reason.CONFLICT, move.bound.label)


def _send(
    move: Move,
    winner: Side,
    records: Mapping[Side, Record],
    translated: Mapping[Side, Translation],
    config: SyncConfig,
    result: Comparison,
    *,
    by_person: bool,
) -> None:
    """Carry the winner's value to the other side as far as the field's rule allows.

    A value that a person chose travels also when it is empty.
    """
    bound, to = move.bound, winner.other
    if to not in bound.ways:
        if move.first:
            result.agreed = True
        else:
            result.notes.append(bound.note(Reason.DIRECTION_FORBIDS, bound.label))
        return
    if failure := translated[to].failure:
        result.failure = failure
        result.notes.append(bound.note(*failure))
        return
    if (invalid := translated[to].notes.get(bound.rule.target)) is not None:
        result.notes.append(invalid)
        return
    new = translated[to].values.get(bound.name(to), ABSENT)
    old = records[to].get(bound.name(to))
    if new is BLANK and (move.first or not bound.rule.clears) and not by_person:
        result.agreed = True
        return
    value = overwritten(bound.rule, to, new, old, creating=False)
    if (
        move.first
        and is_value(old)
        and not bound.knows(records[winner].get(bound.name(winner)), to)
    ):
        value = ABSENT
    if value is ABSENT or same(value, old):
        result.agreed = True
        if is_value(new) and value is ABSENT:
            result.notes.append(bound.note(Reason.VALUE_KEPT, f"{bound.label} is kept."))
    elif not config.side(to).can_update:
        result.notes.append(bound.note(Reason.CANNOT_UPDATE, bound.label))
    else:
        result.patches.setdefault(to, {})[bound.name(to)] = value
