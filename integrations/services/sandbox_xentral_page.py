"""What a person does in Xentral on the sandbox's page: addresses, groups, and the boards.

Over the sandbox's own Python interface; Xentral's real screens look otherwise.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from integrations.connectors.xentral.sandbox import ApiError, Refusal, XentralSandbox
from integrations.services.sandbox_desk import MANY, Field, Form
from integrations.services.sandbox_works import PORTAL_ID

ADDRESSES: Final = "addresses"
RESUBMISSIONS: Final = "resubmissions"
GROUPS: Final = "groups"
TITLES: Final = {ADDRESSES: "Address", RESUBMISSIONS: "Resubmission"}
YES_NO: Final = (("0", "no"), ("1", "yes"))
CHOICES: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "typ": (("herr", "herr"), ("frau", "frau"), ("firma", "firma")),
    "lead": YES_NO,
    "abgeschlossen": YES_NO,
}
FIELDS: Final[Mapping[str, tuple[tuple[str, str, str], ...]]] = {
    ADDRESSES: (
        ("typ", "Type", "text"),
        ("name", "Name", "text"),
        ("vorname", "First name", "text"),
        ("nachname", "Last name", "text"),
        ("email", "Email", "text"),
        ("telefon", "Phone", "text"),
        ("mobil", "Mobile phone", "text"),
        ("strasse", "Street", "text"),
        ("plz", "Zip", "text"),
        ("ort", "City", "text"),
        ("bundesstaat", "State (code)", "text"),
        ("land", "Country (two letters)", "text"),
        ("internetseite", "Website", "text"),
        ("lead", "Lead", "text"),
    ),
    RESUBMISSIONS: (
        ("bezeichnung", "Title", "text"),
        ("beschreibung", "Description", "text"),
        ("betrag", "Amount", "number"),
        ("chance", "Chance in %", "number"),
        ("datum_erinnerung", "Reminder, date", "date"),
        ("zeit_erinnerung", "Reminder, time (HH:MM:SS)", "text"),
        ("adresse", "Address", "address"),
        ("stages", "Stage", "stage"),
        ("abgeschlossen", "Done", "text"),
    ),
}
"""Column, label and kind: an input's type, or where the choices come from."""
NULLABLE: Final = {"betrag", "chance"}
NUMBERS: Final = {"lead", "adresse", "abgeschlossen"}


