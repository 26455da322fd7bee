"""The named transforms of single values and their inverses. They never see a record or a blank.

Every transform is a pair of functions (to the target, back to HubSpot); without a way back the
field travels one way only. A function takes a value and `now` and raises MappingError, whose
text names neither the field (the caller knows it) nor the value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Final

from integrations.engine.domains import domain_of
from integrations.engine.errors import ConfigInvalid, MappingError
from integrations.engine.records import BLANK, Value, as_text
from integrations.engine.us_states import STATE_CODES

Step = Callable[[Value, datetime], Value]
Arguments = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Transform:
    """One bound transform. `back` None means that nothing can travel to HubSpot.

    `back(forth(x))` is x itself, or x in its normal spelling for transforms that tidy a value.
    """

    forth: Step
    back: Step | None


def transform(name: str, arguments: Arguments | None = None) -> Transform:
    """Return a transform by name with its arguments bound; "" leaves values as they are.

    Raises ConfigInvalid for an unknown name or unusable arguments.
    """
    if name not in TRANSFORMS:
        raise ConfigInvalid(f"There is no transform “{name}”.")
    return TRANSFORMS[name](arguments or {})


def swapped(name: str, arguments: Arguments | None = None) -> Transform:
    """Return an invertible transform the other way round; raises ConfigInvalid if it is not."""
    bound = transform(name, arguments)
    if bound.back is None:
        raise ConfigInvalid(f"The transform “{name}” has no inverse.")
    return Transform(bound.back, bound.forth)


def _tidying(step: Callable[[str], str]) -> Transform:
    """Build a transform that spells texts alike on both sides."""

    def apply(value: Value, now: datetime) -> Value:
        return step(as_text(value)) or BLANK

    return Transform(apply, apply)


def _text(arguments: Arguments) -> Transform:
    longest = int(arguments.get("max", "0"))

    def tidy(text: str) -> str:
        text = " ".join(text.split())
        if longest and len(text) > longest:
            raise MappingError(f"is longer than {longest} characters")
        return text

    return _tidying(tidy)


def _name(arguments: Arguments) -> Transform:
    tidy = _text(arguments).forth

    def check(value: Value, now: datetime) -> Value:
        name = tidy(value, now)
        if isinstance(name, str) and not any(map(str.isalpha, name)):
            raise MappingError("holds no letter")
        return name

    return Transform(check, check)


def _email(arguments: Arguments) -> Transform:
    return _tidying(lambda text: text.strip().lower())


def _domain(arguments: Arguments) -> Transform:
    def tidy(text: str) -> str:
        if text.strip() and not domain_of(text):
            raise MappingError("is not a domain")
        return domain_of(text)

    return _tidying(tidy)


def _phone(arguments: Arguments) -> Transform:
    longest = int(arguments.get("max", "80"))

    def digits(value: Value, now: datetime) -> Value:
        typed = as_text(value).strip()
        found = re.sub(r"[^0-9]", "", typed)
        found = found[1:] if len(found) == 11 and found.startswith("1") else found
        return found if len(found) == 10 else typed[:longest] or BLANK

    return Transform(digits, None)


def _us_state(arguments: Arguments) -> Transform:
    def code(text: str) -> str:
        key = " ".join(text.split()).casefold()
        if key and key not in STATE_CODES:
            raise MappingError("is not a US state or its two-letter code")
        return STATE_CODES.get(key, "")

    return _tidying(code)


def _choice(arguments: Arguments) -> Transform:
    options = {option.casefold(): option for option in arguments.get("options", "").split(";")}

    def pick(text: str) -> str:
        key = text.strip().casefold()
        if key not in options:
            raise MappingError(f"must be one of {', '.join(options.values())}")
        return options[key]

    return _tidying(pick)


def _date(arguments: Arguments) -> Transform:
    """Check a pure date. Today is the day that has begun anywhere on Earth (UTC+14)."""
    earliest = date.fromisoformat(arguments.get("earliest", "1900-01-01"))

    def check(value: Value, now: datetime) -> Value:
        day = _as_date(value)
        if day < earliest:
            raise MappingError(f"is before {earliest.isoformat()}")
        if "past" in arguments and day > (now.astimezone(UTC) + timedelta(hours=14)).date():
            raise MappingError("is in the future")
        return day

    return Transform(check, lambda value, now: _as_date(value))


def _as_date(value: Value) -> date:
    """Return a date; an instant is refused, since its day depends on a zone."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(as_text(value).strip())
    except ValueError:
        raise MappingError("is not a date") from None


