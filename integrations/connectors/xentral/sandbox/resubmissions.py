"""Resubmissions (Wiedervorlagen): their columns, what the old API checks, and their history.

Source: reference/xentral.md 3.2 and 5. The API and a person's edits go through the same checks;
only a person may take one off its board or delete it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Final

from integrations.connectors.sandbox_kit import JsonObject

from .errors import ApiError, missing
from .words import local, number

if TYPE_CHECKING:
    from .server import XentralSandbox
    from .state import Row

COLUMNS: Final[Mapping[str, object]] = {
    "id": 0,
    "adresse": 0,
    "projekt": 0,
    "bezeichnung": "",
    "beschreibung": None,
    "betrag": None,
    "erinnerung_per_mail": None,
    "bearbeiter": 0,
    "adresse_mitarbeiter": 0,
    "datum_angelegt": None,
    "zeit_angelegt": None,
    "datum_erinnerung": None,
    "zeit_erinnerung": None,
    "datum_abschluss": None,
    "oeffentlich": 0,
    "abgeschlossen": 0,
    "chance": None,
    "prio": 0,
    "stages": 0,
    "color": "#a2d624",
    "id_ext": None,
}
"""Every column with what a new row holds where nothing was sent."""
REQUIRED: Final = ("bezeichnung", "datum_erinnerung", "zeit_erinnerung")
SHORTEST: Final = 3
LONGEST: Final = 255
CENT: Final = Decimal("0.01")
NOT_NULL: Final = {name for name, value in COLUMNS.items() if value is not None} | {"beschreibung"}
NUMBERS: Final = (
    "adresse projekt erinnerung_per_mail bearbeiter adresse_mitarbeiter oeffentlich abgeschlossen "
    "chance prio stages"
).split()


def _is_date(value: object) -> bool:
    return _parses(value, r"\d{4}-\d\d-\d\d", "%Y-%m-%d")


def _is_time(value: object) -> bool:
    return _parses(value, r"\d\d:\d\d:\d\d", "%H:%M:%S")


def _is_flag(value: object) -> bool:
    return str(value) in ("0", "1") or isinstance(value, bool)


def _is_chance(value: object) -> bool:
    return str(value).isdecimal() and int(str(value)) <= 100


def _is_long_enough(value: object) -> bool:
    return value == "" or len(str(value)) >= SHORTEST


CHECKS: Final[Mapping[str, tuple[Callable[[object], bool], str]]] = {
    "bezeichnung": (_is_long_enough, "must be at least 3 characters"),
    "beschreibung": (_is_long_enough, "must be at least 3 characters"),
    **dict.fromkeys(
        ("datum_erinnerung", "datum_angelegt", "datum_abschluss"), (_is_date, "is no valid date")
    ),
    **dict.fromkeys(("zeit_erinnerung", "zeit_angelegt"), (_is_time, "is no valid time")),
    "betrag": (lambda value: number(value) is not None, "must be decimal"),
    "chance": (_is_chance, "must be between 0 and 100"),
    "adresse": (lambda value: str(value).isdecimal(), "must be integer"),
    **dict.fromkeys(
        ("abgeschlossen", "oeffentlich", "prio", "erinnerung_per_mail"),
        (_is_flag, "must be 0 or 1"),
    ),
}
TABLES: Final = {
    "bearbeiter": "addresses",
    "adresse_mitarbeiter": "addresses",
    "projekt": "projects",
    "stages": "stages",
}
"""Columns whose id must exist; 0 does not."""


class Resubmissions:
    """Changes resubmissions under the old API's rules. `by` is who is written into the history."""

    def __init__(self, sandbox: XentralSandbox) -> None:
        self.sandbox = sandbox

    def create(self, body: JsonObject, by: str) -> Row:
        """Store a new one; raises ApiError 7453 or 7499."""
        values = self._checked(body, body)
        table = self.sandbox.instance["resubmissions"]
        row = table.add({name: value for name, value in COLUMNS.items() if name != "id"} | values)
        self._note(row, 0, by)
        return row

    def update(self, row_id: str, body: JsonObject, by: str) -> Row:
        """Change one; columns that are left out keep their value. Raises ApiError."""
        row = self.live(row_id)
        return self._store(row, self._checked(body, body, held=row), by)

    def edit(self, row_id: str, values: JsonObject, by: str) -> Row:
        """Change one as a person does: nothing is required, stage 0 takes it off its board."""
        row = self.live(row_id)
        off = {"stages": 0} if str(values.get("stages")) == "0" else {}
        rest = {name: value for name, value in values.items() if name not in off}
        return self._store(row, self._checked(rest, {**row, **rest}) | off, by)

    def delete(self, row_id: str) -> None:
        """Remove one for good; raises ApiError 7452."""
        del self.sandbox.instance["resubmissions"].rows[self.live(row_id)["id"]]

    def live(self, row_id: str) -> Row:
        """Return one; raises ApiError 7452."""
        row = self.sandbox.instance["resubmissions"].get(row_id)
        if row is None:
            raise missing()
        return row

    def _store(self, row: Row, values: JsonObject, by: str) -> Row:
        before = row["stages"]
        row |= values
        if row["stages"] != before:
            self._note(row, before, by)
        return row

    def _note(self, row: Row, before: int, by: str) -> None:
        """Each move leaves an entry in the history."""
        if row["stages"]:
            at = local(self.sandbox.now(), self.sandbox.behaviour.time_zone)
            entry = {"resubmission": row["id"], "from": before, "to": row["stages"]}
            self.sandbox.instance["history"].add({**entry, "by": by, "at": at})

    def _checked(
        self, body: JsonObject, whole: JsonObject, held: Mapping[str, object] | None = None
    ) -> JsonObject:
        """Return a body's columns as they are stored; `whole` must have what is required.

        What is left out of a change keeps the value `held`.
        """
        found = [*_shape(body, whole), *self._unknown_ids(body)]
        if found:
            raise ApiError(7453, "Validation error", details=found)
        for name in body:
            if name not in COLUMNS:
                raise ApiError(
                    7499, "Unexpected error", errors=[f"Unknown column '{name}' in 'field list'"]
                )
        for name in NOT_NULL & {*body, *({"beschreibung"} - {*whole, *(held or ())})}:
            if body.get(name) is None:
                raise ApiError(7499, "Unexpected error", errors=[f"Column '{name}' cannot be null"])
        return {name: _stored(name, value) for name, value in body.items()}

    def _unknown_ids(self, body: JsonObject) -> Iterator[str]:
        for name, table in TABLES.items():
            if body.get(name) is None:
                continue
            row = self.sandbox.instance[table].get(body[name])
            if row is None or row.get("geloescht"):
                yield f"The resource for attribute '{name}' does not exist."


def _shape(body: JsonObject, whole: JsonObject) -> Iterator[str]:
    """Yield what is wrong with a body by itself."""
    for name in ("id", "id_ext"):
        if name in body:
            yield f"The attribute '{name}' must not be present."
    for name in REQUIRED:
        if whole.get(name) in (None, ""):
            yield f"The attribute '{name}' is required."
    for name, (fits, sentence) in CHECKS.items():
        value = body.get(name)
        if value is not None and not (name in REQUIRED and value == "") and not fits(value):
            yield f"The attribute '{name}' {sentence}."


def _stored(name: str, value: object) -> object:
    if value is None:
        return None
    if name in NUMBERS:
        return int(str(int(value) if isinstance(value, bool) else value))
    if name == "betrag":
        return str(Decimal(str(value)).quantize(CENT, ROUND_HALF_UP))
    return str(value)[:LONGEST] if name in ("bezeichnung", "color") else str(value)


def _parses(value: object, shape: str, form: str) -> bool:
    if not re.fullmatch(shape, str(value)):
        return False
    try:
        datetime.strptime(str(value), form)  # noqa: DTZ007 - a local date or time has no zone
    except ValueError:
        return False
    return True
