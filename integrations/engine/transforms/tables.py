"""The transform of live tables: owners, stages. Their entries are filled in when a slice begins."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from integrations.engine.errors import ConfigInvalid, MappingError
from integrations.engine.records import ABSENT, Value, as_text
from integrations.engine.transforms.base import Arguments, Step, Transform

TABLE: Final = "table"
"""The name of this transform."""
NAME: Final = "@name"
"""Argument: which table of the integration it is ("owners", "stages")."""
FORTH: Final = ">"
BACK: Final = "<"
"""What the arguments begin with that are entries: ">value" to the target, "<value" to HubSpot."""
BESIDE: Final = "^"
"""What entries begin with that lead back as well: "^value" holds the target's value."""
OTHERWISE: Final = "@otherwise"
"""Argument: what the target gets for a value without an entry; "" means that it is an error."""
UNKNOWN: Final = "@unknown"
"""Argument: what a target value without an entry does: "fail" or "leave" (HubSpot keeps its)."""
UNASSIGNED: Final = "@unassigned"
"""Argument: what a HubSpot value without an entry does: "fail" or "leave" (it is not sent)."""
RULES: Final = ("fail", "leave")
NOTHING: Final[Mapping[str, str]] = {}


def table(arguments: Arguments) -> Transform:
    """Translate by a table that may be neither complete nor one to one.

    Several HubSpot values may become one target value. Then the one returns that HubSpot holds
    already, else one of the same pipeline ("pipeline:stage"), else the one of the entry back.
    """
    if not arguments.get(NAME):
        raise ConfigInvalid("The name of the table is missing.")
    unknown = arguments.get(UNKNOWN, "fail")
    unassigned = arguments.get(UNASSIGNED, "fail")
    if unknown not in RULES or unassigned not in RULES:
        raise ConfigInvalid("A value without an entry can fail or be left.")
    forth = _entries(arguments, FORTH)
    back = _entries(arguments, BACK)
    otherwise = arguments.get(OTHERWISE, "")
    return Transform(
        _forth(forth, otherwise, leave=unassigned == "leave"),
        _back(back, leave=unknown == "leave"),
        knows=lambda value: as_text(value) in forth,
        near=_near(back, _entries(arguments, BESIDE)),
    )


def filled(
    arguments: Arguments,
    forth: Mapping[str, str],
    back: Mapping[str, str],
    beside: Mapping[str, str] = NOTHING,
) -> Arguments:
    """Return a rule's arguments with the entries that hold now; earlier entries go.

    `beside` are HubSpot values that are not in `back` and lead there as well.
    """
    marks = (FORTH, BACK, BESIDE)
    rules = {key: value for key, value in arguments.items() if key[:1] not in marks}
    rules |= {FORTH + key: value for key, value in forth.items()}
    rules |= {BESIDE + key: value for key, value in beside.items()}
    return rules | {BACK + key: value for key, value in back.items()}


def _entries(arguments: Arguments, mark: str) -> dict[str, str]:
    return {key[1:]: value for key, value in arguments.items() if key.startswith(mark)}


def _forth(entries: Mapping[str, str], otherwise: str, *, leave: bool) -> Step:
    def step(value: Value, now: object) -> Value:
        found = entries.get(as_text(value)) or otherwise
        if not found and not leave:
            raise MappingError("has a value that is assigned to nothing yet")
        return found or ABSENT

    return step


def _back(entries: Mapping[str, str], *, leave: bool) -> Step:
    def step(value: Value, now: object) -> Value:
        found = entries.get(as_text(value), "")
        if not found and not leave:
            raise MappingError("has a value that is assigned to nothing yet")
        return found or ABSENT

    return step


def _near(
    back: Mapping[str, str], beside: Mapping[str, str]
) -> Callable[[Value, Value], Value] | None:
    if not beside:
        return None
    several = {target: [back[target]] for target in beside.values() if target in back}
    for value, target in beside.items():
        several.get(target, []).append(value)

    def near(value: Value, held: Value) -> Value:
        known, place = as_text(held), pipeline_of(as_text(held))
        found = several.get(as_text(value), [])
        if known in found:
            return known
        return next((one for one in found if place and pipeline_of(one) == place), ABSENT)

    return near


def pipeline_of(value: str) -> str:
    """Return the pipeline of a stage ("pipeline:stage"), "" for any other value."""
    place, between, _stage = value.partition(":")
    return place if between else ""
