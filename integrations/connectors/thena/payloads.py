"""Thena's JSON and the engine's records: the only place that knows both. Calls nothing.

Field names: docs.thena.ai, API reference "accounts", read 2026-11-20. Not public is how REST spells
a custom field's values (section "custom field values") and whether a PUT keeps those it does not
name: so every write of one names them all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from integrations.connectors.thena.fields import (
    ACCOUNT_IDS,
    ACCOUNTS,
    ATTRIBUTES,
    CONTACTS,
    CUSTOM,
    STANDARD,
    JsonObject,
)
from integrations.connectors.values import READERS
from integrations.engine.domains import domain_of
from integrations.engine.errors import Rejected
from integrations.engine.ports import CreateItem
from integrations.engine.reasons import Reason
from integrations.engine.records import (
    BLANK,
    UNREADABLE,
    FieldType,
    Record,
    Value,
    is_value,
)
from integrations.engine.specs import FieldSpec

CUSTOM_VALUES: Final = "customFieldValues"
PLACEHOLDERS: Final = "portalPlaceholders"
"""The key in a record's metadata that holds what we had to make up, by field.

Thena wants a first name and a domain where HubSpot may have none. As long as such a field holds
what we put there, it reads as blank: nothing made up ever travels to HubSpot.
"""
OUR_KEY: Final = "portalKey"
SOURCE: Final = "hubspot"
NEEDED: Final = {ACCOUNTS: ("name", "primaryDomain"), CONTACTS: ("email", "firstName")}
_MISSING: Final = {
    "name": "It has no name, which Thena needs.",
    "primaryDomain": "It has no domain, and its website names none: Thena needs one.",
    "email": "It has no email, which Thena needs.",
    "firstName": "It has neither a first name nor an email to take one from.",
}
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECONDS: Final = 100_000_000_000
"""A larger count since 1970 is of milliseconds, a smaller one of seconds."""


def unwrap(parsed: object) -> object:
    """Return what an answer is about: some are inside an envelope with `data` and `status`."""
    if isinstance(parsed, dict) and "data" in parsed and "status" in parsed:
        return parsed["data"]
    return parsed


def instant(raw: object) -> datetime | None:
    """Read ISO text, or seconds or milliseconds as number or text; None for anything else."""
    try:
        if isinstance(raw, str) and not raw.strip().replace(".", "", 1).isdecimal():
            parsed = datetime.fromisoformat(raw.strip())
            return parsed.astimezone(UTC) if parsed.tzinfo else parsed.replace(tzinfo=UTC)
        if isinstance(raw, bool) or not isinstance(raw, str | int | float):
            return None
        count = float(raw)
        seconds = count / 1000 if count > _MILLISECONDS else count
        return _EPOCH + timedelta(milliseconds=round(seconds * 1000))
    except (ValueError, OverflowError):
        return None


# ---------------------------------------------------------------- single values


def _datetime(raw: object) -> Value:
    return instant(raw) or UNREADABLE


_READERS: Final[Mapping[FieldType, Callable[[object], Value]]] = {
    **READERS,
    FieldType.DATETIME: _datetime,
}


def read_value(raw: object, kind: FieldType) -> Value:
    """Return a JSON value in the engine's form; null, "" and [] are BLANK."""
    members = _members(raw)
    if not members:
        return BLANK
    if kind in (FieldType.MULTI_CHOICE, FieldType.REFERENCE):
        return tuple(str(member) for member in members)
    return _READERS[kind](members[0])


def write_value(value: Value) -> object:
    """Return a value as JSON; blank is null, a list stays a list."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime):
        text = value.astimezone(UTC).isoformat(timespec="milliseconds")
        return text.replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return list(value)
    return value if is_value(value) else None


# ---------------------------------------------------------------- custom field values


def decode_cf(raw: object) -> dict[str, tuple[Any, ...]]:
    """Return custom field values by the field's uid, from any of the spellings seen in public.

    `[{"customFieldId": uid, "data": [{"value": x}]}]` is assumed for REST, `[{"fieldId": uid,
    "value": x}]` is of Thena's MCP pages, and `{uid: [x, y]}` of its events.
    """
    if isinstance(raw, dict):
        return {str(uid): _members(values) for uid, values in raw.items()}
    found: dict[str, tuple[Any, ...]] = {}
    for item in raw if isinstance(raw, list) else ():
        uid = isinstance(item, dict) and (item.get("customFieldId") or item.get("fieldId"))
        if uid:
            found[str(uid)] = _members(item["data"] if "data" in item else item.get("value"))
    return found


def encode_cf(uid: str, members: Iterable[object]) -> JsonObject:
    """Return one custom field's values as REST is assumed to take them; none clears the field."""
    return {"customFieldId": uid, "data": [{"value": member} for member in members]}


def _members(raw: object) -> tuple[Any, ...]:
    values = raw if isinstance(raw, list) else [raw]
    plain = [value.get("value") if isinstance(value, dict) else value for value in values]
    return tuple(value for value in plain if value is not None and value != "")


