"""What a transform is, and the helpers that the named ones share. Knows no name of a transform."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from decimal import Decimal

from integrations.engine.errors import ConfigInvalid, MappingError
from integrations.engine.records import BLANK, Value, as_text, number

Step = Callable[[Value, datetime], Value]
Arguments = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Transform:
    """One bound transform. `back` None means that nothing can travel to HubSpot.

    `back(forth(x))` is x itself, or x in its normal spelling for transforms that tidy a value.
    `knows` tells whether `forth` has an answer of its own for a value or only stands in for one;
    None: it always has. `near`: of several values that `back` could return, the one that is
    closest to what HubSpot holds, which it is given second; None: there is only one.
    """

    forth: Step
    back: Step | None
    knows: Callable[[Value], bool] | None = None
    near: Callable[[Value, Value], Value] | None = None


def text_step(step: Callable[[str], str]) -> Step:
    """Turn a function of texts into a step; an empty result is a blank."""
    return lambda value, now: step(as_text(value)) or BLANK


def tidying(step: Callable[[str], str]) -> Transform:
    """Build a transform that spells texts alike on both sides."""
    return Transform(text_step(step), text_step(step))


def turned(bound: Transform) -> Transform:
    """Return an invertible transform the other way round; raises ConfigInvalid if it is not."""
    if bound.back is None:
        raise ConfigInvalid("This transform has no inverse.")
    return Transform(bound.back, bound.forth)


def whole_number(arguments: Arguments, key: str, default: int) -> int:
    """Return an argument as a whole number; raises ConfigInvalid."""
    try:
        return int(arguments.get(key, "") or default)
    except ValueError:
        raise ConfigInvalid(f"“{key}” must be a whole number.") from None


def as_number(value: Value) -> Decimal:
    """Return a number as `records.number` knows it; raises MappingError."""
    found = number(str(value) if isinstance(value, Decimal) else as_text(value))
    if found is None:
        raise MappingError("is not a number")
    return found


def as_date(value: Value) -> date:
    """Return a date; an instant is refused, since its day depends on a zone."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(as_text(value).strip())
    except ValueError:
        raise MappingError("is not a date") from None


def as_instant(value: Value) -> datetime:
    """Return an instant with its zone; raises MappingError for one that names none."""
    if not isinstance(value, datetime):
        try:
            value = datetime.fromisoformat(as_text(value).strip())
        except ValueError:
            raise MappingError("is not a date with time") from None
    if value.tzinfo is None:
        raise MappingError("names no time zone")
    return value


def in_zone(value: Value, zone: tzinfo) -> datetime:
    """Return an instant as a zone's clocks show it; raises MappingError at the ends of time."""
    try:
        return as_instant(value).astimezone(zone)
    except OverflowError:
        raise MappingError("is too far away in time") from None
