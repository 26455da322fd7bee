"""Magentrix's JSON and the engine's records: the only place that knows both. Calls nothing.

Instants are UTC, with or without saying so; several options are joined by ";" (help.magentrix.com,
devguide "Magentrix SQL reference", read 2026-11-20). That a JSON null empties a field is assumed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final

from integrations.connectors.magentrix.fields import (
    CONTACT,
    EMAIL,
    FILLED,
    LAST_NAME,
    LINK,
    Column,
    JsonObject,
)
from integrations.connectors.values import READERS
from integrations.engine.errors import Rejected
from integrations.engine.reasons import Reason
from integrations.engine.records import (
    BLANK,
    UNREADABLE,
    FieldType,
    Record,
    Value,
    is_value,
)

ID: Final = "Id"
MODIFIED: Final = "ModifiedOn"
CREATED: Final = "CreatedOn"
DELETED: Final = "IsDeleted"
JOINED: Final = ";"
NOBODY: Final = "Unknown"
"""The last name of a contact who has neither a last name nor an e-mail address."""


def instant(raw: object) -> datetime | None:
    """Read an ISO text, UTC where it names no zone; None for anything else."""
    if not isinstance(raw, str):
        return None
    try:
        parsed = datetime.fromisoformat(raw.strip())
    except ValueError:
        return None
    return parsed.astimezone(UTC) if parsed.tzinfo else parsed.replace(tzinfo=UTC)


# ---------------------------------------------------------------- reading


def _several(raw: object) -> Value:
    parts = raw if isinstance(raw, list) else str(raw).split(JOINED)
    return tuple(dict.fromkeys(text for part in parts if (text := str(part).strip()))) or BLANK


_READERS: Final[Mapping[FieldType, Callable[[object], Value]]] = {
    **READERS,
    FieldType.DATETIME: lambda raw: instant(raw) or UNREADABLE,
    FieldType.MULTI_CHOICE: _several,
    FieldType.REFERENCE: lambda raw: (str(raw),),
}


def read_value(raw: object, kind: FieldType) -> Value:
    """Return a JSON value in the engine's form; null and "" are BLANK."""
    return BLANK if raw is None or raw in ("", []) else _READERS[kind](raw)


@dataclass(frozen=True, slots=True)
class RecordReader:
    """Turns payloads of one entity into Records. `wanted` are the fields that are shown."""

    entity: str
    wanted: tuple[Column, ...]
    filled: str = ""
    """How the portal spells the field that holds a made-up last name, "" without one."""

    @classmethod
    def build(cls, entity: str, names: Iterable[str], schema: Mapping[str, Column]) -> RecordReader:
        """Prepare for these fields; those the portal does not have are left out.

        A field that was removed would else read as blank, as if a person had emptied it.
        """
        wanted = tuple(schema[name] for name in dict.fromkeys(names) if name in schema)
        marks = entity == CONTACT and any(each.name == LAST_NAME for each in wanted)
        marker = schema.get(FILLED) if marks else None
        return cls(entity, wanted, marker.wire if marker else "")

    @property
    def columns(self) -> list[str]:
        """Return what a query must select, in Magentrix's spelling."""
        extra = [self.filled] if self.filled else []
        return [ID, MODIFIED, *(column.wire for column in self.wanted), *extra]

    def read(self, payload: JsonObject) -> Record:
        """Return one record; what the answer does not mention is left out."""
        values = {
            column.name: read_value(payload[column.wire], column.spec.type)
            for column in self.wanted
            if column.wire in payload
        }
        made_up = payload.get(self.filled) if self.filled else None
        if made_up and values.get(LAST_NAME) == made_up:
            values[LAST_NAME] = BLANK
        return Record(
            id=str(payload[ID]),
            values=values,
            modified_at=instant(payload.get(MODIFIED)),
            archived=payload.get(DELETED) is True,
            label=_label(payload),
        )


