"""What a posted editor of one field pair says: the rule, read leniently, member by member.

Whether the rule works is judged by the engine; how it is shown is in `rules.py`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final, TypeVar

from django.http import QueryDict

from integrations.engine.catalogue import TRANSFORM_ENTRIES, ArgumentKind
from integrations.engine.compatibility import suggestions
from integrations.engine.edits import LONGEST_TEXT, NEW, Ground
from integrations.engine.mapping import ConflictPolicy, Direction, FieldRule, Overwrite
from integrations.engine.specs import FieldSpec
from integrations.engine.transforms import entries

MOST_ENTRIES: Final = 500
S = TypeVar("S", Direction, Overwrite)


def read(data: QueryDict, rule: FieldRule, ground: Ground) -> FieldRule:
    """Return the rule that a posted editor shows; members that make no sense stay as they were.

    Another target brings the conversion that fits it best, another conversion its own defaults.
    """
    target = data.get("target", rule.target)
    wanted = replace(
        rule,
        direction=_member(Direction, data.get("direction", ""), rule.direction),
        overwrite=_member(Overwrite, data.get("overwrite", ""), rule.overwrite),
        clears=data.get("clears", str(int(rule.clears))) == "1",
        conflict=_conflict(data.get("conflict", ""), rule.conflict),
    )
    if target != rule.target and (target in ground.target or target == f"{NEW}{rule.hubspot}"):
        return retargeted(replace(wanted, target=target), ground)
    name = data.get("transform", rule.transform)
    if name not in TRANSFORM_ENTRIES:
        return wanted
    if name != rule.transform:
        return replace(wanted, transform=name, arguments=_defaults(name, wanted, ground))
    return replace(wanted, arguments=_arguments(data, rule, ground))


def shown(data: QueryDict, stored: FieldRule, ground: Ground) -> FieldRule:
    """Return the rule the person's editor was drawn from: the stored one with what was chosen."""
    target, name = data.get("shown-target", stored.target), data.get("shown-transform", "")
    if target not in ground.target and target != f"{NEW}{stored.hubspot}":
        target = stored.target
    name = name if name in TRANSFORM_ENTRIES else stored.transform
    return replace(stored, target=target, transform=name)


def retargeted(rule: FieldRule, ground: Ground) -> FieldRule:
    """Return a rule with the conversion that fits its target best."""
    hubspot, target = ground.hubspot.get(rule.hubspot), target_spec(rule, ground)
    fits = suggestions(hubspot, target) if hubspot and target else ()
    if not fits:
        return replace(rule, transform="", arguments=())
    return replace(rule, transform=fits[0].transform, arguments=tuple(fits[0].arguments))


def target_spec(rule: FieldRule, ground: Ground) -> FieldSpec | None:
    """Return the target field; one that publishing makes is like the HubSpot field."""
    if rule.target.startswith(NEW):
        return ground.hubspot.get(rule.hubspot)
    return ground.target.get(rule.target)


def sources(rule: FieldRule, ground: Ground) -> list[str]:
    """Return the HubSpot values of a value list: HubSpot's options, and what the rule has beyond.

    The editor shows the first `MOST_ENTRIES` of them.
    """
    hubspot = ground.hubspot.get(rule.hubspot)
    offered = [option.value for option in hubspot.options] if hubspot else []
    return list(dict.fromkeys([*offered, *entries(dict(rule.arguments))]))


def _arguments(data: QueryDict, rule: FieldRule, ground: Ground) -> tuple[tuple[str, str], ...]:
    """Return what the inputs of the conversion say; empty ones are left out."""
    entry = TRANSFORM_ENTRIES[rule.transform]
    found: dict[str, str] = {}
    for argument in entry.arguments:
        if argument.kind is ArgumentKind.ENTRIES:
            found |= _table(data) | _beyond(rule, ground)
        elif text := data.get(f"arg-{argument.key}", "")[:LONGEST_TEXT]:
            found[argument.key] = text
    return tuple(found.items())


def _table(data: QueryDict) -> dict[str, str]:
    """Return the value list: HubSpot's value (fixed or typed) to the target's."""
    table = {}
    for at in range(MOST_ENTRIES + 1):
        source = data.get(f"takes-{at}", data.get(f"source-{at}", ""))[:LONGEST_TEXT]
        gives = data.get(f"gives-{at}", "")[:LONGEST_TEXT]
        if source and gives:
            table[source] = gives
    return table


def _beyond(rule: FieldRule, ground: Ground) -> dict[str, str]:
    """Return the entries that the editor had no room for: they stay as they are."""
    stored = dict(rule.arguments)
    left = sources(rule, ground)[MOST_ENTRIES:]
    return {value: stored[value] for value in left if value in stored}


def _defaults(name: str, rule: FieldRule, ground: Ground) -> tuple[tuple[str, str], ...]:
    """Return what a newly chosen conversion starts with: the proposal if there is one."""
    hubspot, target = ground.hubspot.get(rule.hubspot), target_spec(rule, ground)
    for fit in suggestions(hubspot, target) if hubspot and target else ():
        if fit.transform == name:
            return tuple(fit.arguments)
    return tuple((a.key, a.default) for a in TRANSFORM_ENTRIES[name].arguments if a.default)


def _member(kind: type[S], text: str, otherwise: S) -> S:
    return kind(text) if text in set(kind) else otherwise


def _conflict(text: str, otherwise: ConflictPolicy | None) -> ConflictPolicy | None:
    if not text:
        return None
    return ConflictPolicy(text) if text in set(ConflictPolicy) else otherwise