def _date_text(arguments: Arguments) -> Transform:
    pattern = arguments.get("format", "%Y-%m-%d")
    if not {"%Y", "%m", "%d"} <= set(re.findall(r"%.", pattern)):
        raise ConfigInvalid("A date format needs %Y, %m and %d.")

    def write(value: Value, now: datetime) -> Value:
        day = _as_date(value)
        return (
            pattern.replace("%Y", f"{day.year:04}")
            .replace("%m", f"{day.month:02}")
            .replace("%d", f"{day.day:02}")
        )

    def read(value: Value, now: datetime) -> Value:
        try:
            return datetime.strptime(as_text(value).strip(), pattern).replace(tzinfo=UTC).date()
        except ValueError:
            raise MappingError("is not a date of the expected form") from None

    return Transform(write, read)


def _as_number(value: Value) -> Decimal:
    try:
        number = value if isinstance(value, Decimal) else Decimal(as_text(value).strip())
    except InvalidOperation:
        raise MappingError("is not a number") from None
    if not number.is_finite():
        raise MappingError("is not a number")
    return number


def _scale(arguments: Arguments) -> Transform:
    """Multiply by a power of ten: amounts in cents, shares in percent. Exact both ways."""
    power = int(arguments.get("power", "0"))
    return Transform(
        lambda value, now: _as_number(value).scaleb(power),
        lambda value, now: _as_number(value).scaleb(-power),
    )


def _number_text(arguments: Arguments) -> Transform:
    return Transform(
        lambda value, now: f"{_as_number(value):f}", lambda value, now: _as_number(value)
    )


def _boolean_text(arguments: Arguments) -> Transform:
    yes, no = arguments.get("true", "true"), arguments.get("false", "false")
    words = {yes.casefold(): True, no.casefold(): False}
    if len(words) < 2:
        raise ConfigInvalid("The words for yes and no must differ.")

    def write(value: Value, now: datetime) -> Value:
        if not isinstance(value, bool):
            raise MappingError("is not a yes or no")
        return yes if value else no

    def read(value: Value, now: datetime) -> Value:
        if (word := as_text(value).strip().casefold()) not in words:
            raise MappingError(f"must be {yes} or {no}")
        return words[word]

    return Transform(write, read)


UNMAPPED: Final = "@unmapped"
"""Argument of value_map: what a value without an entry does (fail, keep or blank)."""


def _value_map(arguments: Arguments) -> Transform:
    """Replace choices by a table; every other argument is an entry. Invertible if unambiguous."""
    rule = arguments.get(UNMAPPED, "fail")
    if rule not in ("fail", "keep", "blank"):
        raise ConfigInvalid("A value without an entry can fail, be kept or be left blank.")
    table = {key: value for key, value in arguments.items() if key != UNMAPPED}
    inverse = {value: key for key, value in table.items()}
    exact = len(inverse) == len(table) and not (rule == "keep" and table.keys() ^ inverse.keys())
    return Transform(_lookup(table, rule), _lookup(inverse, rule) if exact else None)


def _lookup(table: Arguments, rule: str) -> Step:
    def one(option: str) -> str:
        if option not in table and rule == "fail":
            raise MappingError("has a value without an entry in the value list")
        return table.get(option, option if rule == "keep" else "")

    def apply(value: Value, now: datetime) -> Value:
        if isinstance(value, tuple):
            return tuple(found for option in value if (found := one(option))) or BLANK
        return one(as_text(value)) or BLANK

    return apply


def _join(arguments: Arguments) -> Transform:
    """Write a multi-choice as one text. An option holding the separator is refused."""
    mark = arguments.get("separator", ";")
    if not mark.strip():
        raise ConfigInvalid("The separator must not be blank.")

    def join(value: Value, now: datetime) -> Value:
        options = value if isinstance(value, tuple) else (as_text(value),)
        if any(mark in option for option in options):
            raise MappingError("has an option that holds the separator")
        return mark.join(options) or BLANK

    def split(value: Value, now: datetime) -> Value:
        parts = (part.strip() for part in as_text(value).split(mark))
        return tuple(part for part in parts if part) or BLANK

    return Transform(join, split)


def _as_is(arguments: Arguments) -> Transform:
    return Transform(lambda value, now: value, lambda value, now: value)


TRANSFORMS: Final[Mapping[str, Callable[[Arguments], Transform]]] = {
    "": _as_is,
    "text": _text,
    "name": _name,
    "email": _email,
    "domain": _domain,
    "phone_digits": _phone,
    "us_state": _us_state,
    "choice": _choice,
    "date": _date,
    "date_to_text": _date_text,
    "scale": _scale,
    "number_to_text": _number_text,
    "boolean_to_text": _boolean_text,
    "value_map": _value_map,
    "join": _join,
    "text_to_date": lambda arguments: swapped("date_to_text", arguments),
    "text_to_number": lambda arguments: swapped("number_to_text", arguments),
    "text_to_boolean": lambda arguments: swapped("boolean_to_text", arguments),
    "split": lambda arguments: swapped("join", arguments),
}
"""Every transform by name. A "text" collapses white space and takes "max"; "date" takes
"earliest" and "past"; "choice" takes "options"; "scale" takes "power" (of ten)."""
