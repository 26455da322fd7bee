"""Addresses: their columns, roles and groups, and the traps of writing them through the old API.

Source: reference/xentral.md 3.3, 3.4 and 5. Real rows have about 200 columns; these are the ones
that anybody reads or writes. Names with `_` in front are ours and never shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from integrations.connectors.sandbox_kit import JsonObject

from .errors import ApiError, missing
from .roles import CUSTOMER
from .state import FREE_FIELDS
from .words import local, whole

if TYPE_CHECKING:
    from .server import XentralSandbox
    from .state import Row

FREE: Final = tuple(f"freifeld{number}" for number in range(1, FREE_FIELDS + 1))
TEXTS: Final = (
    "typ name vorname nachname titel anschreiben abteilung unterabteilung ansprechpartner "
    "adresszusatz strasse plz ort land bundesstaat telefon mobil telefax email internetseite "
    "kundennummer lieferantennummer mitarbeiternummer waehrung sprache ustid geburtstag sonstiges"
).split()
INTEGERS: Final = "projekt vertrieb innendienst lead kundenfreigabe firma geloescht".split()
COLUMNS: Final[Mapping[str, object]] = {
    **dict.fromkeys(TEXTS, ""),
    **dict.fromkeys(FREE, ""),
    **dict.fromkeys(INTEGERS, 0),
    "projekt": 1,
    "firma": 1,
    "typ": "herr",
    "logdatei": "",
    "useredittimestamp": "",
    "_lead_status": "",
    "_tags": (),
}
"""Every column with what a new row holds. `firma` is the client of the instance, always 1."""
NOT_WRITTEN: Final = {"id", "logdatei", "useredittimestamp", "geloescht", "firma"}
UNLIMITED: Final = {*FREE, "sonstiges"}
LONGEST: Final = 255
NEW: Final = "NEW"
SALUTATIONS: Final = {"mr": "herr", "ms": "frau", "mrs": "frau"}
NOT_CREATED: Final = "Adresse konnte nicht angelegt werden."


class Addresses:
    """Changes addresses: as the old API does, and plainly for everybody else."""

    def __init__(self, sandbox: XentralSandbox) -> None:
        self.sandbox = sandbox

    # ------------------------------------------------------------ the old API

    def create(self, body: JsonObject) -> Row:
        """Create one through the old API; raises ApiError 7451 although the row is there."""
        values = dict(body)
        self._join_names(values)
        if "strasse" in values:
            values["strasse"] = f"{values['strasse']} {values.pop('hausnummer', '')}"
        if "projekt" in values:
            values["projekt"] = self._project(values["projekt"], by_id=False)
        row = self.add({name: v for name, v in values.items() if name != "kundennummer"})
        asked = str(values.get("kundennummer") or "")
        if not asked:
            raise ApiError(7451, NOT_CREATED)
        self._number(row, asked)
        if body.get("verband"):
            self.sandbox.roles.set_association(row["id"], body["verband"])
        return row

    def update(self, row_id: str, body: JsonObject) -> Row:
        """Change one through the old API: partial, except for its associations (`verband`)."""
        row = self.live(row_id)
        values = {name: v for name, v in body.items() if name != "kundennummer"}
        if "projekt" in values:
            values["projekt"] = self._project(values["projekt"], by_id=True)
        if "typ" in values:
            values["typ"] = SALUTATIONS.get(str(values["typ"]), values["typ"])
        self.change(row, values)
        self.sandbox.roles.set_association(row["id"], body.get("verband"))
        return row

    def _join_names(self, values: JsonObject) -> None:
        """Apply what happens to names: the first one is put in front, a firm takes the place."""
        first, name = (str(values.get(part) or "") for part in ("vorname", "name"))
        if first:
            values["name"] = f"{first} {name}"
        firm = str(values.pop("firma", "") or "")
        if firm:
            values |= {"ansprechpartner": values.get("name", ""), "name": firm, "typ": "firma"}
        kind = str(values.get("typ") or "")
        values["typ"] = SALUTATIONS.get(kind, kind) or "herr"

    def _project(self, given: object, *, by_id: bool) -> int:
        """Return a project's id: creating takes its abbreviation only; 0 for an unknown one."""
        table = self.sandbox.instance["projects"]
        row = table.get(given) if by_id else None
        row = row or next(table.where(abkuerzung=str(given)), None)
        return int(row["id"]) if row else 0

    # ------------------------------------------------------------ everybody

    def add(self, values: JsonObject) -> Row:
        """Store a new row; what is no column is dropped without a word."""
        row = self.sandbox.instance["addresses"].add(dict(COLUMNS))
        row |= {"logdatei": self._stamp(), "_created": self._stamp(), "_tags": []}
        return self.change(row, values)

    def change(self, row: Row, values: JsonObject) -> Row:
        """Store columns; the time of the change is the database's, and only if there is one."""
        fresh = {
            name: _stored(name, value)
            for name, value in values.items()
            if name in COLUMNS and name not in NOT_WRITTEN
        }
        if any(row[name] != value for name, value in fresh.items()):
            row |= fresh
            row["logdatei"] = self._stamp()
        return row

    def make_customer(self, row: Row, asked: str = NEW) -> None:
        """Give an address the role Kunde, and a customer number unless it has one."""
        if row["kundennummer"]:
            self.sandbox.roles.add(row["id"], CUSTOMER)
        else:
            self._number(row, asked)

    def edited(self, row: Row) -> None:
        """Note that a person saved it."""
        row["useredittimestamp"] = self._stamp()

    def delete(self, row_id: str) -> None:
        """Take one out of sight; raises ApiError 7452."""
        row = self.live(row_id)
        row |= {"geloescht": 1, "logdatei": self._stamp()}

    def live(self, row_id: str) -> Row:
        """Return one that is not deleted; raises ApiError 7452."""
        row = self.sandbox.instance["addresses"].get(row_id)
        if row is None or row["geloescht"]:
            raise missing()
        return row

    def all(self) -> list[Row]:
        """Return all that are not deleted, oldest first."""
        return list(self.sandbox.instance["addresses"].where(geloescht=0))

    def _number(self, row: Row, asked: str) -> None:
        """Set the customer number; only a NEW one makes a customer of an address."""
        if asked == NEW:
            asked = self.sandbox.instance.next_number()
            self.sandbox.roles.add(row["id"], CUSTOMER)
        self.change(row, {"kundennummer": asked})

    def _stamp(self) -> str:
        return local(self.sandbox.now(), self.sandbox.behaviour.time_zone)


def _stored(name: str, value: object) -> object:
    if name in INTEGERS:
        return whole(value)
    if name == "_tags":
        return value
    text = "" if value is None else str(value)
    return text if name in UNLIMITED else text[:LONGEST]
