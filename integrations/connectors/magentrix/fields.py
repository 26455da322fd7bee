"""Magentrix's fields as its metadata describes them, and the types of fields we make. No calls.

Names of fields are compared without capitals and used as the portal spells them: `Column.wire`.
Fields that our own rules name keep our spelling for everybody else: `Column.name`.
Source: help.magentrix.com, devguide "describe an entity", read 2026-11-20. Only one name of a field
type is public (`PicklistMultiSelect`): the others are read with and without blanks and signs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from integrations.engine.mapping import Privacy
from integrations.engine.records import FieldType
from integrations.engine.specs import FieldSpec, Option

JsonObject = dict[str, Any]

ACCOUNT: Final = "Account"
CONTACT: Final = "Contact"
OPPORTUNITY: Final = "Opportunity"
USER: Final = "User"
SYNCED: Final = (ACCOUNT, CONTACT, OPPORTUNITY)

LINK: Final = "HubSpotId__c"
"""The unique text field of a record that holds the id of its HubSpot record."""
FILLED: Final = "HubSpotFilledIn__c"
"""The text field of a contact that holds the last name we had to make up, "" for none."""
PERSON: Final = "HubSpotUserId__c"
"""The unique text field of a user that holds the id of a HubSpot owner."""
OURS: Final = (LINK, FILLED, PERSON)
OWNER: Final = "OwnerId"
LAST_NAME: Final = "LastName"
EMAIL: Final = "Email"

KINDS: Final[Mapping[str, FieldType]] = {
    **dict.fromkeys(("number", "int", "integer", "long", "double", "decimal"), FieldType.NUMBER),
    **dict.fromkeys(("currency", "percent"), FieldType.NUMBER),
    **dict.fromkeys(("checkbox", "boolean", "bool"), FieldType.BOOLEAN),
    "date": FieldType.DATE,
    "datetime": FieldType.DATETIME,
    **dict.fromkeys(("picklist", "globalpicklist"), FieldType.CHOICE),
    **dict.fromkeys(("picklistmultiselect", "multiselectpicklist"), FieldType.MULTI_CHOICE),
    **dict.fromkeys(("text", "string", "textarea", "longtext", "longtextarea"), FieldType.TEXT),
    **dict.fromkeys(("richtext", "html", "email", "phone", "url"), FieldType.TEXT),
    **dict.fromkeys(("lookup", "masterdetail", "reference"), FieldType.TEXT),
}
"""By the type's name in small letters, without blanks and signs. What is not here is only read.

Lookups are the exception: metadata marks them, so they need no known name.
"""
_CHOICES: Final = (FieldType.CHOICE, FieldType.MULTI_CHOICE)


@dataclass(frozen=True, slots=True)
class Column:
    """One field of an entity. `length` counts characters (0: not said), `places` decimals.

    `refers` are the entities whose ids a lookup holds. `fills`: Magentrix has a value of its own
    for new records.
    """

    spec: FieldSpec
    wire: str
    length: int = 0
    places: int | None = None
    refers: tuple[str, ...] = ()
    fills: bool = False

    @property
    def name(self) -> str:
        """Our name of the field."""
        return self.spec.name


def column(entity: str, raw: JsonObject, ours: Mapping[str, str]) -> Column:
    """Return a field's metadata as we use it; `ours` gives our spelling by small letters."""
    wire = str(raw["Name"])
    said = re.sub(r"[^a-z]", "", str(raw.get("FieldType") or "").lower())
    kind = KINDS.get(said, FieldType.TEXT)
    refers = _refers(raw)
    if refers and all(name in SYNCED for name in refers):
        kind = FieldType.REFERENCE
    options = _options(raw) if kind in _CHOICES else ()
    fills = kind is FieldType.BOOLEAN or wire.lower() == OWNER.lower() or _has_default(raw)
    length = raw.get("Length")
    spec = FieldSpec(
        name=ours.get(wire.lower(), wire),
        label=str(raw.get("Label") or wire),
        type=kind,
        options=options,
        required=_flag(raw, "IsRequired") and not fills,
        read_only=_is_read_only(raw, wire) or (said not in KINDS and not refers),
        unique=_flag(raw, "IsUnique"),
        privacy=Privacy.PERSONAL if entity in (CONTACT, USER) else Privacy.PUBLIC,
        references=refers[0] if kind is FieldType.REFERENCE else "",
        custom=_flag(raw, "IsCustomField"),
        style=said,
    )
    return Column(
        spec,
        wire,
        length=length if kind is FieldType.TEXT and isinstance(length, int) else 0,
        places=_places(raw) if kind is FieldType.NUMBER else None,
        refers=refers,
        fills=fills,
    )


def columns(
    definition: JsonObject, ours: Mapping[str, Mapping[str, str]]
) -> tuple[str, dict[str, Column]]:
    """Return an entity's name and its readable fields by our names."""
    entity = str(definition.get("Name") or "")
    raw = [each for each in definition.get("Fields") or () if isinstance(each, dict)]
    readable = [each for each in raw if each.get("Name") and each.get("IsReadable") is not False]
    made = [column(entity, each, ours.get(entity, {})) for each in readable]
    return entity, {each.name: each for each in made}


def _flag(raw: JsonObject, name: str) -> bool:
    return raw.get(name) is True


def _is_read_only(raw: JsonObject, wire: str) -> bool:
    flags = ("IsReadOnly", "IsAuditField", "IsCalculated", "IsKey")
    return any(_flag(raw, flag) for flag in flags) or wire.lower() in {n.lower() for n in OURS}


def _refers(raw: JsonObject) -> tuple[str, ...]:
    if not _flag(raw, "IsReference"):
        return ()
    return tuple(filter(None, re.split(r"[;,\s]+", str(raw.get("ReferenceType") or ""))))


def _options(raw: JsonObject) -> tuple[Option, ...]:
    found = [each for each in raw.get("PicklistEntries") or () if isinstance(each, dict)]
    pairs = [(each.get("Value", each.get("Label")), each.get("Label")) for each in found]
    return tuple(Option(str(value), str(label or value)) for value, label in pairs if value)


def _has_default(raw: JsonObject) -> bool:
    found = raw.get("PicklistEntries") or ()
    return any(isinstance(each, dict) and each.get("IsDefaultValue") is True for each in found)


def _places(raw: JsonObject) -> int | None:
    found = raw.get("Precision")
    return found if isinstance(found, int) else None
