"""What a field accepts and how the value is stored: types, lengths, decimals, picklists, instants.

Stored instants have a fixed width, so that they sort as text; `shown` writes them as the API does.
Blank text is stored as null.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from .errors import Code, Refused, refused
from .fields import NUMERIC, Field, FieldType

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_ZERO_TIME = re.compile(r"T00:00(:00(\.0+)?)?(Z|\+00:00)?$")


def convert(field: Field, value: object) -> object:
    """Return a JSON value as it is stored; raises Refused."""
    if value is None or value == "":
        return False if field.type is FieldType.CHECKBOX else None
    if field.type in NUMERIC:
        return _number(field, value)
    return _CONVERTERS.get(field.type, _text)(field, value)


def shown(field: Field, value: object) -> object:
    """Return a stored value as JSON shows it: instants without the zeros at their end."""
    if field.type is not FieldType.DATE_TIME or not isinstance(value, str):
        return value
    return value.removesuffix("Z").rstrip("0").rstrip(".") + "Z" if "." in value else value


def instant(moment: datetime) -> str:
    """Return an instant as it is stored: UTC, microseconds, `Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def read_instant(text: str) -> str | None:
    """Return an ISO date or instant as it is stored, None for other text; no zone means UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return instant(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def read_date(text: str) -> str | None:
    """Return a date as it is stored; a time is allowed if it is midnight."""
    try:
        return date.fromisoformat(_ZERO_TIME.sub("", text)).isoformat()
    except ValueError:
        return None


def unfit(field: Field, expected: str) -> Refused:
    """Return the refusal of a value."""
    return refused(Code.INVALID_VALUE, field.name, f"{field.label}: {expected}.")


def _text(field: Field, value: object) -> str:
    if not isinstance(value, str):
        raise unfit(field, "a text is expected")
    if field.length and len(value) > field.length:
        message = f"{field.label}: at most {field.length} characters are allowed."
        raise refused(Code.STRING_TOO_LONG, field.name, message)
    return value


def _number(field: Field, value: object) -> int | float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise unfit(field, "a number is expected")
    exact = Decimal(str(value))
    if not exact.is_finite() or abs(exact) >= Decimal(10) ** (field.length - field.precision):
        raise unfit(field, f"at most {field.length - field.precision} digits before the point")
    rounded = exact.quantize(Decimal(1).scaleb(-field.precision), ROUND_HALF_UP)
    return float(rounded) if field.precision else int(rounded)


def _checkbox(field: Field, value: object) -> bool:
    if not isinstance(value, bool):
        raise unfit(field, "true or false is expected")
    return value


def _email(field: Field, value: object) -> str:
    text = _text(field, value)
    if not _EMAIL.fullmatch(text):
        raise unfit(field, "an e-mail address is expected")
    return text


def _url(field: Field, value: object) -> str:
    text = _text(field, value)
    if re.search(r"\s", text) or "." not in text:
        raise unfit(field, "a web address is expected")
    return text


def _date(field: Field, value: object) -> str:
    found = read_date(_text(field, value))
    if found is None:
        raise unfit(field, "a date is expected")
    return found


def _date_time(field: Field, value: object) -> str:
    found = read_instant(_text(field, value))
    if found is None:
        raise unfit(field, "a date and time is expected")
    return found


def _choice(field: Field, value: object) -> str:
    text = _text(field, value)
    if text not in _entries(field):
        raise unfit(field, "the value is not in the picklist")
    return text


def _choices(field: Field, value: object) -> str:
    chosen = dict.fromkeys(_text(field, value).split(";"))
    if not chosen.keys() <= _entries(field):
        raise unfit(field, "a value is not in the picklist")
    return ";".join(chosen)


def _entries(field: Field) -> set[str]:
    return {str(entry["Value"]) for entry in field.options}


_CONVERTERS: Final[Mapping[FieldType, Callable[[Field, object], object]]] = {
    FieldType.CHECKBOX: _checkbox,
    FieldType.EMAIL: _email,
    FieldType.URL: _url,
    FieldType.DATE: _date,
    FieldType.DATE_TIME: _date_time,
    FieldType.PICKLIST: _choice,
    FieldType.MULTI: _choices,
}
