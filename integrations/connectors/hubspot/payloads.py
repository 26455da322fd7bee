"""HubSpot's JSON and the engine's records: the only place that knows both. Calls nothing.

Property values are strings or null on the wire, whatever their type.
Source: HubSpot docs, properties guide and object APIs, 2026-03-30.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Context, Decimal
from typing import Any, Final, TypeVar

from integrations.engine.records import (
    ABSENT,
    BLANK,
    UNREADABLE,
    FieldType,
    Record,
    Value,
    number,
)
from integrations.engine.specs import FieldSpec

JsonObject = dict[str, Any]
Reader = Callable[[str], Value]
Item = TypeVar("Item")

PARTNERS: Final = "@"
"""Begins the name of a field that holds associations: `@companies`."""
MERGED_IDS: Final = "hs_merged_object_ids"
OTHER_EMAILS: Final = "hs_additional_emails"

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DOUBLE: Final = Context(prec=15)
_LABELS: Final = {
    "contacts": ("firstname", "lastname"),
    "companies": ("name",),
    "deals": ("dealname",),
}


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
    """Return the `properties` of a write; fields about which nothing is known are left out."""
    properties = {}
    for name, value in values.items():
        text = write_value(value, schema[name].type if name in schema else FieldType.TEXT)
        if text is not None:
            properties[name] = text
    return properties


# ---------------------------------------------------------------- records


def modified_property(object_type: str) -> str:
    """Return the property that holds a record's change instant."""
    return "lastmodifieddate" if object_type == "contacts" else "hs_lastmodifieddate"


@dataclass(frozen=True, slots=True)
class RecordReader:
    """Turns payloads of one object type into Records; made once for many records.

    `associations` are the object types whose partners are fields of the record.
    """

    object_type: str
    readers: tuple[tuple[str, Reader], ...]
    associations: tuple[str, ...] = ()

    @classmethod
    def build(
        cls, object_type: str, fields: Iterable[str], schema: Mapping[str, FieldSpec]
    ) -> RecordReader:
        """Prepare for these fields; names the schema lacks are read as text."""
        names = list(fields)
        kinds = {
            name: schema[name].type if name in schema else FieldType.TEXT
            for name in names
            if not name.startswith(PARTNERS)
        }
        others = tuple(name[1:] for name in names if name.startswith(PARTNERS))
        readers = tuple((name, READERS[kind]) for name, kind in kinds.items())
        return cls(object_type, readers, others)

    @property
    def properties(self) -> tuple[str, ...]:
        """Return every property to ask for: the fields, and what a Record has besides them."""
        names = [name for name, _ in self.readers]
        system = (modified_property(self.object_type), MERGED_IDS)
        return tuple(dict.fromkeys([*names, *system, *_LABELS.get(self.object_type, ())]))

    def read(self, payload: JsonObject) -> Record:
        """Return one record. null is BLANK; what the answer does not mention is left out."""
        properties: Mapping[str, str | None] = payload.get("properties") or {}
        values: dict[str, Value] = {}
        for name, reader in self.readers:
            if name in properties:
                text = properties[name]
                values[name] = reader(text) if text else BLANK
        for other in self.associations:
            shown = (payload.get("associations") or {}).get(other)
            if shown is not None:
                values[PARTNERS + other] = partner_ids(shown) or BLANK
        changed = properties.get(modified_property(self.object_type)) or payload.get("updatedAt")
        return Record(
            id=str(payload["id"]),
            values=values,
            modified_at=instant(changed) if changed else None,
            archived=payload.get("archived") is True,
            merged_ids=merged_ids(payload),
            label=self._label(properties),
        )

    def _label(self, properties: Mapping[str, str | None]) -> str:
        names = _LABELS.get(self.object_type, ())
        return " ".join(filter(None, [properties.get(name) for name in names]))


def merged_ids(payload: JsonObject) -> frozenset[str]:
    """Return the ids that were merged into a record."""
    merged = (payload.get("properties") or {}).get(MERGED_IDS)
    return frozenset(p.strip() for p in merged.split(";") if p.strip()) if merged else frozenset()


def with_partners(payloads: list[JsonObject], others: Sequence[str]) -> list[JsonObject]:
    """Say of records that were asked for with associations that what is not shown is empty."""
    for payload in payloads if others else ():
        shown = payload.get("associations") or {}
        payload["associations"] = {other: shown.get(other) or {} for other in others}
    return payloads


def partner_ids(shown: JsonObject) -> tuple[str, ...]:
    """Return the partners of a record, once each: they are listed once per label."""
    return tuple(dict.fromkeys(str(row["id"]) for row in shown.get("results") or ()))


def batches(items: Sequence[Item], size: int = 100) -> list[Sequence[Item]]:
    """Return the items in calls' worth; HubSpot takes 100 per batch."""
    return [items[start : start + size] for start in range(0, len(items), size)]
