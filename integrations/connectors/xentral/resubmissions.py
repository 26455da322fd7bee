"""Resubmissions: their JSON and the engine's records, and what writing them needs. Calls nothing.

Rules: docs.raml and classes/Modules/Api of the open-source edition, read 2026-11-20. A name of at
least three characters and a reminder are needed even to change something else. What was made up
for that reads as blank, so it never travels to HubSpot.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from hashlib import blake2b
from typing import Final

from integrations.connectors.xentral.fields import DEAL, MADE_AT, REMINDER, JsonObject
from integrations.connectors.xentral.payloads import (
    id_of,
    local_parts,
    read_choice,
    read_flag,
    read_instant,
    read_number,
    read_reference,
    read_text,
    text_of,
    write_id,
    write_plain,
)
from integrations.engine.records import BLANK, Record, Value, canonical, is_value

PAD: Final = "Deal "
SHORT: Final = 3
"""Characters that a name must have at least."""
NO_REMINDER: Final = "No close date in HubSpot; reminder set to {day} {time}."
"""A line of the description: as long as the reminder is that, it was made up."""
DIGEST_BYTES: Final = 5
_KEY: Final = re.compile(r"HubSpot deal \d+")
_INSTANTS: Final = {
    REMINDER: ("datum_erinnerung", "zeit_erinnerung"),
    MADE_AT: ("datum_angelegt", "zeit_angelegt"),
}
_IDS: Final = frozenset({"stages", "adresse", "bearbeiter", "adresse_mitarbeiter", "projekt"})
_READERS: Final[Mapping[str, Callable[[object], Value]]] = {
    "betrag": read_number,
    "chance": read_number,
    "stages": read_choice,
    "adresse": read_reference,
    "abgeschlossen": read_flag,
}


# ---------------------------------------------------------------- reading


@dataclass(frozen=True, slots=True)
class ResubmissionReader:
    """Turns rows into Records; there is no change time and no trace of what was deleted."""

    names: Collection[str]
    zone: tzinfo

    def read(self, row: JsonObject) -> Record:
        """Return one record; what the answer does not mention is left out."""
        values: dict[str, Value] = {}
        for name in self.names:
            if name in _INSTANTS:
                day, time = _INSTANTS[name]
                if day in row:
                    values[name] = self._instant(row, name, day, time)
            elif name == DEAL:
                values[name] = key_of(row).rpartition(" ")[2] or BLANK
            elif name == "bezeichnung" and name in row:
                values[name] = _name(text_of(row[name]))
            elif name in row:
                values[name] = _READERS.get(name, read_text)(row[name])
        return Record(id=id_of(row["id"]), values=values, label=text_of(row.get("bezeichnung")))

    def _instant(self, row: JsonObject, name: str, day: str, time: str) -> Value:
        if name == REMINDER:
            made_up = NO_REMINDER.format(day=text_of(row[day]), time=text_of(row.get(time)))
            if made_up in text_of(row.get("beschreibung")):
                return BLANK
        return read_instant(row[day], row.get(time), self.zone)


def _name(found: str) -> Value:
    """Return the name without what was put before it, or nothing where it is all made up."""
    if _KEY.fullmatch(found):
        return BLANK
    bare = found.removeprefix(PAD)
    return bare if bare and len(bare) < SHORT else found or BLANK


def key_of(row: JsonObject) -> str:
    """Return our key of a resubmission: the beginning of its description; "" where it has none."""
    found = _KEY.match(text_of(row.get("beschreibung")))
    return found.group() if found else ""


def fingerprint(record: Record) -> bytes:
    """Return a digest of a record's id and values, by which a change is noticed."""
    members = [f"{name}={canonical(value)}" for name, value in sorted(record.values.items())]
    text = "\x1e".join([record.id, *members])
    return blake2b(text.encode(), digest_size=DIGEST_BYTES).digest()


# ---------------------------------------------------------------- writing


def create_body(values: Mapping[str, Value], key: str, now: datetime, zone: tzinfo) -> JsonObject:
    """Return the body of a POST. `key` begins the description; `now` is the reminder of none."""
    body = _columns({n: v for n, v in values.items() if is_value(v)}, zone)
    body["bezeichnung"] = _padded(text_of(body.get("bezeichnung")) or key)
    lines = [key or text_of(body.get("beschreibung")) or PAD.strip()]
    if "datum_erinnerung" not in body:
        day, time = local_parts(now, zone)
        body |= {"datum_erinnerung": day, "zeit_erinnerung": time}
        lines.append(NO_REMINDER.format(day=day, time=time))
    if key and text_of(body.get("beschreibung")):
        lines.append(text_of(body["beschreibung"]))
    body["beschreibung"] = "\n".join(lines)
    return body


def update_body(
    values: Mapping[str, Value], held: JsonObject, now: datetime, zone: tzinfo
) -> JsonObject:
    """Return the body of a PUT: what is to change, and what every PUT must hold, as it is."""
    day, time = local_parts(now, zone)
    needed = {
        "bezeichnung": _padded(text_of(held.get("bezeichnung"))),
        "datum_erinnerung": text_of(held.get("datum_erinnerung")) or day,
        "zeit_erinnerung": text_of(held.get("zeit_erinnerung")) or time,
    }
    body = _columns(values, zone)
    if "bezeichnung" in body:
        body["bezeichnung"] = _padded(text_of(body["bezeichnung"]) or key_of(held))
    return {**needed, **body}


def _columns(values: Mapping[str, Value], zone: tzinfo) -> JsonObject:
    body: JsonObject = {}
    for name, value in values.items():
        if name == DEAL or not (is_value(value) or value is BLANK):
            continue
        if name in _INSTANTS:
            if is_value(value):
                body |= dict(zip(_INSTANTS[name], local_parts(value, zone), strict=True))
        elif name in _IDS:
            found = write_id(value)
            if found or name == "adresse":  # 0 is refused where an id must exist
                body[name] = found
        elif name == "betrag" and not is_value(value):
            body[name] = "0.00"
        else:
            body[name] = write_plain(value)
    return body


def _padded(name: str) -> str:
    return name if len(name) >= SHORT else f"{PAD}{name}".strip()
