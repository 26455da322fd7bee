"""Property definitions and groups of one object type in one account.

No record values and no HTTP. Definitions are described in HubSpot docs, "properties guide",
2026-03-30; the standard ones come from the JSON files in `../fixtures`.
"""

import json
from dataclasses import asdict, dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any, cast

from integrations.connectors.sandbox_kit import JsonObject

from .times import iso

FIXTURES = Path(__file__).parent.parent / "fixtures"


@dataclass(slots=True)
class Definition:
    """One property. Times are epoch milliseconds; `archived_at` is None while it is in use."""

    name: str
    label: str
    type: str
    field_type: str
    group: str
    description: str = ""
    options: list[JsonObject] = field(default_factory=list)
    display_order: int = -1
    unique: bool = False
    hidden: bool = False
    form_field: bool = False
    calculated: bool = False
    external_options: bool = False
    references: str = ""
    hubspot_defined: bool = False
    read_only: bool = False
    created: int = 0
    updated: int = 0
    archived_at: int | None = None

    def values(self) -> dict[str, int]:
        """Return each option value with its position."""
        return {option["value"]: index for index, option in enumerate(self.options)}

    @property
    def multiple(self) -> bool:
        """Whether the value is a `;` list."""
        return self.type == "enumeration" and self.field_type == "checkbox"

    def view(self) -> JsonObject:
        """Return the definition as the API shows it."""
        shown: JsonObject = {
            "name": self.name,
            "label": self.label,
            "description": self.description,
            "type": self.type,
            "fieldType": self.field_type,
            "groupName": self.group,
            "options": self.options,
            "displayOrder": self.display_order,
            "hasUniqueValue": self.unique,
            "hidden": self.hidden,
            "formField": self.form_field,
            "calculated": self.calculated,
            "externalOptions": self.external_options,
            "hubspotDefined": self.hubspot_defined,
            "archived": self.archived_at is not None,
            "createdAt": iso(self.created),
            "updatedAt": iso(self.updated),
            "dataSensitivity": "non_sensitive",
            "modificationMetadata": {
                "archivable": not self.hubspot_defined,
                "readOnlyDefinition": self.hubspot_defined,
                "readOnlyValue": self.read_only,
                "readOnlyOptions": self.read_only,
            },
        }
        if self.references:
            shown["referencedObjectType"] = self.references
        if self.archived_at is not None:
            shown["archivedAt"] = iso(self.archived_at)
        return shown


@dataclass(slots=True)
class Group:
    """One property group."""

    name: str
    label: str
    display_order: int = -1

    def view(self) -> JsonObject:
        """Return the group as the API shows it."""
        return {
            "name": self.name,
            "label": self.label,
            "displayOrder": self.display_order,
            "archived": False,
        }


class Catalog:
    """All definitions and groups of one object type, archived ones included."""

    def __init__(self, plural: str) -> None:
        standard = _standard(plural)
        self.groups = {g["name"]: Group(**g) for g in standard["groups"]}
        self.definitions = {
            d["name"]: Definition(**{**d, "options": [dict(o) for o in d.get("options", ())]})
            for d in standard["properties"]
        }

    def get(self, name: str) -> Definition | None:
        """Return a definition that is in use."""
        found = self.definitions.get(name)
        return found if found is not None and found.archived_at is None else None

    def known(self, names: list[str]) -> list[str]:
        """Return those of the names that exist, in the order answers show them."""
        return sorted({name for name in names if self.get(name)})

    def unique(self) -> list[str]:
        """Return the names of the properties whose values identify a record."""
        return [d.name for d in self.definitions.values() if d.unique and d.archived_at is None]

    def dump(self) -> JsonObject:
        """Return the state as JSON-able data."""
        return {
            "groups": [asdict(group) for group in self.groups.values()],
            "definitions": [asdict(definition) for definition in self.definitions.values()],
        }

    def load(self, state: JsonObject) -> None:
        """Replace the state by one that `dump` returned."""
        self.groups = {g["name"]: Group(**g) for g in state["groups"]}
        self.definitions = {d["name"]: Definition(**d) for d in state["definitions"]}


@cache
def fixture(name: str) -> JsonObject:
    """Return one of the JSON files next to the connector; callers must not change it."""
    return cast(JsonObject, json.loads((FIXTURES / f"{name}.json").read_text()))


@cache
def _standard(plural: str) -> JsonObject:
    """Expand the short form of a fixture file into the arguments of Definition."""
    raw = fixture(plural)
    return {
        "groups": [
            {"name": name, "label": label, "display_order": index}
            for index, (name, label) in enumerate(raw["groups"].items())
        ],
        "properties": [_expand(row, raw["groupName"]) for row in raw["properties"]],
    }


_FLAGS = {
    "RO": "read_only",
    "H": "hidden",
    "X": "external_options",
    "U": "unique",
    "C": "calculated",
    "F": "form_field",
}


def _expand(row: JsonObject, group: str) -> JsonObject:
    own = {f.name for f in fields(Definition)}
    kind, _, field_type = str(row["type"]).partition("/")
    expanded: JsonObject = {
        **{name: value for name, value in row.items() if name in own},
        "type": kind,
        "field_type": field_type,
        "group": row.get("group", group),
        "hubspot_defined": True,
        "options": [_option(o, index) for index, o in enumerate(row.get("options", ()))],
    }
    for flag in str(row.get("flags", "")).split():
        expanded[_FLAGS[flag]] = True
    return expanded


def _option(raw: Any, index: int) -> JsonObject:
    value, label = raw if isinstance(raw, list) else (raw, raw.replace("_", " ").title())
    return {"value": value, "label": label, "displayOrder": index, "hidden": False}
