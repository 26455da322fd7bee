"""Whether a configuration can run on the fields both systems have now. Sees no record.

Errors keep a draft from being published; warnings deserve a look.
"""

from __future__ import annotations

import enum
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from integrations.engine.compatibility import problem, strangers
from integrations.engine.config import SyncConfig
from integrations.engine.edits import NEW, is_new
from integrations.engine.filters import Condition
from integrations.engine.mapping import Direction, FieldRule, Overwrite
from integrations.engine.operands import operand_problem
from integrations.engine.options import VALUE_LISTS, named
from integrations.engine.records import FieldType, Side
from integrations.engine.specs import FieldSpec
from integrations.engine.transforms import UNMAPPED, entries

Fields = Mapping[str, FieldSpec]


class Severity(enum.StrEnum):
    """What a problem does to a draft."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to put right, or to know.

    `where` is "<hubspot field>|<target field>" of a rule, "filter:<side>:<group>:<condition>" with
    positions from 0, or "" for the whole. `code` is stable, for programs.
    """

    where: str
    sentence: str
    severity: Severity = Severity.ERROR
    code: str = ""


def check(
    config: SyncConfig, hubspot: Fields, target: Fields, *, locked: Collection[str]
) -> tuple[Problem, ...]:
    """Return everything that is wrong with a configuration or deserves a look, errors first.

    `hubspot` and `target` are the live fields by name; `locked` names the HubSpot fields that
    must be mapped.
    """
    fields = {Side.HUBSPOT: hubspot, Side.TARGET: target}
    found = [
        *_locked(config, hubspot, locked),
        *(each for rule in config.rules for each in _rule(rule, hubspot, target)),
        *_written_twice(config, fields),
        *_match_keys(config, fields),
        *_required(config, fields),
        *_groups(config),
        *_filters(config, fields),
        *_trigger(config, hubspot),
    ]
    return tuple(sorted(found, key=lambda each: each.severity is not Severity.ERROR))


def place(rule: FieldRule) -> str:
    """Return `Problem.where` of a rule."""
    return f"{rule.hubspot}|{rule.target}"


_MAKES: Final = frozenset(FieldType) - {FieldType.REFERENCE}
_NO_MODELS: Final = ("calculation", "rollup", "file", "json", "object_coordinates")


def creatable(spec: FieldSpec) -> bool:
    """Tell whether a field like this one can be made in the target (thena.md, section 6).

    Calculated fields, roll-ups and files hold what no other system can keep in step, and
    references point to records of their own system.
    """
    return spec.type in _MAKES and not spec.style.startswith(_NO_MODELS)


def made_like(spec: FieldSpec, name: str) -> FieldSpec:
    """Return the field that would be made in the target for a HubSpot property."""
    return replace(spec, name=name, read_only=False, required=False, unique=False, custom=True)


def writes(rule: FieldRule, side: Side) -> bool:
    """Tell whether a rule may ever write its field on a side."""
    against = Direction.TO_HUBSPOT if side is Side.TARGET else Direction.TO_TARGET
    return rule.direction is not against and rule.overwrite is not Overwrite.NEVER


def _locked(config: SyncConfig, hubspot: Fields, locked: Collection[str]) -> Iterator[Problem]:
    synced = {r.hubspot for r in config.rules if any(writes(r, side) for side in Side)}
    for name in locked:
        if name not in synced:
            sentence = f"“{_label(name, hubspot)}” is always synced: map it, and let it be written."
            yield Problem("", sentence, code="locked")
    if not config.rules:
        yield Problem("", "No field is selected for sync.", code="nothing_selected")


def _rule(rule: FieldRule, hubspot: Fields, target: Fields) -> Iterator[Problem]:
    where = place(rule)
    here = hubspot.get(rule.hubspot)
    if here is None:
        name = rule.label or rule.hubspot
        yield Problem(where, f"HubSpot has no field “{name}” any more.", code="unknown_field")
        return
    if is_new(rule):
        if not creatable(here):
            sentence = f"No field like “{here.label}” can be made: its kind is not supported."
            yield Problem(where, sentence, code="not_creatable")
            return
        there = made_like(here, rule.target)
    elif rule.target in target:
        there = target[rule.target]
    else:
        sentence = f"“{rule.label or here.label}”: the target has no field “{rule.target}”."
        yield Problem(where, sentence, code="unknown_field")
        return
    if (wrong := problem(rule, here, there)) is not None:
        yield Problem(where, wrong, code="rule")
    elif left := _left_out(rule, here):
        sentence = f"“{here.label}”: the value list says nothing about {named(left)}."
        yield Problem(where, sentence, Severity.WARNING, "options_left")
    elif foreign := strangers(rule, here, there):
        sentence = (
            f"HubSpot's “{here.label}” does not have {named(foreign)}: they stay where they are."
        )
        yield Problem(where, sentence, Severity.WARNING, "options_left")


