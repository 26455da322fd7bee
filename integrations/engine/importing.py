"""Options of HubSpot's picklists that the target's fields lack: what is imported. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from integrations.engine.checks import writes
from integrations.engine.mapping import FieldRule
from integrations.engine.options import LISTED, missing, named, value_list
from integrations.engine.records import Side
from integrations.engine.specs import FieldSpec, Option

Fields = Mapping[str, FieldSpec]


@dataclass(frozen=True, slots=True)
class Lack:
    """The options that one field of the target needs for a rule to write all it can."""

    rule: FieldRule
    target: FieldSpec
    options: tuple[Option, ...]

    @property
    def by_hand(self) -> str:
        """Say what a person has to do where the system takes no options from us."""
        values = "; ".join(
            option.value if option.value == option.label else f"{option.value} ({option.label})"
            for option in self.options
        )
        return f"Add these options to the picklist “{self.target.label}”: {values}."

    @property
    def shown(self) -> str:
        """Name the options as people list them."""
        return f"{self.target.label}: {named(option.label for option in self.options)}"


def lacking(rules: Iterable[FieldRule], hubspot: Fields, target: Fields) -> tuple[Lack, ...]:
    """Return what the picklists of the target lack, by internal value; nothing is ever too much."""
    found = []
    for rule in rules:
        here, there = hubspot.get(rule.hubspot), target.get(rule.target)
        if here is None or there is None or there.read_only or not writes(rule, Side.TARGET):
            continue
        values = missing(rule, here, there, Side.TARGET)
        labels = {option.value: option.label for option in here.options}
        # What a person typed into a value list is theirs to mend: only HubSpot's own are imported.
        wanted = tuple(Option(value, labels[value]) for value in values if value in labels)
        if wanted:
            found.append(Lack(rule, there, wanted))
    return tuple(found)


def foreseen(rules: Iterable[FieldRule], hubspot: Fields, target: Fields) -> dict[str, FieldSpec]:
    """Return the target's fields as they are once everything is imported."""
    grown = dict(target)
    for lack in lacking(rules, hubspot, target):
        field = grown[lack.target.name]
        grown[field.name] = with_options(field, lack.options)
    return grown


def shares_values(hubspot: FieldSpec, target: FieldSpec) -> bool:
    """Tell whether a list can travel as it is, once what the target lacks is imported.

    Not where the same options are spelled in another way there: they would stand there twice.
    """
    if hubspot.type is not target.type or hubspot.type not in LISTED or target.read_only:
        return False
    values = {option.value for option in target.options}
    return (
        any(o.value in values for o in hubspot.options) or not value_list(hubspot, target).entries
    )


def with_options(field: FieldSpec, more: Iterable[Option]) -> FieldSpec:
    """Return a field with more options; those it has stay as they are."""
    known = {option.value for option in field.options}
    fresh = tuple(option for option in more if option.value not in known)
    return replace(field, options=(*field.options, *fresh))
