"""Thena's fields: those every record has, and the custom fields people add. Calls nothing.

Sources: docs.thena.ai, API reference "accounts" and "custom fields", read 2026-11-20. The list of
custom field types is cut off in the stored copy; types named `_GUESSED` are ours to confirm.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from integrations.engine.errors import ConfigInvalid
from integrations.engine.mapping import Privacy
from integrations.engine.records import FieldType
from integrations.engine.specs import FieldSpec, Option

JsonObject = dict[str, Any]

ACCOUNTS: Final = "accounts"
CONTACTS: Final = "contacts"
CUSTOM: Final = "cf:"
"""Custom fields are named `cf:<uid>` on our side."""
ACCOUNT_IDS: Final = "accountIds"
ORIGIN: Final = "hubspotProperty"
"""The key in a custom field's metadata that names the HubSpot property it was made for."""
SOURCES: Final = {ACCOUNTS: "account", CONTACTS: "customer_contact"}
ATTRIBUTES: Final = {
    ACCOUNTS: {
        "status": "account_status",
        "classification": "account_classification",
        "health": "account_health",
        "industry": "account_industry",
    },
    CONTACTS: {"contactType": "contact_type"},
}
"""Picklists that each organisation keeps itself; a record holds the uid of one of their values."""

_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")


def is_id(text: str) -> bool:
    """Tell whether a text can be the id of a record: others are not even asked for."""
    return _ID.fullmatch(text) is not None


def _account(name: str, label: str, kind: FieldType = FieldType.TEXT, **more: Any) -> FieldSpec:
    return FieldSpec(name, label, kind, privacy=Privacy.PUBLIC, **more)


STANDARD: Final[Mapping[str, tuple[FieldSpec, ...]]] = {
    ACCOUNTS: (
        _account("name", "Name", required=True),
        _account("primaryDomain", "Primary domain", required=True, unique=True),
        _account("secondaryDomain", "Secondary domain"),
        _account("description", "Description"),
        _account("website", "Website"),
        _account("annualRevenue", "Annual revenue", FieldType.NUMBER),
        _account("employees", "Employees", FieldType.NUMBER),
        _account("billingAddress", "Billing address"),
        _account("shippingAddress", "Shipping address"),
        _account("logo", "Logo", description="The address of an image."),
        _account("status", "Status", FieldType.CHOICE),
        _account("classification", "Classification", FieldType.CHOICE),
        _account("health", "Health", FieldType.CHOICE),
        _account("industry", "Industry", FieldType.CHOICE),
        FieldSpec("accountOwnerId", "Owner id", description="The id of a Thena user."),
        FieldSpec("accountOwnerEmail", "Owner email", read_only=True),
        _account("source", "Source", read_only=True),
        _account("createdAt", "Created", FieldType.DATETIME, read_only=True),
        _account("updatedAt", "Updated", FieldType.DATETIME, read_only=True),
    ),
    CONTACTS: (
        FieldSpec("firstName", "First name", required=True),
        FieldSpec("lastName", "Last name"),
        FieldSpec("email", "Email", required=True, unique=True),
        FieldSpec("phoneNumber", "Phone number", description="With the country code."),
        FieldSpec("contactType", "Contact type", FieldType.CHOICE),
        FieldSpec(ACCOUNT_IDS, "Accounts", FieldType.REFERENCE, references=ACCOUNTS),
        FieldSpec("avatarUrl", "Picture", description="The address of an image."),
        FieldSpec("createdAt", "Created", FieldType.DATETIME, read_only=True),
        FieldSpec("updatedAt", "Updated", FieldType.DATETIME, read_only=True),
    ),
}

