"""Which fields changed since publishing, what that breaks, and the repair to propose.

What becomes of a configuration with drifted fields is in `pausing.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from integrations.engine.catalogue import TYPE_LABELS
from integrations.engine.checks import place, writes
from integrations.engine.compatibility import directions, problem, suggestions
from integrations.engine.config import SyncConfig
from integrations.engine.mapping import Direction, FieldRule, Privacy
from integrations.engine.operands import operand_problem
from integrations.engine.options import (
    LISTED,
    VALUE_LISTS,
    Entries,
    missing,
    named,
    value_list,
)
from integrations.engine.pausing import (
    Drift,
    Kind,
    Remedy,
    Repair,
    Use,
    blocking,
    from_dict,
    pause,
    repaired,
    to_dict,
    uses,
)
from integrations.engine.records import Side
from integrations.engine.specs import FieldSpec, Option
from integrations.engine.transforms import DEFAULT, UNMAPPED, entries

__all__ = [
    "Drift",
    "Kind",
    "Remedy",
    "Repair",
    "Use",
    "blocking",
    "compare_fields",
    "from_dict",
    "pause",
    "repaired",
    "to_dict",
]

Fields = Mapping[str, FieldSpec]
NOTHING_KNOWN: Final[Fields] = MappingProxyType({})


def compare_fields(
    config: SyncConfig, then: Fields, now: Fields, side: Side, other: Fields = NOTHING_KNOWN
) -> tuple[Drift, ...]:
    """Return what changed in one side's fields since publishing, as far as it matters.

    A field that became sensitive is masked from then on, which stops nothing.

    `then` are the definitions kept at publishing, `other` the other side's live fields: with them
    a rule that still works is not paused, and a repair can be proposed.

    A vanished field pauses its rules. So does another type, unless the rule still works. Options
    pause a rule only if it would write one that is gone; new ones fail by themselves, record by
    record, and are only reported. A field nobody may write any more pauses the rules that write
    it. A field new records need is reported.
    """
    found: list[Drift] = []
    for name in config.fields(side):
        if name in then:
            found += _Case(config, side, then[name], other).drifts(now.get(name))
    return (*found, *_newly_required(config, then, now, side))


def _newly_required(config: SyncConfig, then: Fields, now: Fields, side: Side) -> Iterator[Drift]:
    if side not in config.create_in:
        return
    filled = {_name(rule, side) for rule in config.rules if writes(rule, side)}
    for spec in now.values():
        known = spec.name in then and then[spec.name].required
        if spec.required and not spec.read_only and not known and spec.name not in filled:
            sentence = f"New records need “{spec.label}” now, and no field writes it."
            yield Drift(Kind.REQUIRED, side, spec.name, spec.label, sentence)


def _name(rule: FieldRule, side: Side) -> str:
    return rule.hubspot if side is Side.HUBSPOT else rule.target


def _left(pair: tuple[FieldSpec, FieldSpec], kept: Entries) -> tuple[FieldSpec, FieldSpec]:
    """Return both fields with the options that no entry uses yet."""
    here, there = pair
    return (
        replace(here, options=_unused(here, {value for value, _ in kept})),
        replace(there, options=_unused(there, {value for _, value in kept})),
    )


def _unused(spec: FieldSpec, used: Collection[str]) -> tuple[Option, ...]:
    return tuple(option for option in spec.options if option.value not in used)


class _Case:
    """One used field and the rules that carry it."""

    def __init__(self, config: SyncConfig, side: Side, old: FieldSpec, other: Fields) -> None:
        self.config, self.side, self.old, self.other = config, side, old, other
        self.rules = [rule for rule in config.rules if _name(rule, side) == old.name]
        self.uses = uses(config, side, old.name)

    def drifts(self, new: FieldSpec | None) -> Iterator[Drift]:
        """Yield what happened to the field, the gravest first."""
        if new is None:
            yield self._vanished()
        elif new.type is not self.old.type:
            yield self._retyped(new)
        else:
            yield from self._reoptioned(new)
            yield from self._locked(new)
        if new is not None:
            yield from self._sensitive(new)

    def _drift(
        self,
        kind: Kind,
        sentence: str,
        pauses: list[FieldRule],
        spoils: tuple[Use, ...] = (),
        repairs: list[Repair] | None = None,
    ) -> Drift:
        places = tuple(map(place, pauses))
        label, mended = self.old.label, tuple(repairs or ())
        return Drift(kind, self.side, self.old.name, label, sentence, places, spoils, mended)

    def _sensitive(self, new: FieldSpec) -> Iterator[Drift]:
        shown = [rule for rule in self.rules if rule.privacy is not Privacy.HEALTH]
        if new.privacy is Privacy.HEALTH and shown:
            sentence = (
                f"“{new.label}” is marked as sensitive now: its values are masked from now on. "
                "What was recorded before stays as it is."
            )
            repairs = [Repair(place(rule), Remedy.MASK) for rule in shown]
            yield self._drift(Kind.SENSITIVE, sentence, [], repairs=repairs)

    def _vanished(self) -> Drift:
        drops = [] if self.uses else [Repair(place(rule), Remedy.DROP) for rule in self.rules]
        sentence = f"“{self.old.label}” does not exist any more."
        return self._drift(Kind.VANISHED, sentence, self.rules, self.uses, drops)

    def _retyped(self, new: FieldSpec) -> Drift:
        broken = [rule for rule in self.rules if not self._works(rule, new)]
        spoils = tuple(use for use in self.uses if use is not Use.FILTER or self._misasked(new))
        was, is_now = TYPE_LABELS[self.old.type], TYPE_LABELS[new.type]
        sentence = f"“{self.old.label}” was of the type “{was}” and is “{is_now}” now."
        repairs = [self._refit(rule, new) for rule in broken]
        return self._drift(Kind.RETYPED, sentence, broken, spoils, repairs)

    def _reoptioned(self, new: FieldSpec) -> Iterator[Drift]:
        before = {option.value: option.label for option in self.old.options}
        after = {option.value: option.label for option in new.options}
        if new.type not in LISTED or not after or before.keys() == after.keys():
            return
        broken = [rule for rule in self.rules if self._more_missing(rule, new, self.side)]
        unread = [rule for rule in self.rules if self._unread(rule, new)]
        spoils = (Use.FILTER,) if Use.FILTER in self.uses and self._misasked(new) else ()
        touched = [rule for rule in self.rules if rule in broken or rule in unread]
        if touched or spoils:
            lost = named(label for value, label in before.items() if value not in after)
            more = named(label for value, label in after.items() if value not in before)
            told = [f"lost {lost}"] if lost else []
            told += [f"gained {more}"] if more else []
            sentence = f"“{self.old.label}” has {' and '.join(told)}."
            repairs = [found for rule in touched if (found := self._relist(rule, new))]
            yield self._drift(Kind.REOPTIONED, sentence, broken, spoils, repairs)

    def _locked(self, new: FieldSpec) -> Iterator[Drift]:
        broken = [rule for rule in self.rules if writes(rule, self.side)]
        if broken and new.read_only and not self.old.read_only:
            sentence = f"“{self.old.label}” cannot be written any more."
            repairs = [self._one_way(rule, new) for rule in broken]
            yield self._drift(Kind.READ_ONLY, sentence, broken, (), repairs)

    def _pair(self, rule: FieldRule, spec: FieldSpec) -> tuple[FieldSpec, FieldSpec] | None:
        """Return both fields of a rule, HubSpot's first; None if the other is not known."""
        there = self.other.get(_name(rule, self.side.other))
        if there is None:
            return None
        return (spec, there) if self.side is Side.HUBSPOT else (there, spec)

    def _works(self, rule: FieldRule, new: FieldSpec) -> bool:
        pair = self._pair(rule, new)
        return pair is not None and problem(rule, *pair) is None

    def _misasked(self, new: FieldSpec) -> bool:
        return any(
            operand_problem(condition, new) is not None
            for group in self.config.filter_for(self.side).groups
            for condition in group
            if condition.field == new.name
        )

    def _more_missing(self, rule: FieldRule, new: FieldSpec, side: Side) -> bool:
        """Tell whether a rule now writes options to a side that this side does not have."""
        blank = FieldSpec(_name(rule, self.side.other), "")
        pairs = [self._pair(rule, spec) or self._ordered(spec, blank) for spec in (self.old, new)]
        was, is_now = (set(missing(rule, *pair, side)) for pair in pairs)
        return writes(rule, side) and bool(is_now - was)

    def _ordered(self, spec: FieldSpec, other: FieldSpec) -> tuple[FieldSpec, FieldSpec]:
        return (spec, other) if self.side is Side.HUBSPOT else (other, spec)

    def _unread(self, rule: FieldRule, new: FieldSpec) -> bool:
        """Tell whether new options of this side cannot travel by the rule as it is."""
        if not writes(rule, self.side.other):
            return False
        arguments = dict(rule.arguments)
        table = entries(arguments)
        if rule.transform not in VALUE_LISTS or not table:
            return self._more_missing(rule, new, self.side.other)
        known = table if self.side is Side.HUBSPOT else table.values()
        old = {option.value for option in self.old.options}
        fresh = [option.value for option in new.options if option.value not in old]
        strict = arguments.get(UNMAPPED, "fail") == "fail"
        return strict and any(value not in known for value in fresh)

    def _refit(self, rule: FieldRule, new: FieldSpec) -> Repair:
        """Propose the best transform for the new type, in the rule's direction if it can be."""
        pair = self._pair(rule, new)
        fits = suggestions(*pair) if pair else ()
        best = next((fit for fit in fits if rule.direction in fit.directions), None)
        fit = best or next(iter(fits), None)
        if fit is None:
            return Repair(place(rule), Remedy.DROP)
        way = rule.direction if best else fit.directions[0]
        return Repair(place(rule), Remedy.TRANSFORM, fit.transform, fit.arguments, way)

    def _relist(self, rule: FieldRule, new: FieldSpec) -> Repair | None:
        """Propose a value list for the new options; None if no two options are alike."""
        if rule.transform and rule.transform not in VALUE_LISTS:
            return self._refit(rule, new)
        table = self._table(rule, new)
        if not entries(dict(table)):
            return None
        name = rule.transform or "value_map"
        return Repair(place(rule), Remedy.VALUE_LIST, name, table, rule.direction)

    def _table(self, rule: FieldRule, new: FieldSpec) -> Entries:
        """Return the entries that still hold, proposals for what is left, and the rules."""
        arguments = dict(rule.arguments)
        live = {option.value for option in new.options}
        at = 0 if self.side is Side.HUBSPOT else 1
        kept = tuple(pair for pair in entries(arguments).items() if pair[at] in live)
        rules = {key: arguments[key] for key in (UNMAPPED, DEFAULT) if key in arguments}
        if self.side is Side.TARGET and rules.get(DEFAULT, "") not in live and DEFAULT in rules:
            rules = {}
        pair = self._pair(rule, new)
        more = value_list(*_left(pair, kept)).entries if pair else ()
        return (*kept, *more, *rules.items())

    def _one_way(self, rule: FieldRule, new: FieldSpec) -> Repair:
        """Propose to keep the direction that is still open."""
        pair = self._pair(rule, new) or self._ordered(new, FieldSpec("", ""))
        ways = directions(rule.transform, rule.arguments, *pair)
        if rule.direction is Direction.BOTH and ways:
            return Repair(place(rule), Remedy.DIRECTION, direction=ways[0])
        return Repair(place(rule), Remedy.DROP)
