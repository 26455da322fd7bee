"""Fields of entities: their types, what metadata says of them, short ways to declare them.

Only `PicklistMultiSelect` is a public name of a type; all others are chosen by us. Whether a value
fits a field is decided in `values`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Final

from integrations.connectors.sandbox_kit import JsonObject


class FieldType(StrEnum):
    """The `FieldType` of metadata."""

    TEXT = "Text"
    TEXT_AREA = "TextArea"
    NUMBER = "Number"
    CURRENCY = "Currency"
    PERCENT = "Percent"
    DATE = "Date"
    DATE_TIME = "DateTime"
    CHECKBOX = "Checkbox"
    EMAIL = "Email"
    PHONE = "Phone"
    URL = "Url"
    PICKLIST = "Picklist"
    MULTI = "PicklistMultiSelect"
    LOOKUP = "Lookup"
    AUTO_NUMBER = "AutoNumber"
    FORMULA = "Formula"


NUMERIC: Final = frozenset(
    {FieldType.NUMBER, FieldType.CURRENCY, FieldType.PERCENT, FieldType.FORMULA}
)
TIMED: Final = frozenset({FieldType.DATE, FieldType.DATE_TIME})
PICKLISTS: Final = frozenset({FieldType.PICKLIST, FieldType.MULTI})
CALCULATED: Final = frozenset({FieldType.FORMULA, FieldType.AUTO_NUMBER})
CUSTOM: Final = "__c"
LENGTHS: Final = {
    FieldType.TEXT: 255,
    FieldType.TEXT_AREA: 3999,
    FieldType.NUMBER: 16,
    FieldType.CURRENCY: 16,
    FieldType.PERCENT: 5,
    FieldType.EMAIL: 255,
    FieldType.PHONE: 40,
    FieldType.URL: 255,
    FieldType.LOOKUP: 19,
    FieldType.PICKLIST: 255,
    FieldType.MULTI: 3999,
}
DECIMALS: Final = {FieldType.CURRENCY: 2, FieldType.PERCENT: 2, FieldType.FORMULA: 2}


@dataclass(slots=True)
class Field:
    """One field. `length` counts characters or digits, `precision` decimals.

    `reference` names the entity of a lookup; `options` are the entries of a picklist as metadata
    shows them; a `hidden` field is one that the API key's owner may not see.
    """

    name: str
    label: str
    type: FieldType
    length: int = 0
    precision: int = 0
    required: bool = False
    unique: bool = False
    read_only: bool = False
    audit: bool = False
    system: bool = False
    hidden: bool = False
    reference: str = ""
    options: list[JsonObject] = field(default_factory=list)
    id: str = ""

    @property
    def custom(self) -> bool:
        """Whether an administrator made it."""
        return self.name.endswith(CUSTOM)

    @property
    def relation(self) -> str:
        """The name by which MEQL walks from a record over this lookup to its parent."""
        if self.custom:
            return f"{self.name.removesuffix(CUSTOM)}_r"
        return self.name.removesuffix("Id")

    @property
    def filterable(self) -> bool:
        """Whether a query may ask about it."""
        return self.type is not FieldType.TEXT_AREA

    def default(self) -> object:
        """Return what a new record has where nothing is said."""
        if self.type is FieldType.CHECKBOX:
            return self.name == "IsActive"
        chosen = (entry["Value"] for entry in self.options if entry["IsDefaultValue"])
        return next(chosen, None)

    def metadata(self) -> JsonObject:
        """Return the field as `GET /entity/{E}/metadata` shows it."""
        return {
            "Id": self.id,
            "Name": self.name,
            "Label": self.label,
            "FieldType": self.type.value,
            "IsKey": self.name == "Id",
            "IsReadable": True,
            "IsReadOnly": self.read_only,
            "IsRequired": self.required,
            "IsUnique": self.unique,
            "IsExternalId": False,
            "IsReference": bool(self.reference),
            "ReferenceType": self.reference or None,
            "IsCustomField": self.custom,
            "IsSystemField": self.system,
            "IsAuditField": self.audit,
            "IsCalculated": self.type in CALCULATED,
            "IsNameField": self.name == "Name",
            "IsFilterable": self.filterable,
            "IsSortable": self.filterable and self.type is not FieldType.MULTI,
            "Length": self.length,
            "Precision": self.precision,
            "PicklistEntries": self.options,
            "DependentPicklists": [],
            "Validations": [],
        }

    def fresh(self, field_id: str) -> Field:
        """Return a copy for one portal, with entries of its own."""
        options = [{**entry, "Id": f"{field_id}-{n}"} for n, entry in enumerate(self.options, 1)]
        return replace(self, id=field_id, options=options)

    def dump(self) -> JsonObject:
        """Return the field as JSON-able data."""
        return asdict(self)

    @classmethod
    def load(cls, state: JsonObject) -> Field:
        """Return the field that `dump` described."""
        return cls(**{**state, "type": FieldType(state["type"])})


def entry(value: str, label: str = "", *, default: bool = False) -> JsonObject:
    """Return a picklist's entry, still without an id."""
    return {"Id": "", "Label": label or value, "Value": value, "IsDefaultValue": default}


def make(kind: FieldType, name: str, label: str = "", length: int = 0, **flags: bool) -> Field:
    """Return a field of a type with the length and decimals that are usual for it."""
    usual = length or LENGTHS.get(kind, 0)
    made = Field(name, label or name, kind, usual, DECIMALS.get(kind, 0))
    for flag, value in flags.items():
        setattr(made, flag, value)
    made.read_only |= kind in CALCULATED
    return made


def picklist(
    name: str, label: str, values: Iterable[str], *, default: str = "", **flags: bool
) -> Field:
    """Return a picklist with its values."""
    made = make(FieldType.PICKLIST, name, label, **flags)
    made.options = [entry(value, default=value == default) for value in values]
    return made


def several(name: str, label: str, values: Iterable[str]) -> Field:
    """Return a multi-select picklist."""
    made = make(FieldType.MULTI, name, label)
    made.options = [entry(value) for value in values]
    return made


def lookup(name: str, label: str, entity: str, **flags: bool) -> Field:
    """Return a lookup to an entity."""
    made = make(FieldType.LOOKUP, name, label, **flags)
    made.reference = entity
    return made
