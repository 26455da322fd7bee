"""Filters that HubSpot's search understands exactly as `filters.passes` does, in its own form.

Pure translation; `search` sends it. Whatever could differ is not translated:

- text only where HubSpot trims it (single line), as a whole, and without the letters that Unicode
  folds from others ("Straße" equals "STRASSE" for us and not for HubSpot);
- picklists only by values of their option list, because HubSpot compares those with case (that
  no record still holds a removed option which differs from a present one by case is assumed);
- HubSpot does not document whether a negation meets empty values, so that is always said;
- instants to the millisecond, days as UTC days, numbers to the 15 digits that are read of them;
- of multiple choices nothing but emptiness, of pseudo-fields nothing, and of tokens nothing: they
  are words for HubSpot and parts of the text for us.

Source: HubSpot docs, search guide, 2026-03-30.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Final

from integrations.connectors.hubspot.payloads import PSEUDO, JsonObject
from integrations.engine.filters import Condition, Filter, Operator, holds
from integrations.engine.records import FieldType, Value, number
from integrations.engine.specs import FieldSpec

Group = list[JsonObject]
Span = tuple[str, str]
"""The lowest and highest stored value that count as equal to an operand."""

MAX_GROUPS: Final = 5
MAX_FILTERS: Final = 5
MAX_ALL: Final = 12
"""HubSpot takes 6 filters a group and 18 in all; every group also holds where its page starts."""
MAX_CHARACTERS: Final = 2_700
MAX_VALUES: Final = 100
SEARCHED_STYLE: Final = "text"
DIGITS: Final = 14

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_NEGATIVE: Final = (Operator.NOT_EQUALS, Operator.NONE_OF)
_SAMENESS: Final = (Operator.EQUALS, Operator.ANY_OF, *_NEGATIVE)
_FOLDED: Final = ("s", "ff", "fi", "fl")
"""What other letters fold to in Unicode: ß, ſ and the ligatures."""


def groups_of(wanted: Filter, schema: Mapping[str, FieldSpec]) -> list[Group] | None:
    """Return the filter as HubSpot's filter groups, None where it cannot be said exactly.

    No group lets everything pass, as in the filter itself.
    """
    groups: list[Group] = []
    for conditions in wanted.groups:
        alternatives: list[Group] = [[]]
        for condition in conditions:
            found = _condition(condition, schema)
            if found is None or len(alternatives) * len(found) > MAX_GROUPS:
                return None
            alternatives = [one + other for one in alternatives for other in found]
        groups += alternatives
    if not all(groups):
        return []
    return groups if _fits(groups) else None


def _fits(groups: Sequence[Group]) -> bool:
    sizes = [len(group) for group in groups]
    return (
        len(groups) <= MAX_GROUPS
        and max(sizes, default=0) <= MAX_FILTERS
        and sum(sizes) <= MAX_ALL
        and len(json.dumps(groups)) <= MAX_CHARACTERS
    )


def _condition(condition: Condition, schema: Mapping[str, FieldSpec]) -> list[Group] | None:
    """Return the groups of which one must hold, None for what cannot be said."""
    spec = schema.get(condition.field)
    if spec is None or spec.name.startswith(PSEUDO):
        return None
    if spec.type is FieldType.TEXT and spec.style != SEARCHED_STYLE:
        return None
    if condition.operator in _EMPTINESS:
        return [[_row(spec.name, _EMPTINESS[condition.operator])]]
    translate = _BY_TYPE.get(spec.type)
    return translate(spec, condition) if translate and condition.operands else None


def _text(spec: FieldSpec, condition: Condition) -> list[Group] | None:
    operands = [operand.strip() for operand in condition.operands]
    if condition.operator not in _SAMENESS or not all(map(_is_plain, operands)):
        return None
    return _listed(spec.name, condition.operator, [operand.lower() for operand in operands])


def _is_plain(operand: str) -> bool:
    """Tell whether only its own letters, in either case, fold to this text."""
    folded = operand.casefold()
    return operand.isascii() and folded != "" and not any(part in folded for part in _FOLDED)


def _choice(spec: FieldSpec, condition: Condition) -> list[Group] | None:
    operands = [operand.strip() for operand in condition.operands]
    if condition.operator not in _SAMENESS:
        return None
    if not spec.options:
        # Owners and teams: HubSpot does not list them here, and their values are numbers.
        numeric = all(operand.isascii() and operand.isdigit() for operand in operands)
        return _listed(spec.name, condition.operator, operands) if numeric else None
    chosen = [[o.value for o in spec.options if _equal(o.value, operand)] for operand in operands]
    if not all(chosen):
        return None
    return _listed(spec.name, condition.operator, [value for some in chosen for value in some])


def _equal(option: str, operand: str) -> bool:
    return option.strip().casefold() == operand.casefold()


def _boolean(spec: FieldSpec, condition: Condition) -> list[Group] | None:
    wire: dict[str, Value] = {"true": True, "false": False}
    good = [text for text, value in wire.items() if holds(condition, value)]
    if len(good) != 1:
        return None
    operator = Operator.EQUALS
    if condition.operator in _EMPTY_TOO:
        operator, good = Operator.NOT_EQUALS, [text for text in wire if text not in good]
    return _listed(spec.name, operator, good)


def _listed(name: str, operator: Operator, values: Sequence[str]) -> list[Group] | None:
    """Return that a property holds one of these values, or none of them."""
    values = list(dict.fromkeys(values))
    if len(values) > MAX_VALUES:
        return None
    if operator not in _NEGATIVE:
        return [[_row(name, "IN", values=values)]]
    return [[_row(name, "NOT_IN", values=values)], [_row(name, "NOT_HAS_PROPERTY")]]


# ---------------------------------------------------------------- ordered values


def _ordered(spec: FieldSpec, condition: Condition) -> list[Group] | None:
    spans = [_SPANS[spec.type](operand.strip()) for operand in condition.operands]
    known = [span for span in spans if span is not None]
    if len(known) < len(spans):
        return None
    name, operator = spec.name, condition.operator
    if operator is Operator.GREATER:
        return [[_row(name, "GT", value=high)] for _, high in known]
    if operator is Operator.LESS:
        return [[_row(name, "LT", value=low)] for low, _ in known]
    if operator in _NEGATIVE:
        return _outside(name, known)
    if operator in _SAMENESS:
        return [
            [_row(name, "GTE", value=low), _row(name, "LTE", value=high)] for low, high in known
        ]
    return None


def _outside(name: str, spans: Sequence[Span]) -> list[Group] | None:
    """Return that a property is empty or beyond each of the spans."""
    groups: list[Group] = [[]]
    for low, high in spans:
        beyond = (_row(name, "LT", value=low), _row(name, "GT", value=high))
        groups = [[*group, row] for group in groups for row in beyond]
        if len(groups) > MAX_GROUPS:
            return None
    return [*groups, [_row(name, "NOT_HAS_PROPERTY")]]


def _number_span(operand: str) -> Span | None:
    """Return the numbers that are read as this one: of long fractions 15 digits count."""
    found = number(operand)
    if found is None or len(found.normalize().as_tuple().digits) > DIGITS:
        return None
    if abs(found.adjusted()) > DIGITS:
        return None
    if not found:
        return "0", "0"
    outward = Decimal(5).scaleb(found.adjusted() - 15)
    inward = outward / 10 if found.normalize().as_tuple().digits == (1,) else outward
    below, above = (inward, outward) if found > 0 else (outward, inward)
    return f"{found - below:f}", f"{found + above:f}"


def _day_span(operand: str) -> Span | None:
    """A day passes through no zone: the one that stands in the operand counts."""
    try:
        day = datetime.fromisoformat(operand).date()
    except ValueError:
        return None
    start = _stamp(datetime.combine(day, time(), UTC))
    return str(start), str(start)


def _instant_span(operand: str) -> Span | None:
    instant = _instant(operand)
    if instant is None or instant.microsecond % 1000:
        return None
    if len(operand) > len("2026-01-31"):
        return str(_stamp(instant)), str(_stamp(instant))
    start = _stamp(datetime.combine(instant.date(), time(), UTC))
    return str(start), str(start + 86_399_999)


def _instant(operand: str) -> datetime | None:
    try:
        instant = datetime.fromisoformat(operand)
        return instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _stamp(instant: datetime) -> int:
    return (instant - _EPOCH) // _MILLISECOND


def _row(name: str, operator: str, **operand: object) -> JsonObject:
    return {"propertyName": name, "operator": operator, **operand}


_EMPTINESS: Final = {Operator.EMPTY: "NOT_HAS_PROPERTY", Operator.NOT_EMPTY: "HAS_PROPERTY"}
_EMPTY_TOO: Final = (*_NEGATIVE, Operator.NOT_CONTAINS)
_SPANS: Final[Mapping[FieldType, Callable[[str], Span | None]]] = {
    FieldType.NUMBER: _number_span,
    FieldType.DATE: _day_span,
    FieldType.DATETIME: _instant_span,
}
_BY_TYPE: Final[Mapping[FieldType, Callable[[FieldSpec, Condition], list[Group] | None]]] = {
    FieldType.TEXT: _text,
    FieldType.CHOICE: _choice,
    FieldType.BOOLEAN: _boolean,
    **dict.fromkeys(_SPANS, _ordered),
}
