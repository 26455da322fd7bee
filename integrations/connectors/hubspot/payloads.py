"""HubSpot's values and ours, both ways: the only place that knows both. Calls nothing.

Property values are strings or null on the wire, whatever their type.
Source: HubSpot docs, properties guide and object APIs, 2026-03-30.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Context, Decimal
from typing import Any, Final, TypeVar

from integrations.engine.records import (
    ABSENT,
    BLANK,
    UNREADABLE,
    FieldType,
    Value,
    number,
)
from integrations.engine.specs import FieldSpec

JsonObject = dict[str, Any]
Reader = Callable[[str], Value]
Item = TypeVar("Item")

PSEUDO: Final = "@"
"""Begins the names of fields that are no properties: `@companies`, `@stage`."""
OTHER_EMAILS: Final = "hs_additional_emails"

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DOUBLE: Final = Context(prec=15)


# ---------------------------------------------------------------- values


def _number(text: str) -> Value:
    """Read a number; digits beyond a double's 15 are noise of HubSpot's calculations."""
    found = number(text)
    if found is None:
        return UNREADABLE
    return _DOUBLE.plus(found) if "." in text and len(text) > 15 else found


def _boolean(text: str) -> Value:
    return {"true": True, "false": False}.get(text.lower(), UNREADABLE)


def _multi(text: str) -> Value:
    return tuple(part for part in text.split(";") if part) or BLANK


def instant(text: str) -> datetime | None:
    """Read ISO text with or without a fraction, or epoch milliseconds; None for neither."""
    try:
        if text.removeprefix("-").isdecimal():
            return _EPOCH + timedelta(milliseconds=int(text))
        parsed = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        return None
    return parsed.astimezone(UTC) if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def _datetime(text: str) -> Value:
    return instant(text) or UNREADABLE


def _date(text: str) -> Value:
    try:
        return date.fromisoformat(text)
    except ValueError:
        at = instant(text)
        return at.date() if at else UNREADABLE


def _plain(text: str) -> Value:
    return text


READERS: Final[Mapping[FieldType, Reader]] = {
    FieldType.TEXT: _plain,
    FieldType.CHOICE: _plain,
    FieldType.NUMBER: _number,
    FieldType.BOOLEAN: _boolean,
    FieldType.DATE: _date,
    FieldType.DATETIME: _datetime,
    FieldType.MULTI_CHOICE: _multi,
}


def write_value(value: Value, kind: FieldType) -> str | None:
    """Return the text HubSpot stores for a value, None for one that must not be sent.

    BLANK becomes "": HubSpot takes null for "leave it".
    """
    if value is BLANK:
        return ""
    if value is ABSENT or value is UNREADABLE:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, tuple):
        return ";".join(value)
    if isinstance(value, datetime):
        utc = value.astimezone(UTC)
        if kind is FieldType.DATE:
            return utc.date().isoformat()
        return utc.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, date):
        return f"{value.isoformat()}T00:00:00Z" if kind is FieldType.DATETIME else f"{value}"
    return str(value)


def write_properties(
    values: Mapping[str, Value], schema: Mapping[str, FieldSpec]
) -> dict[str, str]:
    """Return the `properties` of a write: nothing of fields that are none, or that nobody knows."""
    properties = {}
    for name, value in values.items():
        if name.startswith(PSEUDO):
            continue
        text = write_value(value, schema[name].type if name in schema else FieldType.TEXT)
        if text is not None:
            properties[name] = text
    return properties


def batches(items: Sequence[Item], size: int = 100) -> list[Sequence[Item]]:
    """Return the items in calls' worth; HubSpot takes 100 per batch."""
    return [items[start : start + size] for start in range(0, len(items), size)]
