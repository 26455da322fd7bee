"""The transforms of texts: tidying, cutting, case, telephone numbers, states."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from integrations.engine.domains import domain_of
from integrations.engine.errors import ConfigInvalid, MappingError
from integrations.engine.records import BLANK, Value, as_text
from integrations.engine.transforms.base import (
    Arguments,
    Transform,
    text_step,
    tidying,
    whole_number,
)
from integrations.engine.us_states import STATE_CODES


def text(arguments: Arguments) -> Transform:
    """Collapse white space; a text longer than `max` is refused."""
    longest = whole_number(arguments, "max", 0)

    def tidy(typed: str) -> str:
        typed = " ".join(typed.split())
        if longest and len(typed) > longest:
            raise MappingError(f"is longer than {longest} characters")
        return typed

    return tidying(tidy)


def cut(arguments: Arguments) -> Transform:
    """Collapse white space and keep the first `max` characters; what is lost cannot come back."""
    longest = whole_number(arguments, "max", 0)
    if longest < 1:
        raise ConfigInvalid("“max” must be at least 1.")
    return Transform(text_step(lambda typed: " ".join(typed.split())[:longest].rstrip()), None)


def name(arguments: Arguments) -> Transform:
    """Tidy like `text` and ask for at least one letter."""
    tidy = text(arguments).forth

    def check(value: Value, now: datetime) -> Value:
        tidied = tidy(value, now)
        if isinstance(tidied, str) and not any(map(str.isalpha, tidied)):
            raise MappingError("holds no letter")
        return tidied

    return Transform(check, check)


def email(arguments: Arguments) -> Transform:
    """Spell an address without outer spaces and capitals."""
    return tidying(lambda typed: typed.strip().lower())


def domain(arguments: Arguments) -> Transform:
    """Spell a web address or domain as its bare domain; anything else is refused."""

    def tidy(typed: str) -> str:
        if typed.strip() and not domain_of(typed):
            raise MappingError("is not a domain")
        return domain_of(typed)

    return tidying(tidy)


_CASES: Final[Mapping[str, Callable[[str], str]]] = {
    "upper": str.upper,
    "lower": str.lower,
    "words": lambda typed: re.sub(r"\S+", lambda word: word[0][:1].upper() + word[0][1:], typed),
}


def case(arguments: Arguments) -> Transform:
    """Spell a text in capitals, in small letters, or each word with a capital, on both sides."""
    if (wanted := arguments.get("to", "")) not in _CASES:
        raise ConfigInvalid(f"“to” must be one of {', '.join(_CASES)}.")
    return tidying(_CASES[wanted])


def affix(arguments: Arguments) -> Transform:
    """Put `prefix` and `suffix` around a text; the way back asks for them and takes them off."""
    before, after = arguments.get("prefix", ""), arguments.get("suffix", "")
    if not before and not after:
        raise ConfigInvalid("A text to put before or after is missing.")

    def off(typed: str) -> str:
        inner = len(typed) - len(before) - len(after)
        if inner < 0 or not (typed.startswith(before) and typed.endswith(after)):
            raise MappingError("lacks the text that must stand around it")
        return typed[len(before) : len(before) + inner]

    return Transform(text_step(lambda typed: f"{before}{typed}{after}"), text_step(off))


def phone_digits(arguments: Arguments) -> Transform:
    """Reduce a US number to its ten digits; anything else is cut to `max` characters."""
    longest = whole_number(arguments, "max", 80)

    def digits(value: Value, now: datetime) -> Value:
        typed = as_text(value).strip()
        found = re.sub(r"[^0-9]", "", typed)
        found = found[1:] if len(found) == 11 and found.startswith("1") else found
        return found if len(found) == 10 else typed[:longest] or BLANK

    return Transform(digits, None)


def phone_international(arguments: Arguments) -> Transform:
    """Spell a number that names its country as "+" and digits (ITU-T E.164: 7 to 15 digits).

    Nothing is guessed: a number without "+" or "00" in front is refused, as is an extension.
    """

    def spell(typed: str) -> str:
        bare = re.sub(r"[\s().\-/\u2010-\u2015]", "", typed.replace("(0)", ""))
        bare = re.sub(r"^00", "+", bare)
        if bare and not bare.startswith("+"):
            raise MappingError("names no country code")
        if bare and not re.fullmatch(r"\+[1-9][0-9]{6,14}", bare):
            raise MappingError("is not a telephone number")
        return bare

    return tidying(spell)


def us_state(arguments: Arguments) -> Transform:
    """Spell a US state as its two-letter code."""

    def code(typed: str) -> str:
        key = " ".join(typed.split()).casefold()
        if key and key not in STATE_CODES:
            raise MappingError("is not a US state or its two-letter code")
        return STATE_CODES.get(key, "")

    return tidying(code)