def _label(payload: JsonObject) -> str:
    found = {key.lower(): value for key, value in payload.items()}
    parts = [found.get(key) for key in ("firstname", "lastname")]
    named = found.get("name") or " ".join(str(part) for part in parts if part)
    return str(named or found.get("email") or "")


# ---------------------------------------------------------------- writing


def write_value(value: Value, column: Column) -> object:
    """Return a value as JSON; blank is null. Raises Rejected for what would be cut or rounded."""
    if isinstance(value, bool):
        return value
    if isinstance(value, Decimal):
        return _digits(value, column)
    if isinstance(value, datetime):
        text = value.astimezone(UTC).isoformat(timespec="milliseconds")
        return text.replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return _joined(value, column)
    if not is_value(value):
        return None
    if column.length and isinstance(value, str) and len(value) > column.length:
        raise _refused(column, f"takes {column.length} characters and would cut the rest off")
    return value


def body_of(values: Mapping[str, Value], schema: Mapping[str, Column]) -> JsonObject:
    """Return what to send of a record; raises Rejected where a value cannot be stored whole."""
    body: JsonObject = {}
    for name, value in values.items():
        if not is_value(value) and value is not BLANK:
            continue
        if name not in schema:
            raise Rejected(f"Magentrix has no field “{name}”.", fields=(name,))
        body[schema[name].wire] = write_value(value, schema[name])
    return body


def create_body(
    entity: str, values: Mapping[str, Value], key: str, schema: Mapping[str, Column]
) -> JsonObject:
    """Return the body of a new record, with our key and with a last name if one is needed."""
    given = {name: value for name, value in values.items() if is_value(value)}
    body = body_of(given, schema)
    if key:
        body[schema[LINK].wire] = key
    missing = missing_of(entity, given, schema)
    if missing is not None:
        raise missing
    if entity == CONTACT and LAST_NAME not in given and needs_last_name(schema):
        made_up = _made_up(given.get(EMAIL), schema[LAST_NAME].length)
        body |= {schema[LAST_NAME].wire: made_up, schema[FILLED].wire: made_up}
    return body


def needs_last_name(schema: Mapping[str, Column]) -> bool:
    """Tell whether a contact cannot be stored without a last name."""
    return LAST_NAME in schema and schema[LAST_NAME].spec.required


def missing_of(
    entity: str, given: Mapping[str, Value], schema: Mapping[str, Column]
) -> Rejected | None:
    """Return the refusal of a new record that lacks what Magentrix needs, None if it will do."""
    for name, column in schema.items():
        needed = column.spec.required and not column.spec.read_only
        if not needed or is_value(given.get(name, BLANK)):
            continue
        if entity == CONTACT and name == LAST_NAME and FILLED in schema:
            continue
        return Rejected(
            f"It has no value for “{column.spec.label}”, which Magentrix needs.",
            reason=Reason.REQUIRED_MISSING,
            fields=(name,),
        )
    return None


def _made_up(email: Value | None, longest: int) -> str:
    """Return the last name of somebody who has none: of the address, what is before the @."""
    local = email.partition("@")[0].strip() if isinstance(email, str) else ""
    return (local or NOBODY)[: longest or None]


def _digits(value: Decimal, column: Column) -> object:
    whole = value == value.to_integral_value()
    if column.places is not None and value != round(value, column.places):
        kind = f"{column.places} decimals" if column.places else "whole numbers only"
        raise _refused(column, f"takes {kind} and would round the value")
    return int(value) if whole else float(value)


def _joined(value: tuple[str, ...], column: Column) -> object:
    if column.spec.type is FieldType.REFERENCE:
        if len(value) > 1:
            raise _refused(column, "points to one record at most")
        return value[0] if value else None
    if any(JOINED in option for option in value):
        raise _refused(column, "cannot hold an option with a semicolon")
    return JOINED.join(value) or None


def _refused(column: Column, why: str) -> Rejected:
    return Rejected(
        f"“{column.spec.label}” in Magentrix {why}.",
        reason=Reason.VALUE_INVALID,
        fields=(column.name,),
    )
