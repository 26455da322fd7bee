"""A record that was deleted on one side is no longer pointed to there; the other side keeps it.

Whether the deleted or merged record's own pair has been looked at by then must make no difference:
so what a side let go is asked for before the other side lets it go too. Writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from integrations.engine.diff import has_moved
from integrations.engine.mapping import FieldRule
from integrations.engine.pairs import Link
from integrations.engine.ports import Connector
from integrations.engine.reading import Work
from integrations.engine.records import BLANK, Record, Side, Value
from integrations.engine.references import References

Kinds = Mapping[str, Mapping[Side, str]]
"""The object types of the pairs that references point to, by the key of their object sync."""


@dataclass(frozen=True, slots=True)
class _Loss:
    """A pair that one side of a work does not point to any more, and the other still does."""

    work: Work
    rule: FieldRule
    side: Side
    parent: Link

    def judge(self, found: Record | None, references: References) -> None:
        """Undo a loss that is none, by the record that answers to the lost pair's id."""
        if found is None or found.archived:
            self._forget(references)
        elif found.id in references.kept.get(self._place(self.side), ()):
            self._stand_for(found, references)

    def _place(self, side: Side) -> tuple[Side, str, str]:
        return side, self.work.records[side].id, _name(self.rule, side)

    def _stand_for(self, found: Record, references: References) -> None:
        """Let a record that has just swallowed the pair's stand for it until that is followed."""
        self._set(self.side, (*self._members(self.side), self.parent.target_id))
        if self.side is Side.HUBSPOT:
            place = self.rule.reference, self.parent.target_id
            references.pairs[place] = replace(self.parent, hubspot_id=found.id)

    def _forget(self, references: References) -> None:
        """Leave the pair out on the other side as well; its id stays when the field is written."""
        other = self.side.other
        self._set(other, tuple(t for t in self._members(other) if t != self.parent.target_id))
        place = self._place(other)
        references.kept[place] = (*references.kept.get(place, ()), self.parent.id_of(other))

    def _members(self, side: Side) -> tuple[str, ...]:
        return _members(self.work.records[side].get(_name(self.rule, side)))

    def _set(self, side: Side, members: tuple[str, ...]) -> None:
        record = self.work.records[side]
        values = {**record.values, _name(self.rule, side): members or BLANK}
        self.work.records[side] = replace(record, values=values)


def spare_deleted(
    works: Sequence[Work],
    references: References,
    connectors: Mapping[Side, Connector],
    kinds: Kinds,
    key: bytes,
) -> None:
    """Take pairs that a side let go because they were deleted there out of both sides' fields.

    Costs a read only where a side has let something go. Raises what `fetch` raises.
    """
    asked: dict[tuple[str, Side], list[_Loss]] = {}
    for work in works if references.rules else ():
        for loss in _losses(work, references, key):
            asked.setdefault((loss.rule.reference, loss.side), []).append(loss)
    for (reference, side), losses in asked.items():
        kind = kinds.get(reference, {}).get(side)
        if kind is None:
            continue
        ids = sorted({loss.parent.id_of(side) for loss in losses})
        found = connectors[side].fetch(kind, ids, ())
        for loss in losses:
            loss.judge(found.get(loss.parent.id_of(side)), references)


def _losses(work: Work, references: References, key: bytes) -> Iterator[_Loss]:
    if len(work.records) < len(Side):
        return
    for rule in references.rules:
        for side in Side:
            name = _name(rule, side)
            mine = work.records[side].get(name)
            if not has_moved(mine, work.link.base.of(side).get(name), key):
                continue
            theirs = work.records[side.other].get(_name(rule, side.other))
            for token in set(_members(theirs)) - set(_members(mine)):
                yield _Loss(work, rule, side, references.pairs[rule.reference, token])


def _members(value: Value) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()


def _name(rule: FieldRule, side: Side) -> str:
    return rule.hubspot if side is Side.HUBSPOT else rule.target