_KINDS: Final = {
    "integer": FieldType.NUMBER,
    "decimal": FieldType.NUMBER,
    "currency": FieldType.NUMBER,
    "date": FieldType.DATE,
    "date_time": FieldType.DATETIME,
    "single_choice": FieldType.CHOICE,
    "radio_button": FieldType.CHOICE,
    "multi_choice": FieldType.MULTI_CHOICE,
    "checkbox": FieldType.BOOLEAN,
}
_GUESSED: Final = {
    "rating": FieldType.NUMBER,
    "boolean": FieldType.BOOLEAN,
    "toggle": FieldType.BOOLEAN,
}
_TEXTS: Final = {
    "single_line", "multi_line", "rich_text", "time", "email", "phone_number", "url"
}  # fmt: skip
_MADE: Final = {
    FieldType.TEXT: "single_line",
    FieldType.NUMBER: "decimal",
    FieldType.BOOLEAN: "checkbox",
    FieldType.DATE: "date",
    FieldType.DATETIME: "date_time",
    FieldType.CHOICE: "single_choice",
    FieldType.MULTI_CHOICE: "multi_choice",
}
_STYLES: Final = {
    (FieldType.TEXT, "textarea"): "multi_line",
    (FieldType.TEXT, "html"): "rich_text",
    (FieldType.TEXT, "phonenumber"): "phone_number",
    (FieldType.NUMBER, "currency"): "currency",
    (FieldType.CHOICE, "radio"): "radio_button",
}
_CHOICES: Final = (FieldType.CHOICE, FieldType.MULTI_CHOICE)


def field_spec(definition: JsonObject) -> FieldSpec:
    """Return a custom field's definition as the engine's FieldSpec.

    A type we do not know is shown as text that cannot be written.
    """
    said = str(definition.get("fieldType") or "")
    kind = _KINDS.get(said) or _GUESSED.get(said) or FieldType.TEXT
    options = _options(definition)
    if said == "checkbox" and options:
        kind = FieldType.MULTI_CHOICE
    uid = str(definition["uid"])
    return FieldSpec(
        name=f"{CUSTOM}{uid}",
        label=str(definition.get("name") or definition.get("slug") or uid),
        type=kind,
        options=options if kind in _CHOICES else (),
        required=definition.get("mandatoryOnCreation") is True,
        read_only=kind is FieldType.TEXT and said not in _TEXTS,
        description=str(definition.get("description") or ""),
        custom=True,
        style=said,
    )


def _options(definition: JsonObject) -> tuple[Option, ...]:
    """Return the choices; older definitions list plain texts, newer ones objects."""
    found = [
        (option.get("value"), option.get("label")) if isinstance(option, dict) else (option, None)
        for option in definition.get("options") or ()
    ]
    return tuple(
        Option(str(value), str(label or value)) for value, label in found if value is not None
    )


def with_options(spec: FieldSpec, picklists: Mapping[str, list[JsonObject]]) -> FieldSpec:
    """Return a standard field with its picklist: records hold the uid, people see the name."""
    values = picklists.get(spec.name, [])
    known = [(str(each["id"]), str(each.get("value") or each["id"])) for each in values]
    return replace(spec, options=tuple(Option(uid, name) for uid, name in known))


def made_type(spec: FieldSpec) -> str:
    """Return the Thena type of a field made after `spec`; raises ConfigInvalid where none fits."""
    unknown = spec.type not in _MADE or spec.style.startswith(("calculation", "file"))
    if unknown:
        raise ConfigInvalid(f"Unsupported type: Thena has no kind of field for “{spec.label}”.")
    return _STYLES.get((spec.type, spec.style), _MADE[spec.type])


def new_definition(object_type: str, spec: FieldSpec, origin: str) -> JsonObject:
    """Return the body that creates a custom field for a HubSpot property."""
    body: JsonObject = {
        "name": spec.label,
        "source": SOURCES[object_type],
        "fieldType": made_type(spec),
        "isActive": True,
        "description": spec.description or f"Filled from the HubSpot property {origin}.",
        "metadata": {ORIGIN: origin},
    }
    if spec.type in _CHOICES:
        body["options"] = [{"value": option.value} for option in spec.options]
    return body


def earlier(definitions: list[JsonObject], spec: FieldSpec, origin: str) -> FieldSpec | None:
    """Return the custom field that was made for `origin` or has its name; None for a new one.

    Raises ConfigInvalid when the only field of that name holds another type of values.
    """
    for definition in definitions:
        if (definition.get("metadata") or {}).get(ORIGIN) == origin:
            return field_spec(definition)
    wanted = {spec.label.casefold(), origin.casefold()}
    for definition in definitions:
        names = {str(definition.get(key) or "").casefold() for key in ("name", "slug")}
        if names & wanted:
            found = field_spec(definition)
            if found.type is not spec.type or found.read_only:
                raise ConfigInvalid(
                    f"Thena has a field “{found.label}” of another type. Rename it there, or "
                    "choose another field."
                )
            return found
    return None
