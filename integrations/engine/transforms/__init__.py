"""The named transforms of single values and their inverses. They never see a record or a blank.

Every transform is a pair of functions (to the target, back to HubSpot); without a way back the
field travels one way only. A function takes a value and `now` and raises MappingError, whose
text names neither the field (the caller knows it) nor the value. What people read about each
transform, and which types it joins, is in `engine.catalogue`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from integrations.engine.errors import ConfigInvalid
from integrations.engine.transforms import choices, dates, places, scalars, tables, texts
from integrations.engine.transforms.base import Arguments, Step, Transform, turned
from integrations.engine.transforms.choices import DEFAULT, UNMAPPED, UNMAPPED_RULES, entries

__all__ = [
    "DEFAULT",
    "TRANSFORMS",
    "UNMAPPED",
    "UNMAPPED_RULES",
    "Arguments",
    "Step",
    "Transform",
    "entries",
    "swapped",
    "transform",
]


def transform(name: str, arguments: Arguments | None = None) -> Transform:
    """Return a transform by name with its arguments bound; "" leaves values as they are.

    Raises ConfigInvalid for an unknown name or unusable arguments.
    """
    if name not in TRANSFORMS:
        raise ConfigInvalid(f"There is no transform “{name}”.")
    return TRANSFORMS[name](arguments or {})


def swapped(name: str, arguments: Arguments | None = None) -> Transform:
    """Return an invertible transform the other way round; raises ConfigInvalid if it is not."""
    return turned(transform(name, arguments))


def _as_is(arguments: Arguments) -> Transform:
    return Transform(lambda value, now: value, lambda value, now: value)


TRANSFORMS: Final[Mapping[str, Callable[[Arguments], Transform]]] = {
    "": _as_is,
    "text": texts.text,
    "cut": texts.cut,
    "name": texts.name,
    "email": texts.email,
    "domain": texts.domain,
    "case": texts.case,
    "affix": texts.affix,
    "strip_affix": lambda arguments: swapped("affix", arguments),
    "phone_digits": texts.phone_digits,
    "phone_international": texts.phone_international,
    "us_state": texts.us_state,
    "country": places.country,
    "german_state": places.german_state,
    "choice": choices.choice,
    "date": dates.check_date,
    "date_to_text": dates.date_to_text,
    "date_to_datetime": dates.date_to_datetime,
    "datetime_to_date": dates.datetime_to_date,
    "datetime_to_day": lambda arguments: swapped("date_to_datetime", arguments),
    "datetime_to_text": dates.datetime_to_text,
    "scale": scalars.scale,
    "number_to_text": scalars.number_to_text,
    "boolean_to_text": scalars.boolean_to_text,
    "value_map": choices.value_map,
    tables.TABLE: tables.table,
    "synonyms": choices.synonyms,
    "choice_to_list": choices.choice_to_list,
    "list_to_choice": choices.list_to_choice,
    "join": choices.join,
    "text_to_date": lambda arguments: swapped("date_to_text", arguments),
    "text_to_datetime": lambda arguments: swapped("datetime_to_text", arguments),
    "text_to_number": lambda arguments: swapped("number_to_text", arguments),
    "text_to_boolean": lambda arguments: swapped("boolean_to_text", arguments),
    "split": lambda arguments: swapped("join", arguments),
}
"""Every transform by name."""
