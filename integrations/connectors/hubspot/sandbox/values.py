"""What each property type accepts and what is stored for it. No record and no account.

Source: HubSpot docs, "properties guide", 2026-03-30.
"""

import re
from decimal import Decimal, InvalidOperation

from .catalog import Definition
from .errors import Problem, bad_request
from .times import day, iso, milliseconds

MAX_TEXT = 65_536
_EMAIL = re.compile(r"[^@\s,;<>]+@[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}")


class Invalid(Exception):
    """A value its property does not accept; holds the Problem for the answer."""

    def __init__(self, definition: Definition, code: str, message: str) -> None:
        super().__init__(message)
        self.problem = Problem(definition.name, code, message)


def as_text(raw: object) -> str:
    """Return a JSON scalar as the string HubSpot stores; raises ApiError 400 for a container."""
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, str):
        return raw
    if isinstance(raw, int | float):
        return str(raw)
    raise bad_request("Invalid input JSON: a property value must be a string")


def normalise(definition: Definition, raw: object, current: str = "") -> str:
    """Return the value as stored ("" clears); raises Invalid.

    `current` is the stored value, needed where a leading `;` appends to a list.
    """
    text = as_text(raw)
    if definition.name == "email":
        return _email(definition, text)
    if definition.type == "string" or definition.type not in _BY_TYPE:
        return _text(definition, text)
    text = text.strip()
    if not text:
        return ""
    if definition.multiple or definition.name == "hs_additional_emails":
        return _several(definition, text, current)
    return _BY_TYPE[definition.type](definition, text)


def _text(definition: Definition, text: str) -> str:
    if len(text) > MAX_TEXT:
        raise Invalid(definition, "INVALID_LENGTH", f"Value is longer than {MAX_TEXT} characters")
    return text.strip() if definition.field_type == "text" else text


def _email(definition: Definition, text: str) -> str:
    text = text.strip().lower()
    if text and not _EMAIL.fullmatch(text):
        raise Invalid(definition, "INVALID_EMAIL", f"Email address {text} is invalid")
    return text


def _number(definition: Definition, text: str) -> str:
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise Invalid(definition, "INVALID_LONG", f"{text} was not a valid number.")
    return text


def _boolean(definition: Definition, text: str) -> str:
    if text.lower() not in ("true", "false"):
        raise Invalid(definition, "INVALID_OPTION", f"{text} was not one of: true, false")
    return text.lower()


def _date(definition: Definition, text: str) -> str:
    found = day(text)
    if found is None:
        raise Invalid(definition, "INVALID_DATE", f"{text} is not a date at midnight UTC.")
    return found


def _datetime(definition: Definition, text: str) -> str:
    found = milliseconds(text)
    if found is None:
        raise Invalid(definition, "INVALID_DATE", f"{text} was not a valid date time.")
    return iso(found)


def _option(definition: Definition, text: str) -> str:
    allowed = definition.values()
    if text not in allowed and not (definition.external_options and not allowed):
        options = ", ".join(allowed)
        raise Invalid(
            definition, "INVALID_OPTION", f"{text} was not one of the allowed options: [{options}]"
        )
    return text


def _several(definition: Definition, text: str, current: str) -> str:
    kept = current.split(";") if text.startswith(";") and current else []
    given = [part.strip() for part in text.split(";") if part.strip()]
    return ";".join(dict.fromkeys(kept + [_option(definition, part) for part in given]))


_BY_TYPE = {
    "number": _number,
    "bool": _boolean,
    "date": _date,
    "datetime": _datetime,
    "enumeration": _option,
}
