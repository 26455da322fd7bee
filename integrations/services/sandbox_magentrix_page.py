"""What a Magentrix user does on the sandbox's page: records, fields, rules, the API key.

Over the sandbox's own Python interface; Magentrix's real screens look otherwise.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from typing import Any, Final

from integrations.connectors.magentrix.sandbox import ApiError, FieldType, MagentrixSandbox
from integrations.connectors.sandbox_kit import JsonObject
from integrations.services.sandbox_desk import Field, Form
from integrations.services.sandbox_vendor import PORTAL_ID

ENTITIES: Final = ("Account", "Contact", "Opportunity", "User")
LINKS: Final = ("HubSpotId__c", "HubSpotUserId__c")
YES: Final = "true"
NUMBERS: Final = (FieldType.NUMBER, FieldType.CURRENCY, FieldType.PERCENT)
SETUP: Final = ("field", "value", "rule", "rules", "setup", "key")
GONE: Final = 20
"""Records of the recycle bin that are shown."""


class MagentrixDesk:
    """The portal's pages for its administrator; raises the sandbox's ApiError, or KeyError."""

    system = "magentrix"
    label = "Magentrix"
    portal_id = PORTAL_ID
    template = "sandbox/vendor.html"
    objects: tuple[str, ...] = ("companies", "contacts", "deals")
    refusal: type[Exception] = ApiError

    def __init__(self, magentrix: MagentrixSandbox) -> None:
        self.magentrix = magentrix
        self.acts: dict[str, Callable[[Form], None]] = {
            "create": self._create,
            "save": self._save,
            "delete": self._delete,
            "restore": self._restore,
            "field": self._add_field,
            "value": self._add_value,
            "rule": self._add_rule,
            "rules": self._clear_rules,
            "setup": self._switch_setup,
            "key": self._renew_key,
        }

    def act(self, name: str, form: Form) -> str | None:
        """Do what a button says; those of the Setup page lead back to it."""
        with self.magentrix.lock:
            self.acts[name](form)
        return "/setup" if name in SETUP else None

    def lists(self, most: int) -> dict[str, object]:
        """Return what the lists show: the newest records, lookups in words, and the bin."""
        with self.magentrix.lock:
            person = self.magentrix.person()
            rows = {kind: person.all(kind) for kind in ENTITIES}
            names = {row["Id"]: row["Name"] for all_of in rows.values() for row in all_of}
            shown = {f"mgx_{kind}": self._rows(kind, rows[kind], names, most) for kind in ENTITIES}
            gone = [
                {"kind": kind, "row": row}
                for kind in ENTITIES
                for row in person.deleted(kind)[: -GONE - 1 : -1]
            ]
            return {**shown, "gone": gone}

    def setup(self) -> dict[str, object]:
        """Return what the page of the administrator shows: fields, picklists, rules and the key."""
        with self.magentrix.lock:
            return {
                "entities": ENTITIES,
                "types": [kind.value for kind in FieldType],
                "picklists": list(self._picklists()),
                "rules": list(self.magentrix.trouble.rules),
                "setup_api": self.magentrix.behaviour.setup_api,
                "keys": list(self.magentrix.portal.keys),
            }

    def record(self, kind: str, record_id: str) -> dict[str, Any]:
        """Return what the form of a record shows, a new one without an id."""
        with self.magentrix.lock:
            row = self.magentrix.person().get(kind, record_id) if record_id else {}
            fields = list(self._fields(kind, row))
        hidden = {"portal": PORTAL_ID, "object": kind, "id": record_id}
        hidden |= {f"has_{field.name}": 1 for field in fields if field.kind == "many"}
        return {
            "system": self.system,
            "title": f"{kind} {record_id}" if record_id else f"New {kind.lower()}",
            "action": "/desk/magentrix/save" if record_id else "/desk/magentrix/create",
            "hidden": hidden,
            "fields": fields,
            "can_delete": bool(record_id),
            "delete": "/desk/magentrix/delete",
        }

    # ------------------------------------------------------------ what is shown

    def _rows(
        self, kind: str, rows: list[JsonObject], names: dict[str, str], most: int
    ) -> list[JsonObject]:
        """Return the newest rows with lookups in words, and the id of the record in HubSpot."""
        lookups = [f for f in self.magentrix.portal.entities[kind].fields.values() if f.reference]
        found = []
        for row in rows[: -most - 1 : -1]:
            parents = {f.relation: names.get(row.get(f.name, ""), "") for f in lookups}
            link = next((row[name] for name in LINKS if row.get(name)), "")
            found.append({**row, **parents, "link": link})
        return found

    def _picklists(self) -> Iterator[tuple[str, str]]:
        for kind in ENTITIES:
            for field in self.magentrix.portal.entities[kind].fields.values():
                if field.options:
                    yield f"{kind}.{field.name}", f"{kind}: {field.label}"

    def _fields(self, kind: str, row: JsonObject) -> Iterator[Field]:
        """Yield an input for every field that can be written."""
        for field in self.magentrix.person().entity(kind).visible().values():
            if field.read_only:
                continue
            value = row.get(field.name, field.default())
            input_kind, options = "text", [(e["Value"], e["Label"]) for e in field.options]
            shown = "" if value is None else str(value)
            if field.type is FieldType.CHECKBOX:
                options, shown = [(YES, "Yes")], YES if value else ""
            elif field.type is FieldType.LOOKUP:
                others = self.magentrix.person().all(field.reference)
                options = [(other["Id"], other["Name"]) for other in others]
            elif field.type is FieldType.MULTI:
                input_kind = "many"
            elif field.type in NUMBERS:
                input_kind = "number"
            elif field.type is FieldType.DATE:
                input_kind = "date"
            yield Field(field.name, field.label, shown, input_kind, options)

    def _values(self, form: Form) -> dict[str, object]:
        """Return the fields of a form as JSON would hold them; blank ones are null."""
        values: dict[str, object] = {}
        for field in self.magentrix.person().entity(form["object"]).fields.values():
            if field.name not in form and f"has_{field.name}" not in form:
                continue
            text = form.get(field.name, "").strip()
            if field.type is FieldType.CHECKBOX:
                values[field.name] = text == YES
            elif field.type in NUMBERS:
                values[field.name] = float(text) if text else None
            else:
                values[field.name] = text or None
        return values

    # ------------------------------------------------------------ buttons

    def _create(self, form: Form) -> None:
        values = {name: value for name, value in self._values(form).items() if value is not None}
        self.magentrix.person().create(form["object"], **values)

    def _save(self, form: Form) -> None:
        self.magentrix.person().edit(form["object"], form["id"], **self._values(form))

    def _delete(self, form: Form) -> None:
        self.magentrix.person().delete(form["object"], form["id"])

    def _restore(self, form: Form) -> None:
        self.magentrix.person().restore(form["object"], form["id"])

    def _add_field(self, form: Form) -> None:
        length = form.get("length", "")
        self.magentrix.person().add_field(
            form["object"],
            Name=form["name"],
            Label=form.get("label", ""),
            FieldType=form["type"],
            Length=int(length) if length else 0,
            IsUnique=form.get("unique") == YES,
        )

    def _add_value(self, form: Form) -> None:
        kind, _, field = form["picklist"].partition(".")
        self.magentrix.person().add_value(kind, field, form["value"])

    def _add_rule(self, form: Form) -> None:
        self.magentrix.person().add_rule(
            form["object"], form["field"], form["contains"], message=form["message"]
        )

    def _clear_rules(self, _form: Form) -> None:
        self.magentrix.trouble.rules.clear()

    def _switch_setup(self, _form: Form) -> None:
        behaviour = self.magentrix.behaviour
        behaviour.change(setup_api=not behaviour.setup_api)

    def _renew_key(self, _form: Form) -> None:
        old = next(iter(self.magentrix.portal.keys))
        self.magentrix.revoke(old, f"mgx-{secrets.token_hex(12)}")
