"""The transforms of countries and states: names on HubSpot's side, codes in the target."""

from __future__ import annotations

from integrations.engine.countries import (
    COUNTRY_CODES,
    COUNTRY_NAMES,
    STATE_CODES,
    STATE_NAMES,
    spelled,
)
from integrations.engine.errors import MappingError
from integrations.engine.transforms.base import Arguments, Transform, text_step


def country(arguments: Arguments) -> Transform:
    """Spell a country as its two-letter code; the way back gives its German name.

    German and English names and codes are known, in any case and with umlauts written out.
    """

    def code(typed: str) -> str:
        if typed.strip() and spelled(typed) not in COUNTRY_CODES:
            raise MappingError("is not a country known by its German or English name")
        return COUNTRY_CODES.get(spelled(typed), "")

    def name(typed: str) -> str:
        return COUNTRY_NAMES.get(typed.strip().upper(), typed.strip())

    return Transform(text_step(code), text_step(name))


def german_state(arguments: Arguments) -> Transform:
    """Spell a German state as its two-letter code; states of other countries stay as they are."""

    def code(typed: str) -> str:
        return STATE_CODES.get(spelled(typed), " ".join(typed.split()))

    def name(typed: str) -> str:
        return STATE_NAMES.get(typed.strip().upper(), typed.strip())

    return Transform(text_step(code), text_step(name))
