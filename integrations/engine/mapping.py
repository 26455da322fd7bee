"""How fields travel: rules, groups, overwrite modes, translation. Talks to no system."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from integrations.engine.errors import MappingError
from integrations.engine.reasons import Reason
from integrations.engine.records import (
    ABSENT,
    Mark,
    Record,
    Side,
    Value,
    is_value,
)
from integrations.engine.rules import ConflictPolicy as ConflictPolicy
from integrations.engine.rules import Direction as Direction
from integrations.engine.rules import FieldGroup as FieldGroup
from integrations.engine.rules import FieldNote as FieldNote
from integrations.engine.rules import FieldRule as FieldRule
from integrations.engine.rules import IncompleteGroup as IncompleteGroup
from integrations.engine.rules import Overwrite as Overwrite
from integrations.engine.rules import Privacy as Privacy
from integrations.engine.rules import overwritten as overwritten
from integrations.engine.transforms import Transform, transform


@dataclass(frozen=True, slots=True)
class BoundRule:
    """A field rule with its transform looked up and its ways worked out."""

    rule: FieldRule
    transform: Transform
    ways: frozenset[Side]
    """The sides its values may travel to."""

    @property
    def label(self) -> str:
        """Return what people call the field."""
        return self.rule.label or self.rule.hubspot

    def name(self, side: Side) -> str:
        """Return the field's name on one side."""
        return self.rule.hubspot if side is Side.HUBSPOT else self.rule.target

    def translate(self, value: Value, to: Side, now: datetime, held: Value = ABSENT) -> Value:
        """Return a value in the spelling of side `to`; marks stay. Raises MappingError.

        `held` is what that side holds: of several values that mean the same, the nearest returns.
        """
        step = self.transform.forth if to is Side.TARGET else self.transform.back
        if isinstance(value, Mark) or step is None:
            return value if step else ABSENT
        if to is Side.HUBSPOT and self.transform.near is not None and is_value(held):
            near = self.transform.near(value, held)
            if near is not ABSENT:
                return near
        return step(value, now)

    def knows(self, value: Value, to: Side) -> bool:
        """Tell whether side `to` gets what the value means, not just something in its place."""
        asked = self.transform.knows if to is Side.TARGET else None
        return asked is None or isinstance(value, Mark) or asked(value)

    def note(self, reason: Reason, detail: str) -> FieldNote:
        """Return a note about this field."""
        return FieldNote(self.rule.hubspot, self.rule.target, reason, detail)


@dataclass(frozen=True, slots=True)
class Translation:
    """One record in the spelling of the other side.

    `values` holds every field that can travel (blank ones included). `notes` tells why others
    cannot, by the target's field name. `remarks` are about fields that stop nothing. `failure` says
    why the whole record cannot be sent.
    """

    values: Mapping[str, Value]
    notes: Mapping[str, FieldNote] = field(default_factory=dict)
    failure: tuple[Reason, str] | None = None
    remarks: tuple[FieldNote, ...] = ()


