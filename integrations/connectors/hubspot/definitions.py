"""Property definitions as HubSpot's JSON and as the engine's FieldSpec. Calls nothing.

Source: HubSpot docs, properties guide, 2026-03-30.
"""

from __future__ import annotations

from typing import Final

from integrations.connectors.hubspot.payloads import JsonObject
from integrations.engine.mapping import Privacy
from integrations.engine.records import FieldType
from integrations.engine.specs import FieldSpec, Option

_TYPES: Final = {
    "bool": FieldType.BOOLEAN,
    "number": FieldType.NUMBER,
    "date": FieldType.DATE,
    "datetime": FieldType.DATETIME,
    "enumeration": FieldType.CHOICE,
}
_WIRE: Final = {
    FieldType.TEXT: ("string", "text"),
    FieldType.NUMBER: ("number", "number"),
    FieldType.BOOLEAN: ("bool", "booleancheckbox"),
    FieldType.DATE: ("date", "date"),
    FieldType.DATETIME: ("datetime", "date"),
    FieldType.CHOICE: ("enumeration", "select"),
    FieldType.MULTI_CHOICE: ("enumeration", "checkbox"),
}
_BOOLEAN_OPTIONS: Final = (Option("true", "Yes"), Option("false", "No"))


def field_spec(definition: JsonObject) -> FieldSpec:
    """Return a property definition as the engine's FieldSpec.

    Only `modificationMetadata.readOnlyValue` says whether values can be written.
    """
    kind = _TYPES.get(str(definition.get("type")), FieldType.TEXT)
    if kind is FieldType.CHOICE and definition.get("fieldType") == "checkbox":
        kind = FieldType.MULTI_CHOICE
    sensitive = definition.get("dataSensitivity") in ("sensitive", "highly_sensitive")
    metadata = definition.get("modificationMetadata") or {}
    name = str(definition["name"])
    return FieldSpec(
        name=name,
        label=str(definition.get("label") or name),
        type=kind,
        options=options_of(definition),
        read_only=metadata.get("readOnlyValue") is not False,
        unique=definition.get("hasUniqueValue") is True,
        group=str(definition.get("groupName") or ""),
        description=str(definition.get("description") or ""),
        privacy=Privacy.HEALTH if sensitive else Privacy.PERSONAL,
        style=_style(definition),
    )


def _style(definition: JsonObject) -> str:
    if definition.get("showCurrencySymbol") is True:
        return "currency"
    return str(definition.get("fieldType") or "")


def options_of(definition: JsonObject) -> tuple[Option, ...]:
    """Return a definition's picklist in its display order."""
    raw = sorted(definition.get("options") or (), key=lambda option: option.get("displayOrder", 0))
    return tuple(
        Option(str(option["value"]), str(option.get("label") or option["value"])) for option in raw
    )


def new_definition(spec: FieldSpec, group: str) -> JsonObject:
    """Return the body that creates a property."""
    kind, field_kind = _WIRE[spec.type]
    definition: JsonObject = {
        "name": spec.name,
        "label": spec.label,
        "description": spec.description,
        "type": kind,
        "fieldType": field_kind,
        "groupName": group,
    }
    if spec.unique:
        definition["hasUniqueValue"] = True
    options = _BOOLEAN_OPTIONS if spec.type is FieldType.BOOLEAN else spec.options
    if options:
        definition["options"] = [option_body(option, at) for at, option in enumerate(options)]
    return definition


def option_body(option: Option, position: int) -> JsonObject:
    """Return one picklist entry as HubSpot stores it."""
    return {
        "value": option.value,
        "label": option.label,
        "displayOrder": position,
        "hidden": False,
    }
