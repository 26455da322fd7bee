"""Addresses: their JSON and the engine's records, and the traps of writing them. Calls nothing.

Traps: docs.raml and classes/Modules/Api of the open-source edition, read 2026-11-20. Xentral wants
a name where HubSpot may have none: what is put there reads as blank, so nothing that was made up
ever travels to HubSpot.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Final

from integrations.connectors.xentral.fields import FREE, GROUP, HOME, JsonObject
from integrations.connectors.xentral.payloads import (
    changed_at,
    flag_of,
    id_of,
    read_choice,
    read_flag,
    read_text,
    text_of,
    write_id,
    write_plain,
)
from integrations.engine.errors import Rejected
from integrations.engine.reasons import Reason
from integrations.engine.records import BLANK, Record, Value, as_text, is_value

NO_FIRST: Final = "Hubspot -"
NO_LAST: Final = "-"
NEW_NUMBER: Final = "NEW"
"""Without this customer number a create answers 400 although the row was made."""
BORN: Final[Mapping[str, object]] = {
    "kundennummer": NEW_NUMBER,
    "typ": "herr",
    "lead": 1,
    "kundenfreigabe": 1,
    "sprache": "deutsch",
    "waehrung": "EUR",
}
COMPANY: Final = "firma"
NAMES: Final = frozenset({"vorname", "nachname"})
NEVER: Final = frozenset({"firma", "kundennummer"})
"""Columns that are not sent: a company's name turns its person into a contact person."""
_MEMBER: Final = "true"
_CODE: Final = re.compile(r"[A-Z]{1,3}")
_ABROAD: Final = re.compile(r"[A-Z]{2}-([A-Z]{1,3})")


# ---------------------------------------------------------------- reading


@dataclass(frozen=True, slots=True)
class AddressReader:
    """Turns rows into Records. `members` says of each group which of the rows are in it."""

    names: Collection[str]
    zone: tzinfo

    def read(self, row: JsonObject, groups: Mapping[str, bool] | None = None) -> Record:
        """Return one record; what the answer does not mention is left out.

        `groups` tells by id in which groups the address is.
        """
        values: dict[str, Value] = {}
        for name in self.names:
            if name.startswith(GROUP):
                group = name.removeprefix(GROUP)
                if groups is not None and group in groups:
                    values[name] = groups[group]
            elif name in row or (name == "nachname" and "name" in row):
                values[name] = _READERS.get(name, _plain)(row, name)
        return Record(
            id=id_of(row["id"]),
            values=values,
            modified_at=changed_at(row.get("logdatei"), self.zone),
            archived=flag_of(row.get("geloescht")),
            label=text_of(row.get("name")),
        )


def _plain(row: JsonObject, name: str) -> Value:
    return read_text(row[name])


def _first_name(row: JsonObject, name: str) -> Value:
    found = text_of(row[name])
    return BLANK if found == NO_FIRST else found or BLANK


def _last_name(row: JsonObject, name: str) -> Value:
    """Return the last name; of addresses that have but one name that one."""
    found = text_of(row.get(name))
    if not found:
        first, whole = text_of(row.get("vorname")), text_of(row.get("name"))
        found = "" if whole == first else whole.removeprefix(f"{first} ").strip()
    return BLANK if found == NO_LAST or "@" in found else found or BLANK


def _country(row: JsonObject, name: str) -> Value:
    return text_of(row[name]).upper() or BLANK


def _state(row: JsonObject, name: str) -> Value:
    """Return the state; codes of other countries with their country: BE is Berlin, CH-BE is not."""
    found, land = text_of(row[name]), text_of(row.get("land")).upper()
    if land not in ("", HOME) and _CODE.fullmatch(found):
        return f"{land}-{found}"
    return found or BLANK


def _flag(row: JsonObject, name: str) -> Value:
    return read_flag(row[name])


def _choice(row: JsonObject, name: str) -> Value:
    return read_choice(row[name])


_READERS: Final[Mapping[str, Callable[[JsonObject, str], Value]]] = {
    "vorname": _first_name,
    "nachname": _last_name,
    "land": _country,
    "bundesstaat": _state,
    "lead": _flag,
    "vertrieb": _choice,
}


def email_of(row: JsonObject) -> str:
    """Return an address's e-mail in the spelling by which e-mails are compared."""
    return text_of(row.get("email")).casefold()


# ---------------------------------------------------------------- writing


def group_wishes(values: Mapping[str, Value]) -> dict[str, str]:
    """Return the groups (by id) into which a new address is to be put, and in which way."""
    return {
        name.removeprefix(GROUP): as_text(value)
        for name, value in values.items()
        if name.startswith(GROUP) and is_value(value)
    }


def create_body(values: Mapping[str, Value]) -> JsonObject:
    """Return the body of a POST; raises Rejected where nothing gives a name."""
    given = {name: value for name, value in values.items() if is_value(value)}
    first, last = (as_text(given.get(name, BLANK)).strip() for name in ("vorname", "nachname"))
    email = as_text(given.get("email", BLANK)).strip()
    if not (first or last or email):
        raise Rejected(
            "It has neither a name nor an email, and Xentral needs a name.",
            reason=Reason.REQUIRED_MISSING,
        )
    first, last = first or NO_FIRST, last or email or NO_LAST
    # Xentral puts the first name in front of `name` by itself when it makes an address.
    named = {"vorname": first, "nachname": last, "name": last}
    return {**BORN, **_columns(given), **named}


def update_body(values: Mapping[str, Value], held: JsonObject | None = None) -> JsonObject:
    """Return the body of a PUT: only what is to change.

    `held` is the address as it is: its `name` is both names, and has to follow them.
    """
    body = _columns(values)
    if not NAMES.isdisjoint(values):
        body |= _renamed(values, held or {})
    return body


def needs_held(values: Mapping[str, Value]) -> bool:
    """Tell whether an update has to know the address as it is."""
    return not NAMES.isdisjoint(values)


def _columns(values: Mapping[str, Value]) -> JsonObject:
    body: JsonObject = {}
    for name, value in values.items():
        if name.startswith(GROUP) or name in NAMES or name in NEVER:
            continue
        if not is_value(value) and value is not BLANK:
            continue
        body[name] = write_id(value) if name == "vertrieb" else write_plain(value)
    if (abroad := _ABROAD.fullmatch(str(body.get("bundesstaat", "")))) is not None:
        body["bundesstaat"] = abroad.group(1)
    return body


def _renamed(values: Mapping[str, Value], held: JsonObject) -> JsonObject:
    first, last = text_of(held.get("vorname")), text_of(held.get("nachname"))
    if not (first or last):
        last = text_of(held.get("name"))
    if "vorname" in values:
        first = as_text(values["vorname"]).strip() or NO_FIRST
    if "nachname" in values:
        last = as_text(values["nachname"]).strip() or text_of(held.get("email")) or NO_LAST
    if last.startswith(f"{first} ") and "nachname" not in values:
        last = last.removeprefix(f"{first} ")
    named = {"vorname": first, "nachname": last}
    if text_of(held.get("typ")) == COMPANY:
        return named
    return {**named, "name": f"{first} {last}".strip()}


def is_free_field(name: str) -> bool:
    """Tell whether a column is one of the free fields."""
    return name.startswith(FREE) and name.removeprefix(FREE).isdecimal()
