"""What one configuration does differently from another, in sentences; judges neither."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from integrations.engine import catalogue
from integrations.engine.config import SyncConfig, Trigger
from integrations.engine.filters import Filter, asked
from integrations.engine.mapping import FieldRule
from integrations.engine.records import Side


class What(enum.StrEnum):
    """Which part of a configuration differs."""

    FIELD = "field"
    FILTER = "filter"
    POLICY = "policy"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs. An empty sentence: it is not there on that side of the change."""

    what: What
    label: str
    before: str
    after: str


def differences(old: SyncConfig, new: SyncConfig) -> tuple[Difference, ...]:
    """Return everything in which two configurations differ: fields, filters, then policies."""
    return tuple(
        difference
        for what, part in ((What.FIELD, _fields), (What.FILTER, _filters), (What.POLICY, _policies))
        for difference in _compared(what, part(old), part(new))
    )


Part = Mapping[str, tuple[str, str]]
"""A sentence and its label by a key that stays the same from version to version."""


def _compared(what: What, old: Part, new: Part) -> Iterator[Difference]:
    for key in dict.fromkeys((*old, *new)):
        label, before = old.get(key, ("", ""))
        if key in new:
            label, after = new[key]
        else:
            after = ""
        if before != after:
            yield Difference(what, label, before, after)


def _fields(config: SyncConfig) -> Part:
    return {
        f"{rule.hubspot}|{rule.target}": (rule.label or rule.hubspot, rule_sentence(rule))
        for rule in config.rules
    }


def rule_sentence(rule: FieldRule) -> str:
    """Say how a field travels."""
    parts = [
        f"“{rule.hubspot}” and “{rule.target}”",
        catalogue.DIRECTIONS[rule.direction].label.lower().replace("hubspot", "HubSpot"),
        f"written: {catalogue.OVERWRITES[rule.overwrite].label.lower()}",
        f"when emptied: {catalogue.BLANK_RULES[rule.clears].label.lower()}",
    ]
    if rule.back is not None:
        parts.append(f"in HubSpot: {catalogue.OVERWRITES[rule.back].label.lower()}")
    if rule.transform:
        parts.append(f"by “{_transform(rule)}”")
    if rule.conflict is not None:
        parts.append(f"conflict: {catalogue.CONFLICT_POLICIES[rule.conflict].label}")
    if rule.required:
        parts.append("required")
    return "; ".join(parts) + "."


def _transform(rule: FieldRule) -> str:
    entry = catalogue.TRANSFORM_ENTRIES.get(rule.transform)
    label = entry.label if entry else rule.transform
    names = {argument.key: argument.label for argument in entry.arguments} if entry else {}
    told = [
        f"{names[key]}: {value}" if key in names else f"{key} → {value}"
        for key, value in rule.arguments
    ]
    return f"{label} ({', '.join(told)})" if told else label


_SIDES: Final = {Side.HUBSPOT: "Records from HubSpot", Side.TARGET: "Records from the target"}


def _filters(config: SyncConfig) -> Part:
    return {
        side: (_SIDES[side], filter_sentence(config.filter_for(side)))
        for side in Side
        if config.filter_for(side).groups
    }


def filter_sentence(wanted: Filter) -> str:
    """Say which records a filter lets in."""
    return "; or ".join(" and ".join(map(asked, group)) for group in wanted.groups) + "."


def _policies(config: SyncConfig) -> Part:
    """Return what holds for the whole sync. What a system can do is not for editing."""
    keys = " or ".join(f"“{key.hubspot}” and “{key.target}”" for key in config.match_keys)
    told = {
        "New records": " and ".join(_CREATED[side] for side in Side if side in config.create_in)
        or "not created",
        "When both sides changed": catalogue.CONFLICT_POLICIES[config.conflict].label,
        "When a record no longer matches": catalogue.EXIT_RULES[config.exit_rule].label,
        "When deleted in HubSpot": catalogue.DELETE_POLICIES[config.on_hubspot_delete].label,
        "When deleted in the target": catalogue.DELETE_POLICIES[config.on_target_delete].label,
        "When merged in HubSpot": catalogue.MERGE_POLICIES[config.merge].label,
        "Records are the same with equal": keys or "nothing",
        "Starts when": _start(config.trigger),
        "Certain of a deletion after": f"{config.grace_seconds} seconds",
        "Stops before changing": f"{config.breaker.max_share:.0%} of the linked records, "
        f"when there are more than {config.breaker.floor}",
    }
    return {label: (label, f"{text}.") for label, text in told.items()}


_CREATED: Final = {Side.HUBSPOT: "created in HubSpot", Side.TARGET: "created in the target"}


def _start(trigger: Trigger | None) -> str:
    if trigger is None:
        return "anything changes"
    return f"“{trigger.label or trigger.field}” becomes “{trigger.value}”"
