"""The users of a portal: who may own records, and which HubSpot owner each of them is.

Kinds of users are licence types (help.magentrix.com, HubSpot card articles, read 2026-11-20); which
field holds them is not public, so the first of some likely ones counts. Without any, everybody is
taken for an employee.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from integrations.connectors.magentrix import meql
from integrations.connectors.magentrix.client import MagentrixClient
from integrations.connectors.magentrix.fields import PERSON, USER, Column, JsonObject
from integrations.connectors.magentrix.payloads import ID
from integrations.connectors.magentrix.schema import Schemas
from integrations.connectors.magentrix.writing import Parcel, Writing
from integrations.engine.errors import ConfigInvalid, SyncError
from integrations.engine.extras import Person
from integrations.engine.records import FieldType
from integrations.engine.specs import Option

LIST: Final = "employees"
EMPLOYEE: Final = "employee"
PERSON_LABEL: Final = "HubSpot User ID"
_KINDS: Final = ("usertype", "licensetype", "userlicense", "license", "kind")
_PAGE: Final = 500


class People:
    """The employees of one portal."""

    def __init__(self, client: MagentrixClient, schemas: Schemas, writing: Writing) -> None:
        self._client, self._schemas, self._writing = client, schemas, writing

    def everybody(self) -> list[Person]:
        """Return all employees, those who have left included."""
        columns = {name.lower(): column for name, column in self._schemas.of(USER).items()}
        kind = next((columns[name] for name in _KINDS if name in columns), None)
        wanted = ("name", "firstname", "lastname", "email", "isactive", PERSON.lower())
        shown = {name: columns[name] for name in wanted if name in columns}
        mark = mark_of(self._schemas.of(USER))
        names = [column.wire for column in (*shown.values(), *filter(None, (kind, mark)))]
        rows = self._rows([ID, *names])
        if kind is not None:
            rows = [row for row in rows if EMPLOYEE in str(row.get(kind.wire) or "").lower()]
        return [_person(row, shown, mark) for row in rows]

    def choices(self) -> list[Option]:
        """Return the employees whom records can be given to, by name."""
        found = [person for person in self.everybody() if person.active]
        named = [(person.name or person.email, person) for person in found]
        named.sort(key=lambda each: each[0].casefold())
        return [
            Option(person.id, f"{name} ({person.email})" if person.email else name)
            for name, person in named
        ]

    def mark(self, marks: Mapping[str, str]) -> dict[str, SyncError | None]:
        """Write HubSpot owner ids by user id; an empty one takes it away."""
        column = mark_of(self._schemas.of(USER)) or mark_of(self._schemas.of(USER, fresh=True))
        if column is None:
            raise ConfigInvalid(f"Users have no unique text field “{PERSON_LABEL}” yet.")
        parcels = [
            Parcel(user, {ID: user, column.wire: owner or None}) for user, owner in marks.items()
        ]
        done = self._writing.send("PATCH", USER, parcels)
        return {
            user: error if isinstance(error, SyncError) else None for user, error in done.items()
        }

    def _rows(self, names: Sequence[str]) -> list[JsonObject]:
        found: list[JsonObject] = []
        last = ""
        while True:
            where = meql.after(ID, last) if last else ""
            text = meql.select(USER, names, where=where, order=ID, take=_PAGE)
            rows, _count = self._client.query(text)
            found += rows
            if len(rows) < _PAGE:
                return found
            last = str(rows[-1][ID])


def mark_of(schema: Mapping[str, Column]) -> Column | None:
    """Return the unique text field that holds a HubSpot owner's id: by our name or its label."""
    found = [
        column
        for name, column in schema.items()
        if name == PERSON or column.spec.label.casefold() == PERSON_LABEL.casefold()
    ]
    fits = [c for c in found if c.spec.unique and c.spec.type is FieldType.TEXT]
    return next(iter(fits), None)


def _person(row: JsonObject, shown: Mapping[str, Column], mark: Column | None) -> Person:
    def text(name: str) -> str:
        return str(row.get(shown[name].wire) or "") if name in shown else ""

    parts = " ".join(filter(None, (text("firstname"), text("lastname"))))
    active = row.get(shown["isactive"].wire) is not False if "isactive" in shown else True
    return Person(
        str(row[ID]),
        text("name") or parts,
        text("email"),
        active=active,
        hubspot_id=str(row.get(mark.wire) or "") if mark else "",
    )