class Mapper:
    """The rules and groups of one configuration, bound once and used for many records."""

    def __init__(
        self,
        rules: Sequence[FieldRule],
        groups: Sequence[FieldGroup] = (),
        always_send: Mapping[Side, Sequence[str]] | None = None,
    ) -> None:
        self.rules = tuple(_bind(rule) for rule in rules)
        self.groups = tuple(groups)
        self.always_send = always_send or {}
        self._by_target = {bound.rule.target: bound for bound in self.rules}

    def privacy(self, side: Side, name: str) -> Privacy:
        """Return how carefully a field's values are handled; unmapped fields are personal."""
        found = (bound.rule.privacy for bound in self.rules if bound.name(side) == name)
        return next(found, Privacy.PERSONAL)

    def translate(
        self, record: Record, side_from: Side, now: datetime, held: Record | None = None
    ) -> Translation:
        """Translate all fields that may travel; required fields and groups bind the target only.

        `held` is the other side's record, where there is one. An invalid value is left out with a
        note, unless its field is required or belongs to a group that fails its record.
        """
        to = side_from.other
        values: dict[str, Value] = {}
        notes: dict[str, FieldNote] = {}
        for bound in self.rules:
            seen = record.get(bound.name(side_from))
            if to not in bound.ways or seen is ABSENT or seen is Mark.UNREADABLE:
                continue
            try:
                there = held.get(bound.name(to)) if held else ABSENT
                values[bound.name(to)] = bound.translate(seen, to, now, there)
            except MappingError as error:
                notes[bound.rule.target] = bound.note(
                    Reason.VALUE_INVALID, f"{bound.label} {error.detail}"
                )
        if to is Side.HUBSPOT:
            return Translation(values, notes)
        failure = self._check_required(values, notes)
        for group in self.groups:
            failure = self._check_group(group, values, notes) or failure
        return Translation(values, notes, failure, tuple(self._remarks(values)))

    def complete(
        self, patch: Mapping[str, Value], values: Mapping[str, Value], side: Side
    ) -> dict[str, Value]:
        """Return a patch with everything that must go along with it.

        That is each field the system always wants, and each valued member of a group of which
        one member is in the patch.
        """
        extra = set(self.always_send.get(side, ()))
        if side is Side.TARGET:
            for group in self.groups:
                if not patch.keys().isdisjoint(group.members):
                    extra.update(group.members)
        added = {name: values[name] for name in extra if is_value(values.get(name, ABSENT))}
        return {**added, **patch}

    def _check_required(
        self, values: Mapping[str, Value], notes: Mapping[str, FieldNote]
    ) -> tuple[Reason, str] | None:
        needed = [bound for bound in self.rules if bound.rule.required]
        bad = [notes[b.rule.target].detail for b in needed if b.rule.target in notes]
        if bad:
            return Reason.VALUE_INVALID, ", ".join(bad) + "."
        missing = [b.label for b in needed if not is_value(values.get(b.rule.target, ABSENT))]
        return (Reason.REQUIRED_MISSING, ", ".join(missing) + ".") if missing else None

    def _check_group(
        self, group: FieldGroup, values: dict[str, Value], notes: dict[str, FieldNote]
    ) -> tuple[Reason, str] | None:
        """Take a broken group out of `values`; return the failure if it fails its record."""
        bad = [notes[name].detail for name in group.members if name in notes]
        used = [name for name in group.members if is_value(values.get(name, ABSENT))]
        missing = (
            [name for name in group.needed if name not in notes and name not in used]
            if used or bad
            else []
        )
        if not bad and not missing:
            return None
        lacking = [f"{self._label(name)} is empty" for name in missing]
        reason = Reason.VALUE_INVALID if bad else Reason.GROUP_INCOMPLETE
        detail = f"{group.label}: {', '.join(bad + lacking) + '.'}"
        if group.incomplete is IncompleteGroup.FAIL:
            return reason, detail
        for name in group.members:
            values.pop(name, None)
            if name in self._by_target:
                notes[name] = self._by_target[name].note(reason, detail)
        return None

    def _remarks(self, values: Mapping[str, Value]) -> Iterator[FieldNote]:
        """Name the wanted fields that are empty in groups that are sent."""
        for group in self.groups:
            if not any(is_value(values.get(name, ABSENT)) for name in group.members):
                continue
            for name in group.wanted:
                if not is_value(values.get(name, ABSENT)) and name in self._by_target:
                    detail = f"{group.label}: {self._label(name)} is empty."
                    yield self._by_target[name].note(Reason.FIELD_EMPTY, detail)

    def _label(self, target: str) -> str:
        return self._by_target[target].label if target in self._by_target else target


def _bind(rule: FieldRule) -> BoundRule:
    found = transform(rule.transform, dict(rule.arguments))
    ways = set()
    if rule.direction is not Direction.TO_HUBSPOT:
        ways.add(Side.TARGET)
    if rule.direction is not Direction.TO_TARGET and found.back is not None:
        ways.add(Side.HUBSPOT)
    return BoundRule(rule, found, frozenset(ways))