class XentralDesk:
    """The instance's screens and buttons; raises the sandbox's Refusal, or KeyError."""

    system = "xentral"
    label = "Xentral"
    portal_id = PORTAL_ID
    template = "sandbox/works.html"
    objects: tuple[str, ...] = ("companies", "contacts", "deals")
    refusal: type[Exception] = Refusal

    def __init__(self, xentral: XentralSandbox) -> None:
        self.xentral = xentral
        self.person = xentral.person()
        self.acts: dict[str, Callable[[Form], None]] = {
            "create": self._create,
            "save": self._save,
            "delete": lambda form: self.person.delete(form["object"], form["id"]),
            "move": lambda form: self.person.move(form["id"], form["stage"]),
            "group": lambda form: _ignore(self.person.add_group(form["name"], form["code"])),
            "view": lambda form: _ignore(self.person.add_view(form["name"])),
            "stage": lambda form: _ignore(self.person.add_stage(form["view"], form["name"])),
            "token": self._renew_token,
        }

    def act(self, name: str, form: Form) -> str | None:
        """Do what a button says; there is nowhere to go but back to the lists."""
        with self.xentral.lock:
            self.acts[name](form)
        return None

    def lists(self, most: int) -> dict[str, object]:
        """Return what the lists show: the newest addresses, every board, groups and the token."""
        with self.xentral.lock:
            return self._lists(most)

    def _lists(self, most: int) -> dict[str, object]:
        addresses = self.person.all(ADDRESSES)
        names = {row["id"]: row["name"] for row in addresses}
        groups = self._groups()
        shown = addresses[: -most - 1 : -1]
        for row in shown:
            ids = self.person.groups_of(str(row["id"]))
            row["groups"] = [groups[one] for one in ids if one in groups]
            row["free"] = [(label, row[column]) for column, label in self._free() if row[column]]
        return {
            "xentral_addresses": shown,
            "boards": self._boards(names),
            "stage_choices": self._stage_choices(),
            "groups": list(groups.values()),
            "views": list(self.xentral.instance["views"].rows.values()),
            "tokens": list(self.xentral.instance.tokens),
        }

    def record(self, kind: str, record_id: str) -> dict[str, Any]:
        """Return what the form of a record shows, a new one without an id."""
        title = TITLES[kind]
        with self.xentral.lock:
            row = self.person.get(kind, record_id) if record_id else {}
            fields = [*self._inputs(kind, row)]
            if kind == ADDRESSES:
                fields.append(self._membership(record_id))
        return {
            "system": "xentral",
            "title": f"{title} {record_id}" if record_id else f"New {title.lower()}",
            "action": "/desk/xentral/save" if record_id else "/desk/xentral/create",
            "hidden": {"portal": PORTAL_ID, "object": kind, "id": record_id, "has_groups": 1},
            "fields": fields,
            "can_delete": bool(record_id),
            "delete": "/desk/xentral/delete",
        }

    # ------------------------------------------------------------ lists

    def _groups(self) -> dict[str, str]:
        rows = self.xentral.instance["groups"].rows.values()
        return {str(row["id"]): str(row["name"]) for row in rows}

    def _free(self) -> list[tuple[str, str]]:
        """Return column and name of the free fields that are in use."""
        rows = self.xentral.free_fields.all()
        return [(f"freifeld{row['id']}", row["name"]) for row in rows]

    def _boards(self, names: Mapping[int, str]) -> list[dict[str, object]]:
        """Return each board with its stages, and last what is on no board."""
        by_stage: dict[int, list[dict[str, object]]] = {}
        for row in self.person.all(RESUBMISSIONS):
            row["address_name"] = names.get(row["adresse"], "")
            by_stage.setdefault(row["stages"], []).append(row)
        boards: list[dict[str, object]] = []
        for view in self.xentral.instance["views"].rows.values():
            stages = self.person.stages(str(view["id"]))
            columns = [(stage["name"], by_stage.get(stage["id"], [])) for stage in stages]
            boards.append({"name": view["name"], "columns": columns})
        if 0 in by_stage:
            boards.append({"name": "On no board", "columns": [("", by_stage[0])]})
        return boards

    def _stage_choices(self) -> list[tuple[str, str]]:
        return [
            (str(stage["id"]), f"{view['name']} – {stage['name']}")
            for view in self.xentral.instance["views"].rows.values()
            for stage in self.person.stages(str(view["id"]))
        ]

    # ------------------------------------------------------------ forms

    def _inputs(self, kind: str, row: Mapping[str, Any]) -> Iterator[Field]:
        free = [(column, name, "text") for column, name in self._free()]
        for name, label, source in (*FIELDS[kind], *(free if kind == ADDRESSES else ())):
            value = "" if row.get(name) is None else str(row[name])
            options = list(CHOICES.get(name, ()))
            if source == "address":
                rows = self.person.all(ADDRESSES)
                options = [("0", "none"), *((str(each["id"]), each["name"]) for each in rows)]
            elif source == "stage":
                options = [("0", "on no board"), *self._stage_choices()]
            yield Field(name, label, value, "text" if options else source, options)

    def _membership(self, record_id: str) -> Field:
        held = MANY.join(self.person.groups_of(record_id)) if record_id else ""
        return Field(GROUPS, "Groups", held, "many", list(self._groups().items()))

    def _values(self, form: Form) -> dict[str, object]:
        kind = form["object"]
        free = [column for column, _ in self._free()] if kind == ADDRESSES else []
        values: dict[str, object] = {}
        for name in (*(field[0] for field in FIELDS[kind]), *free):
            if name not in form:
                continue
            text = form[name].strip()
            if name in NULLABLE:
                values[name] = text or None
            elif name in NUMBERS:
                values[name] = text or "0"
            elif not (name == "stages" and not text):
                values[name] = text
        return values

    # ------------------------------------------------------------ buttons

    def _create(self, form: Form) -> None:
        values = self._values(form)
        if form["object"] == RESUBMISSIONS and values.get("stages") == "0":
            del values["stages"]
        made = self.person.create(form["object"], **values)
        self._join(made, form)

    def _save(self, form: Form) -> None:
        self.person.edit(form["object"], form["id"], **self._values(form))
        self._join(form["id"], form)

    def _join(self, record_id: str, form: Form) -> None:
        """Put an address into exactly the groups of the form, if it shows them."""
        if form["object"] != ADDRESSES or "has_groups" not in form:
            return
        wanted = [one for one in form.get(GROUPS, "").split(MANY) if one]
        held = self.person.groups_of(record_id)
        for group in held:
            if group not in wanted:
                self.person.leave(record_id, group)
        for group in wanted:
            if group not in held:
                self.person.join(record_id, group)

    def _renew_token(self, _form: Form) -> None:
        held = next(iter(self.xentral.instance.tokens), None)
        if held is None:
            raise ApiError(7452, "There is no token")
        self.xentral.revoke(held, f"xt_{secrets.token_hex(8)}")


def _ignore(_: object) -> None:
    """Drop a result that the page shows anyway."""