# ---------------------------------------------------------------- reading records


@dataclass(frozen=True, slots=True)
class RecordReader:
    """Turns payloads of one object type into Records; made once for many records."""

    object_type: str
    kinds: Mapping[str, FieldType]
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Per picklist the uid of each name, for answers that name a value but not its uid."""

    @classmethod
    def build(
        cls, object_type: str, fields: Iterable[str], schema: Mapping[str, FieldSpec]
    ) -> RecordReader:
        """Prepare for these fields. Those nobody knows are left out of every record.

        A custom field that was removed from Thena would else read as blank, as if a person had
        emptied it on every record.
        """
        known = {spec.name: spec for spec in STANDARD[object_type]} | dict(schema)
        specs = {name: known[name] for name in fields if name in known}
        return cls(
            object_type,
            {name: spec.type for name, spec in specs.items()},
            {n: {o.label: o.value for o in spec.options} for n, spec in specs.items()},
        )

    def read(self, payload: JsonObject) -> Record:
        """Return one record; what the answer does not mention is left out."""
        made_up = (payload.get("metadata") or {}).get(PLACEHOLDERS) or {}
        custom = decode_cf(payload[CUSTOM_VALUES]) if CUSTOM_VALUES in payload else None
        values: dict[str, Value] = {}
        for name, kind in self.kinds.items():
            if name.startswith(CUSTOM):
                if custom is not None:
                    members = custom.get(name.removeprefix(CUSTOM), ())
                    values[name] = read_value(list(members), kind)
            elif (key := self._key(name, payload)) is not None:
                value = read_value(_plain(name, key, payload[key]), kind)
                if key == name and name in ATTRIBUTES[self.object_type] and is_value(value):
                    value = self.names[name].get(str(value), UNREADABLE)
                values[name] = BLANK if name in made_up and made_up[name] == value else value
        return Record(
            id=str(payload["id"]),
            values=values,
            modified_at=instant(payload.get("updatedAt")),
            archived=bool(payload.get("deletedAt")),
            label=_label(payload),
        )

    def _key(self, name: str, payload: JsonObject) -> str | None:
        """Return the member that holds a field: picklists and accounts have two spellings."""
        keys: tuple[str, ...] = (name,)
        if name in ATTRIBUTES[self.object_type]:
            keys = (f"{name}Id", name)
        elif name == ACCOUNT_IDS:
            keys = ("accounts", name)
        return next((key for key in keys if key in payload), None)


def _plain(name: str, key: str, raw: object) -> object:
    """Return the ids of a contact's accounts, which are objects or bare ids."""
    if name != ACCOUNT_IDS or not isinstance(raw, list):
        return raw
    return [entry.get("id") if isinstance(entry, dict) else entry for entry in raw]


def _label(payload: JsonObject) -> str:
    parts = [payload.get(key) for key in ("name", "firstName", "lastName")]
    return " ".join(str(part) for part in parts if part) or str(payload.get("email") or "")


# ---------------------------------------------------------------- writing records


def update_body(values: Mapping[str, Value], held: object = None) -> JsonObject:
    """Return the body of a PUT: only what is to change.

    `held` are the custom field values the record has now: they are sent along with changed ones.
    """
    body: JsonObject = {}
    custom: dict[str, Iterable[object]] = {}
    for name, value in values.items():
        if not is_value(value) and value is not BLANK:
            continue
        written = write_value(value)
        if name.startswith(CUSTOM):
            custom[name.removeprefix(CUSTOM)] = _members(written)
        else:
            body[name] = (written or []) if name == ACCOUNT_IDS else written
    if custom:
        every = {**decode_cf(held), **custom}
        body[CUSTOM_VALUES] = [encode_cf(uid, members) for uid, members in every.items()]
    return body


def create_body(object_type: str, item: CreateItem) -> JsonObject:
    """Return the body of a POST; raises Rejected where Thena needs a value that nothing gives."""
    given = {name: value for name, value in item.values.items() if is_value(value)}
    body = update_body(given)
    made_up = _made_up(object_type, body)
    body |= made_up
    for name in NEEDED[object_type]:
        if not body.get(name):
            raise Rejected(_MISSING[name], reason=Reason.REQUIRED_MISSING, fields=(name,))
    metadata: JsonObject = {PLACEHOLDERS: made_up} if made_up else {}
    if item.external_key:
        metadata[OUR_KEY] = item.external_key
    if metadata:
        body["metadata"] = metadata
    if object_type == ACCOUNTS:
        body["source"] = SOURCE
    return body


def _made_up(object_type: str, body: JsonObject) -> dict[str, str]:
    """Return what Thena needs and other fields give: never an invented domain."""
    if object_type == CONTACTS:
        name, found = "firstName", str(body.get("email") or "").partition("@")[0]
    else:
        name, found = "primaryDomain", domain_of(str(body.get("website") or ""))
    return {} if body.get(name) or not found else {name: found}
