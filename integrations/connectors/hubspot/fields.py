"""Adding a property of ours to a HubSpot account without ever breaking one that is there."""

from __future__ import annotations

from typing import Final

from integrations.connectors.hubspot import metadata
from integrations.connectors.hubspot.client import HubSpotClient
from integrations.connectors.hubspot.definitions import field_spec, new_definition, option_body
from integrations.connectors.hubspot.payloads import JsonObject
from integrations.connectors.hubspot.spec import SYNC_GROUP
from integrations.engine.errors import ConfigInvalid, Duplicate
from integrations.engine.ports import Ensured
from integrations.engine.records import FieldType
from integrations.engine.specs import FieldSpec, GroupSpec

_NAMES: Final = {
    FieldType.TEXT: "single-line text",
    FieldType.NUMBER: "number",
    FieldType.BOOLEAN: "single checkbox",
    FieldType.DATE: "date picker",
    FieldType.DATETIME: "date and time picker",
    FieldType.CHOICE: "dropdown select",
    FieldType.MULTI_CHOICE: "multiple checkboxes",
}


def ensure_field(
    client: HubSpotClient, object_type: str, spec: FieldSpec, group: GroupSpec | None
) -> Ensured:
    """Create the property and its group, or reuse what is there; may be repeated at any time.

    Missing options are added to a reused picklist. Raises ConfigInvalid, saying what a HubSpot
    admin has to do, where the existing property cannot hold our values.
    """
    if spec.type not in _NAMES:
        raise ConfigInvalid("HubSpot has no properties that hold records.", fields=(spec.name,))
    existing = metadata.property_named(client, object_type, spec.name)
    result = Ensured.REUSED
    if existing is None:
        existing, result = _create(client, object_type, spec, group or SYNC_GROUP)
    _check(spec, existing)
    _add_options(client, object_type, spec, existing)
    return result


def _create(
    client: HubSpotClient, object_type: str, spec: FieldSpec, group: GroupSpec
) -> tuple[JsonObject, Ensured]:
    _ensure_group(client, object_type, group)
    try:
        body = new_definition(spec, group.name)
        return metadata.create_property(client, object_type, body), Ensured.CREATED
    except Duplicate:
        existing = metadata.property_named(client, object_type, spec.name)
    if existing is None:
        raise ConfigInvalid(
            f"HubSpot says that the property “{spec.name}” exists, but does not show it.",
            fields=(spec.name,),
        )
    return existing, Ensured.REUSED


def _ensure_group(client: HubSpotClient, object_type: str, group: GroupSpec) -> None:
    if metadata.group_named(client, object_type, group.name) is not None:
        return
    try:
        metadata.create_group(client, object_type, group.name, group.label)
    except Duplicate:
        return  # somebody else created it in between


def _check(spec: FieldSpec, definition: JsonObject) -> None:
    found = field_spec(definition)
    if found.type is not spec.type:
        problem = f"it is a “{_NAMES[found.type]}” field and must be “{_NAMES[spec.type]}”"
    elif spec.unique and not found.unique:
        problem = "it does not require unique values, which can only be set on a new property"
    elif found.read_only:
        problem = "its values cannot be changed"
    else:
        return
    raise ConfigInvalid(
        f"HubSpot already has a property “{spec.name}” that cannot be used: {problem}. "
        "Rename or delete that property in HubSpot, then repair the connection.",
        fields=(spec.name,),
    )


def _add_options(
    client: HubSpotClient, object_type: str, spec: FieldSpec, definition: JsonObject
) -> None:
    present: list[JsonObject] = list(definition.get("options") or ())
    values = {option.get("value") for option in present}
    missing = [option for option in spec.options if option.value not in values]
    if not missing:
        return
    if (definition.get("modificationMetadata") or {}).get("readOnlyOptions") is True:
        raise ConfigInvalid(
            f"The options of the HubSpot property “{spec.name}” cannot be changed, but these "
            f"are missing: {', '.join(option.label for option in missing)}.",
            fields=(spec.name,),
        )
    added = [option_body(option, len(present) + at) for at, option in enumerate(missing)]
    metadata.set_options(client, object_type, spec.name, [*present, *added])
