"""Single JSON values in the engine's form, for systems that mean the same by them. No blanks here.

What one system spells its own way (instants, lists, empty values) is in its `payloads.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from integrations.engine.records import UNREADABLE, FieldType, Value, number


def _text(raw: object) -> Value:
    if isinstance(raw, bool):
        return "true" if raw else "false"
    return str(raw)


def _number(raw: object) -> Value:
    found = None if isinstance(raw, bool) else number(str(raw))
    return UNREADABLE if found is None else found


def _boolean(raw: object) -> Value:
    return {"true": True, "false": False}.get(str(raw).lower(), UNREADABLE)


def _date(raw: object) -> Value:
    """Read a calendar day; of an instant the day as it is written, whatever its zone."""
    try:
        return date.fromisoformat(str(raw)[:10])
    except ValueError:
        return UNREADABLE


READERS: Final[Mapping[FieldType, Callable[[object], Value]]] = {
    FieldType.TEXT: _text,
    FieldType.CHOICE: _text,
    FieldType.NUMBER: _number,
    FieldType.BOOLEAN: _boolean,
    FieldType.DATE: _date,
}
"""By the type of the field; a value that cannot be read as its type is UNREADABLE."""
