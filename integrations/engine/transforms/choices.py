"""The transforms of options: value lists, option checks, and one option against several."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from integrations.engine.errors import ConfigInvalid, MappingError
from integrations.engine.records import ABSENT, BLANK, Value, as_text
from integrations.engine.transforms.base import Arguments, Step, Transform, tidying

UNMAPPED: Final = "@unmapped"
"""Argument of value lists: what a value without an entry does (fail, keep, blank or default)."""
DEFAULT: Final = "@default"
"""Argument of value lists: what a value without an entry becomes under the rule "default"."""
UNMAPPED_RULES: Final = ("fail", "keep", "blank", "default")


def choice(arguments: Arguments) -> Transform:
    """Pick one of `options` (separated by ";") without regard to case; others are refused."""
    listed = (option.strip() for option in arguments.get("options", "").split(";"))
    options = {option.casefold(): option for option in listed if option}
    if not options:
        raise ConfigInvalid("The options to pick from are missing.")

    def pick(typed: str) -> str:
        key = typed.strip().casefold()
        if key not in options:
            raise MappingError(f"must be one of {', '.join(options.values())}")
        return options[key]

    return tidying(pick)


def entries(arguments: Arguments) -> dict[str, str]:
    """Return the entries of a value list: every argument that is no rule."""
    return {key: value for key, value in arguments.items() if key not in (UNMAPPED, DEFAULT)}


def value_map(arguments: Arguments) -> Transform:
    """Replace options by a table; every other argument is an entry. Invertible if unambiguous."""
    rule, fallback = arguments.get(UNMAPPED, "fail"), arguments.get(DEFAULT, "")
    if rule not in UNMAPPED_RULES:
        raise ConfigInvalid(
            "A value without an entry can fail, be kept, be left blank or get a default."
        )
    if rule == "default" and not fallback:
        raise ConfigInvalid("The default for values without an entry is missing.")
    table = entries(arguments)
    inverse = {value: key for key, value in table.items()}
    exact = len(inverse) == len(table) and rule != "default"
    exact = exact and not (rule == "keep" and table.keys() ^ inverse.keys())
    return Transform(
        _lookup(table, rule, fallback), _lookup(inverse, rule, fallback) if exact else None
    )


def _lookup(table: Arguments, rule: str, fallback: str) -> Step:
    def one(option: str) -> str:
        if option not in table and rule == "fail":
            raise MappingError("has a value without an entry in the value list")
        otherwise = {"keep": option, "default": fallback}.get(rule, "")
        return table.get(option, otherwise)

    def apply(value: Value, now: datetime) -> Value:
        if isinstance(value, tuple):
            found = (one(option) for option in value)
            return tuple(dict.fromkeys(option for option in found if option)) or BLANK
        return one(as_text(value)) or BLANK

    return apply


def synonyms(arguments: Arguments) -> Transform:
    """Translate many spellings into one word, without regard to case: every entry is a spelling.

    The way back is the first spelling of a word. What has no entry is left alone: the other side
    keeps what it has.
    """
    known = entries(arguments)
    words = {spelling.casefold(): word for spelling, word in known.items()}
    first = {word: spelling for spelling, word in reversed(known.items())}
    return Transform(
        lambda value, now: words.get(as_text(value).strip().casefold(), ABSENT),
        lambda value, now: first.get(as_text(value).strip(), ABSENT),
    )


def _wrap(value: Value, now: datetime) -> Value:
    return (as_text(value),)


def _unwrap(value: Value, now: datetime) -> Value:
    options = value if isinstance(value, tuple) else (as_text(value),)
    if len(options) != 1:
        raise MappingError("has several options where the other side takes one")
    return options[0]


def _listed(arguments: Arguments) -> Transform:
    """Return the value list of a transform that works without one: then values are kept."""
    return value_map(arguments if entries(arguments) else {UNMAPPED: "keep", **arguments})


def choice_to_list(arguments: Arguments) -> Transform:
    """Make one option a list of one; a list of several cannot come back. Takes a value list."""
    inner = _listed(arguments)
    return Transform(_then(inner.forth, _wrap), inner.back and _then(_unwrap, inner.back))


def list_to_choice(arguments: Arguments) -> Transform:
    """Make a list of one option that option; several are refused. Takes a value list."""
    inner = _listed(arguments)
    return Transform(_then(_unwrap, inner.forth), inner.back and _then(inner.back, _wrap))


def _then(first: Step, second: Step) -> Step:
    def both(value: Value, now: datetime) -> Value:
        between = first(value, now)
        return between if between is BLANK else second(between, now)

    return both


def join(arguments: Arguments) -> Transform:
    """Write a multi-choice as one text. An option holding the separator is refused."""
    mark = arguments.get("separator", ";")
    if not mark.strip():
        raise ConfigInvalid("The separator must not be blank.")

    def write(value: Value, now: datetime) -> Value:
        options = value if isinstance(value, tuple) else (as_text(value),)
        if any(mark in option for option in options):
            raise MappingError("has an option that holds the separator")
        return mark.join(options) or BLANK

    def split(value: Value, now: datetime) -> Value:
        parts = (part.strip() for part in as_text(value).split(mark))
        return tuple(part for part in parts if part) or BLANK

    return Transform(write, split)
