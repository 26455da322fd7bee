"""The transforms of numbers and of yes and no."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from integrations.engine.errors import ConfigInvalid, MappingError
from integrations.engine.records import Value, as_text
from integrations.engine.transforms.base import Arguments, Transform, as_number, whole_number

LARGEST_POWER: Final = 30


def scale(arguments: Arguments) -> Transform:
    """Multiply by a power of ten: amounts in cents, shares in percent. Exact both ways."""
    power = whole_number(arguments, "power", 0)
    if abs(power) > LARGEST_POWER:
        raise ConfigInvalid(f"“power” must be between -{LARGEST_POWER} and {LARGEST_POWER}.")
    return Transform(
        lambda value, now: as_number(value).scaleb(power),
        lambda value, now: as_number(value).scaleb(-power),
    )


def number_to_text(arguments: Arguments) -> Transform:
    """Write a number in plain digits, never with an exponent."""
    return Transform(
        lambda value, now: f"{as_number(value):f}", lambda value, now: as_number(value)
    )


def boolean_to_text(arguments: Arguments) -> Transform:
    """Write yes and no as the words `true` and `false` name; reading them ignores case."""
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
