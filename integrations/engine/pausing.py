"""What a changed field definition does to a published configuration. Compares nothing itself.

A drifted field pauses only the rules it breaks. What a filter, a match key, the trigger or a
required rule needs cannot be worked around, so there the whole sync waits. Drifts are found in
`drift.py`.
"""

from __future__ import annotations

import enum
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from integrations.engine.checks import place
from integrations.engine.config import SyncConfig
from integrations.engine.errors import ConfigInvalid
from integrations.engine.mapping import Direction, FieldNote, FieldRule, IncompleteGroup, Privacy
from integrations.engine.reasons import Reason
from integrations.engine.records import Side
from integrations.engine.stored import pack, unpack


class Kind(enum.StrEnum):
    """What happened to a field."""

    VANISHED = "vanished"
    RETYPED = "retyped"
    REOPTIONED = "reoptioned"
    READ_ONLY = "read_only"
    REQUIRED = "required"
    SENSITIVE = "sensitive"


class Use(enum.StrEnum):
    """What a configuration needs a field for besides carrying its value."""

    FILTER = "filter"
    MATCH_KEY = "match_key"
    TRIGGER = "trigger"


class Remedy(enum.StrEnum):
    """What a proposed repair does to a rule."""

    DROP = "drop"
    TRANSFORM = "transform"
    VALUE_LIST = "value_list"
    DIRECTION = "direction"
    MASK = "mask"


@dataclass(frozen=True, slots=True)
class Repair:
    """A proposed change of one rule (`rule` is its place, "<hubspot>|<target>").

    `transform` and `arguments` count for TRANSFORM and VALUE_LIST, `direction` for TRANSFORM and
    DIRECTION.
    """

    rule: str
    remedy: Remedy
    transform: str = ""
    arguments: tuple[tuple[str, str], ...] = ()
    direction: Direction = Direction.BOTH


@dataclass(frozen=True, slots=True)
class Drift:
    """One field whose definition changed since publishing.

    `pauses` are the places of the rules it breaks, `spoils` the other uses it breaks. Both empty:
    nothing stops, but `sentence` deserves a look. No `repairs`: a person must decide.
    """

    kind: Kind
    side: Side
    field: str
    label: str
    sentence: str
    pauses: tuple[str, ...] = ()
    spoils: tuple[Use, ...] = ()
    repairs: tuple[Repair, ...] = ()

    @property
    def key(self) -> str:
        """Return what a drift is known by among those of one sync."""
        return f"{self.side}:{self.field}:{self.kind}"


def to_dict(drift: Drift) -> dict[str, Any]:
    """Return a drift as a dictionary that JSON can hold."""
    packed: dict[str, Any] = pack(drift)
    return packed


def from_dict(stored: Mapping[str, Any]) -> Drift:
    """Return the drift that `to_dict` stored; raises ConfigInvalid for anything else."""
    try:
        drift: Drift = unpack(stored, Drift)
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise ConfigInvalid(f"The stored change of a field cannot be read: {error}") from error
    return drift


def uses(config: SyncConfig, side: Side, name: str) -> tuple[Use, ...]:
    """Return what a configuration needs a field for besides its rules."""
    asked = {c.field for group in config.filter_for(side).groups for c in group}
    keys = {key.hubspot if side is Side.HUBSPOT else key.target for key in config.match_keys}
    starts = {config.trigger.field} if config.trigger and side is Side.HUBSPOT else set()
    needed = ((Use.FILTER, asked), (Use.MATCH_KEY, keys), (Use.TRIGGER, starts))
    return tuple(use for use, names in needed if name in names)


def pause(config: SyncConfig, drifts: Iterable[Drift]) -> tuple[SyncConfig, tuple[FieldNote, ...]]:
    """Return the configuration without the rules that drifts pause, and a note about each.

    Fields that only travel together pause together. What became sensitive is masked at once.
    """
    drifts = tuple(drifts)
    config = repaired(config, _masks(drifts))
    why = {where: drift.sentence for drift in drifts for where in drift.pauses}
    broken = {rule.target: why[place(rule)] for rule in config.rules if place(rule) in why}
    groups = tuple(group for group in config.groups if broken.keys().isdisjoint(group.needed))
    for group in set(config.groups) - set(groups):
        sentence = next(broken[name] for name in group.needed if name in broken)
        for rule in config.rules:
            if rule.target in group.members:
                why.setdefault(place(rule), sentence)
    kept = tuple(rule for rule in config.rules if place(rule) not in why)
    notes = tuple(
        FieldNote(rule.hubspot, rule.target, Reason.FIELD_PAUSED, why[place(rule)])
        for rule in config.rules
        if place(rule) in why
    )
    return replace(config, rules=kept, groups=groups), notes


def _masks(drifts: Iterable[Drift]) -> list[Repair]:
    sensitive = (drift for drift in drifts if drift.kind is Kind.SENSITIVE)
    return [repair for drift in sensitive for repair in drift.repairs]


_NEEDED_FOR = {
    Use.FILTER: "a filter asks about it",
    Use.MATCH_KEY: "records are matched by it",
    Use.TRIGGER: "the sync starts by it",
}


def blocking(config: SyncConfig, drifts: Iterable[Drift]) -> str:
    """Say why the whole sync must wait, or return ""."""
    return " ".join(sentence for drift in drifts for sentence in _blocks(config, drift))


def _blocks(config: SyncConfig, drift: Drift) -> Iterator[str]:
    needed = uses(config, drift.side, drift.field)
    reasons = [_NEEDED_FOR[use] for use in drift.spoils if use in needed]
    paused = [rule for rule in config.rules if place(rule) in drift.pauses]
    if any(rule.required for rule in paused):
        reasons.append("no record is sent without it")
    failing = [group for group in config.groups if group.incomplete is IncompleteGroup.FAIL]
    if any(rule.target in group.needed for rule in paused for group in failing):
        reasons.append("no record is sent without it")
    if reasons:
        told = " and ".join(dict.fromkeys(reasons))
        yield f"{drift.sentence} Nothing is synced meanwhile, because {told}."


def repaired(config: SyncConfig, repairs: Collection[Repair]) -> SyncConfig:
    """Return a configuration with proposed repairs made; those of rules it lacks do nothing."""
    by_rule = {repair.rule: repair for repair in repairs}
    rules = (_mended(rule, by_rule.get(place(rule))) for rule in config.rules)
    return replace(config, rules=tuple(rule for rule in rules if rule is not None))


def _mended(rule: FieldRule, repair: Repair | None) -> FieldRule | None:
    if repair is None:
        return rule
    if repair.remedy is Remedy.DROP:
        return None
    if repair.remedy is Remedy.MASK:
        return replace(rule, privacy=Privacy.HEALTH)
    if repair.remedy is Remedy.DIRECTION:
        return replace(rule, direction=repair.direction)
    mended = replace(rule, transform=repair.transform, arguments=repair.arguments)
    if repair.remedy is Remedy.TRANSFORM:
        mended = replace(mended, direction=repair.direction)
    return mended