def _left_out(rule: FieldRule, here: FieldSpec) -> list[str]:
    """Return the labels of HubSpot's options that cannot travel by the rule's value list."""
    arguments = dict(rule.arguments)
    table = entries(arguments)
    fails = arguments.get(UNMAPPED, "fail") == "fail"
    if rule.transform not in VALUE_LISTS or not table or not fails:
        return []
    if rule.direction is Direction.TO_HUBSPOT:
        return []
    return [option.label for option in here.options if option.value not in table]


def _written_twice(config: SyncConfig, fields: Mapping[Side, Fields]) -> Iterator[Problem]:
    for side in Side:
        seen: set[str] = set()
        for rule in config.rules:
            name = rule.target if side is Side.TARGET else rule.hubspot
            if not writes(rule, side):
                continue
            if name in seen:
                sentence = f"Two fields write “{_label(name, fields[side])}”: only one may."
                yield Problem(place(rule), sentence, code="written_twice")
            seen.add(name)


def _match_keys(config: SyncConfig, fields: Mapping[Side, Fields]) -> Iterator[Problem]:
    for key in config.match_keys:
        for side, name in ((Side.HUBSPOT, key.hubspot), (Side.TARGET, key.target)):
            if name not in fields[side]:
                sentence = f"Records are matched by “{name}”, which does not exist."
                yield Problem("", sentence, code="match_key")
    if config.create_in and not config.match_keys:
        sentence = "Nothing tells which records are the same: each one is created anew."
        yield Problem("", sentence, Severity.WARNING, "no_match_key")


def _required(config: SyncConfig, fields: Mapping[Side, Fields]) -> Iterator[Problem]:
    """Name the fields without which a side refuses new records and that no rule writes."""
    for side in Side:
        filled = {
            rule.target if side is Side.TARGET else rule.hubspot
            for rule in config.rules
            if writes(rule, side)
        }
        severity = Severity.ERROR if side in config.create_in else Severity.WARNING
        for spec in fields[side].values():
            if spec.required and not spec.read_only and spec.name not in filled:
                sentence = f"New records need “{spec.label}”, and no field writes it."
                yield Problem("", sentence, severity, "required")


def _groups(config: SyncConfig) -> Iterator[Problem]:
    filled = {rule.target for rule in config.rules if writes(rule, Side.TARGET)}
    for group in config.groups:
        absent = [name for name in group.needed if name not in filled]
        if absent and not filled.isdisjoint(group.members):
            sentence = f"{group.label} travels as a whole: map {named(absent)} too."
            yield Problem("", sentence, code="group")


def _filters(config: SyncConfig, fields: Mapping[Side, Fields]) -> Iterator[Problem]:
    for side, wanted in config.filters:
        selected = {rule.hubspot if side is Side.HUBSPOT else rule.target for rule in config.rules}
        for at, group in enumerate(wanted.groups):
            if not group:
                sentence = "A group without a condition lets every record in."
                yield Problem(f"filter:{side}:{at}:0", sentence, code="empty_group")
            for index, condition in enumerate(group):
                found = _condition(condition, fields[side], selected)
                if found:
                    yield replace(found, where=f"filter:{side}:{at}:{index}")


def _condition(condition: Condition, fields: Fields, selected: Collection[str]) -> Problem | None:
    """Filters ask only about fields that are selected for sync (Thena seed, 2026)."""
    spec = fields.get(condition.field)
    name = spec.label if spec else condition.label or condition.field
    if condition.field not in selected:
        sentence = f"Select “{name}” for sync before filtering on it."
        return Problem("", sentence, code="filter_not_selected")
    if spec is None:
        unmade = condition.field.startswith(NEW)
        why = "is made by publishing and is empty until then" if unmade else "does not exist"
        return Problem("", f"The filter asks about “{name}”, which {why}.", code="unknown_field")
    wrong = operand_problem(condition, spec)
    return Problem("", wrong, code="filter") if wrong else None


def _trigger(config: SyncConfig, hubspot: Fields) -> Iterator[Problem]:
    if config.trigger and config.trigger.field not in hubspot:
        name = config.trigger.label or config.trigger.field
        yield Problem("", f"The sync starts by “{name}”, which does not exist.", code="trigger")


def _label(name: str, fields: Fields) -> str:
    return fields[name].label if name in fields else name
