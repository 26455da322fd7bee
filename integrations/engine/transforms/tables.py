"""The transform of live tables: owners, stages. Their entries are filled in when a slice begins."""

from __future__ import annotations

from collections.abc import Mapping
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
OTHERWISE: Final = "@otherwise"
"""Argument: what the target gets for a value without an entry; "" means that it is an error."""
UNKNOWN: Final = "@unknown"
"""Argument: what a target value without an entry does: "fail" or "leave" (HubSpot keeps its)."""
UNASSIGNED: Final = "@unassigned"
"""Argument: what a HubSpot value without an entry does: "fail" or "leave" (it is not sent)."""
RULES: Final = ("fail", "leave")


def table(arguments: Arguments) -> Transform:
    """Translate by a table that may be neither complete nor one to one.

    Several HubSpot values may become one target value; the entry back then says which one returns.
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
    )


def filled(arguments: Arguments, forth: Mapping[str, str], back: Mapping[str, str]) -> Arguments:
    """Return a rule's arguments with the entries that hold now; earlier entries go."""
    rules = {key: value for key, value in arguments.items() if key[:1] not in (FORTH, BACK)}
    rules |= {FORTH + key: value for key, value in forth.items()}
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
