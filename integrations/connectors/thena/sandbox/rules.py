"""What the sandbox accepts: types, lengths, required members, picklists, custom field values."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Final

from integrations.connectors.sandbox_kit import JsonObject

from .errors import ApiError
from .state import Organisation

TEXT: Final = 255
LONG: Final = 32_768
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_URL = re.compile(r"https?://\S+")

ACCOUNT: Final[Mapping[str, int | str]] = {
    "name": TEXT,
    "primaryDomain": TEXT,
    "secondaryDomain": TEXT,
    "description": LONG,
    "source": TEXT,
    "accountOwnerId": TEXT,
    "logo": "url",
    "status": "account_status",
    "classification": "account_classification",
    "health": "account_health",
    "industry": "account_industry",
    "annualRevenue": "number",
    "employees": "number",
    "website": TEXT,
    "billingAddress": LONG,
    "shippingAddress": LONG,
    "customFieldValues": "custom",
    "addExistingUsersToAccountContacts": "flag",
    "metadata": "object",
}
CONTACT: Final[Mapping[str, int | str]] = {
    "firstName": TEXT,
    "lastName": TEXT,
    "email": "email",
    "phoneNumber": TEXT,
    "contactType": "contact_type",
    "avatarUrl": "url",
    "accountIds": "accounts",
    "customFieldValues": "custom",
    "metadata": "object",
}
BODIES: Final = {"accounts": ACCOUNT, "contacts": CONTACT}
REQUIRED: Final = {"accounts": ("name", "primaryDomain"), "contacts": ("firstName", "email")}
SOURCES: Final = {"accounts": "account", "contacts": "customer_contact"}


def check(org: Organisation, object_type: str, body: JsonObject, *, creating: bool) -> None:
    """Raise ApiError with every complaint about a body; returns nothing when it is fine."""
    required = REQUIRED[object_type]
    wanted = required if creating else tuple(name for name in required if name in body)
    found = [f"{name} should not be empty" for name in wanted if body.get(name) in (None, "")]
    for name, value in body.items():
        rule = BODIES[object_type].get(name)
        if rule is None:
            found.append(f"property {name} should not exist")
        elif value is not None and not (name in required and value == ""):
            found += _complaints(org, object_type, name, rule, value)
    if found:
        raise ApiError(400, found)


def _complaints(
    org: Organisation, object_type: str, name: str, rule: int | str, value: object
) -> Iterator[str]:
    if rule == "custom":
        yield from _custom_complaints(org, object_type, value)
    elif isinstance(rule, int):
        if not isinstance(value, str):
            yield f"{name} must be a string"
        elif len(value) > rule:
            yield f"{name} must be shorter than or equal to {rule} characters"
    elif rule in _CHECKS:
        fits, sentence = _CHECKS[rule]
        if not fits(value):
            yield sentence.format(name=name)
    elif org.attribute(rule, value) is None:
        yield f"{name} {value} not found"


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_CHECKS: Final[Mapping[str, tuple[Callable[[object], bool], str]]] = {
    "number": (_is_number, "{name} must be a number conforming to the specified constraints"),
    "flag": (lambda value: isinstance(value, bool), "{name} must be a boolean value"),
    "object": (lambda value: isinstance(value, dict), "{name} must be an object"),
    "email": (
        lambda value: isinstance(value, str) and _EMAIL.fullmatch(value) is not None,
        "{name} must be an email",
    ),
    "url": (
        lambda value: isinstance(value, str) and (not value or _URL.fullmatch(value) is not None),
        "{name} must be a URL address",
    ),
    "accounts": (
        lambda value: isinstance(value, list) and all(isinstance(each, str) for each in value),
        "each value in {name} must be a string",
    ),
}


def _custom_complaints(org: Organisation, object_type: str, raw: object) -> Iterator[str]:
    if not isinstance(raw, list):
        yield "customFieldValues must be an array"
        return
    for number, item in enumerate(raw):
        place = f"customFieldValues.{number}"
        data = item.get("data") if isinstance(item, dict) else None
        definition = org.fields.get(str(item.get("customFieldId"))) if data is not None else None
        if not isinstance(data, list) or not all(isinstance(entry, dict) for entry in data):
            yield f"{place}.data must be an array of objects"
        elif definition is None or definition["source"] != SOURCES[object_type]:
            yield f"{place}.customFieldId was not found"
        else:
            values = [entry.get("value") for entry in data]
            if not all(_fits(definition, value) for value in values):
                yield f"{place} holds an invalid value for {definition['name']}: {values}"


def _fits(definition: JsonObject, value: object) -> bool:
    kind = definition["fieldType"]
    if kind in ("integer", "decimal", "currency"):
        return _is_number(value)
    if kind == "checkbox":
        return isinstance(value, bool)
    if kind in ("single_choice", "radio_button", "multi_choice"):
        return value in [option["value"] for option in definition["options"]]
    if not isinstance(value, str):
        return False
    if kind in ("date", "date_time"):
        return _is_instant(value)
    return kind != "single_line" or len(value) <= TEXT


def _is_instant(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
