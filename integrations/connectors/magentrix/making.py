"""Making fields and picklist values: by a stand-in's calls, else by exact steps for a person.

Magentrix documents no call for either; fields are made in its Setup. Types by HubSpot's: "Managing
imported HubSpot objects" (help.magentrix.com, read 2026-11-20) names text, text area and number;
the others are assumed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from integrations.connectors.magentrix.client import MagentrixClient
from integrations.connectors.magentrix.fields import Column, JsonObject
from integrations.connectors.magentrix.schema import Schemas
from integrations.engine.errors import ConfigInvalid
from integrations.engine.records import FieldType
from integrations.engine.specs import FieldSpec, Option

SUFFIX: Final = "__c"
LONGEST_NAME: Final = 40
"""Characters of a field's name that every portal should take; the limit is not public."""
_UNMADE: Final = ("calculation", "rollup", "file")
_CHOICES: Final = (FieldType.CHOICE, FieldType.MULTI_CHOICE)


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of field in Magentrix: its name, as people see it, length and decimals."""

    wire: str
    words: str
    length: int = 0
    places: int | None = None


_TYPES: Final[Mapping[tuple[FieldType, str], Kind]] = {
    (FieldType.TEXT, "textarea"): Kind("TextArea", "Text Area, 3 lines", 3999),
    (FieldType.TEXT, "html"): Kind("TextArea", "Text Area, 3 lines", 3999),
    (FieldType.TEXT, "phonenumber"): Kind("Phone", "Phone", 40),
    (FieldType.TEXT, ""): Kind("Text", "Text", 3999),
    (FieldType.NUMBER, "currency"): Kind("Currency", "Currency", 16, 2),
    (FieldType.NUMBER, ""): Kind("Number", "Number", 16, 0),
    (FieldType.DATE, ""): Kind("Date", "Date"),
    (FieldType.DATETIME, ""): Kind("DateTime", "Date/Time"),
    (FieldType.BOOLEAN, ""): Kind("Checkbox", "Checkbox"),
    (FieldType.CHOICE, ""): Kind("Picklist", "Picklist"),
    (FieldType.MULTI_CHOICE, ""): Kind("PicklistMultiSelect", "Multi-select Picklist"),
}
"""By type and HubSpot's `fieldType`; "" stands for all others."""


class Making:
    """What is added to one portal's entities; nothing is ever changed or removed."""

    def __init__(self, client: MagentrixClient, schemas: Schemas) -> None:
        self._client, self._schemas = client, schemas

    def field(self, entity: str, spec: FieldSpec, origin: str) -> FieldSpec:
        """Return the field made for a HubSpot property, made now if it is not there.

        It is known by its name, which follows from the property's, or by its label.
        """
        kind = kind_of(spec)
        name = name_for(origin)
        known = _earlier(self._schemas.of(entity, fresh=True), spec, name)
        if known is not None:
            return known.spec
        body: JsonObject = {
            "Name": name,
            "Label": spec.label,
            "FieldType": kind.wire,
            "Length": kind.length,
        }
        if kind.places is not None:
            body["Precision"] = kind.places
        if spec.type in _CHOICES:
            body["PicklistEntries"] = entries(spec.options)
        steps = f"{field_steps(entity, name, spec.label, kind)} Then refresh the fields here."
        self.make(entity, body, steps)
        made = self._schemas.of(entity, fresh=True).get(name)
        if made is None:
            raise ConfigInvalid(f"Magentrix does not show the field {name} that was just made.")
        return made.spec

    def make(self, entity: str, body: JsonObject, steps: str) -> None:
        """Make a field; raises ConfigInvalid with the steps where a person has to."""
        if not self._client.can_set_up:
            raise ConfigInvalid(steps)
        self._client.set_up(f"fields/{entity}", body)

    def options(
        self, entity: str, field_name: str, options: Sequence[Option]
    ) -> tuple[Option, ...]:
        """Add the options whose value is missing and return those; none is ever removed."""
        column = self._schemas.of(entity, fresh=True).get(field_name)
        if column is None or column.spec.type not in _CHOICES:
            raise ConfigInvalid(f"{entity} has no picklist “{field_name}”.", fields=(field_name,))
        held = {option.value for option in column.spec.options}
        missing = tuple(option for option in options if option.value not in held)
        if not missing:
            return ()
        if any(";" in option.value for option in missing):
            raise ConfigInvalid(
                f"An option of “{column.spec.label}” holds a semicolon, which Magentrix cannot "
                "store.",
                fields=(field_name,),
            )
        if not self._client.can_set_up:
            listed = ", ".join(_option_words(option) for option in missing)
            raise ConfigInvalid(
                f"In Magentrix, under Setup, open the entity {entity} and its field "
                f"“{column.spec.label}” ({column.wire}), and add these values: {listed}.",
                fields=(field_name,),
            )
        self._client.set_up(f"picklists/{entity}/{column.wire}", entries(missing))
        self._schemas.of(entity, fresh=True)
        return missing


def kind_of(spec: FieldSpec) -> Kind:
    """Return the type of a field made after `spec`; raises ConfigInvalid where none fits."""
    found = _TYPES.get((spec.type, spec.style)) or _TYPES.get((spec.type, ""))
    if found is None or spec.style.startswith(_UNMADE):
        raise ConfigInvalid(f"Unsupported type: Magentrix has no field for “{spec.label}”.")
    return found


def name_for(origin: str) -> str:
    """Return the name of the field made for a HubSpot property."""
    plain = re.sub(r"\W+", "_", origin, flags=re.ASCII).strip("_")
    plain = plain if plain[:1].isalpha() else f"HS_{plain}"
    return plain[: LONGEST_NAME - len(SUFFIX)].rstrip("_") + SUFFIX


def entries(options: Sequence[Option]) -> list[JsonObject]:
    """Return options as the set-up calls take them."""
    return [{"Value": option.value, "Label": option.label} for option in options]


def field_steps(entity: str, name: str, label: str, kind: Kind, *, unique: bool = False) -> str:
    """Say how a person makes a field."""
    size = f", length {kind.length}" if kind.length else ""
    size += f", {kind.places} decimals" if kind.places is not None else ""
    mark = ", unique" if unique else ""
    return (
        f"In Magentrix, under Setup, open the entity {entity} and add a custom field: type "
        f"{kind.words}{size}{mark}, label “{label}”, name {name}. Let the API key's owner read "
        "and edit it."
    )


def _option_words(option: Option) -> str:
    if option.label == option.value:
        return f"“{option.value}”"
    return f"“{option.value}” (shown as “{option.label}”)"


def _earlier(schema: Mapping[str, Column], spec: FieldSpec, name: str) -> Column | None:
    """Return the field made for the property or of its label; None for a new one.

    Raises ConfigInvalid when it holds another type of values or cannot be written.
    """
    same_name = [each for each in schema.values() if each.wire.lower() == name.lower()]
    same_label = [
        each
        for each in schema.values()
        if each.spec.custom and each.spec.label.casefold() == spec.label.casefold()
    ]
    for column in (*same_name, *same_label):
        if column.spec.type is not spec.type or column.spec.read_only:
            raise ConfigInvalid(
                f"Magentrix has a field “{column.spec.label}” of another type. Rename it there, "
                "or choose another field."
            )
        return column
    return None
