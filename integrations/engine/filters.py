"""Which records are in: conditions, groups and the verdict with its evidence. Nothing else."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final, TypeVar

from integrations.engine.mapping import Privacy
from integrations.engine.records import BLANK, Mark, Record, Value, as_text, number

T = TypeVar("T", str, Decimal, bool, date, datetime)
MOST_CONDITIONS: Final = 50
MOST_GROUPS: Final = 20
"""What a filter may hold: it is asked of every record."""


class Operator(enum.StrEnum):
    """The comparison operators an org admin can choose from (Thena seed, 2026)."""

    EQUALS = "equals"
    NOT_EQUALS = "not_equals"
    CONTAINS = "contains"
    NOT_CONTAINS = "not_contains"
    GREATER = "greater"
    LESS = "less"
    EMPTY = "empty"
    NOT_EMPTY = "not_empty"
    STARTS_WITH = "starts_with"
    ENDS_WITH = "ends_with"
    ANY_OF = "any_of"
    NONE_OF = "none_of"


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison of one field; `operands` are texts, typed by the value they meet."""

    field: str
    operator: Operator
    operands: tuple[str, ...] = ()
    label: str = ""


@dataclass(frozen=True, slots=True)
class Filter:
    """Groups are OR-ed, the conditions inside a group AND-ed. No group at all lets all pass."""

    groups: tuple[tuple[Condition, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a record passes; if not, the first condition that failed and the value it saw."""

    passed: bool
    condition: Condition | None = None
    seen: Value | None = None


def passes(wanted: Filter, record: Record) -> Verdict:
    """Judge one record: one group whose conditions all hold is enough.

    A failing verdict names the first failed condition of the first group.
    """
    first: Verdict | None = None
    for group in wanted.groups:
        failed = next((c for c in group if not holds(c, record.get(c.field))), None)
        if failed is None:
            return Verdict(True)
        first = first or Verdict(False, failed, record.get(failed.field))
    return first or Verdict(True)


def holds(condition: Condition, seen: Value) -> bool:
    """Tell whether one value meets one condition.

    An absent or unreadable value meets no condition, whichever way it is put: nothing is known.
    A blank meets EMPTY and the negative operators only. Texts compare without case and outer
    spaces; operands that are blank or cannot be read as the value's type equal nothing.
    """
    if seen is BLANK or (not isinstance(seen, Mark) and _hollow(seen)):
        return condition.operator in _HOLD_FOR_BLANK
    if isinstance(seen, Mark):
        return False
    if condition.operator in _NEGATIONS:
        return not _compare(_NEGATIONS[condition.operator], seen, condition.operands)
    return _compare(condition.operator, seen, condition.operands)


def sentence(condition: Condition, seen: Value, privacy: Privacy) -> str:
    """Say in words what was asked and what was seen; the value itself only if it is public."""
    return f"{asked(condition)}, but {_seen_in_words(seen, privacy)}."


def asked(condition: Condition) -> str:
    """Say in words what a condition asks."""
    wanted = " or ".join(f"“{operand}”" for operand in condition.operands)
    return f"“{condition.label or condition.field}” {_WORDS[condition.operator]} {wanted}".strip()


_NEGATIONS = {
    Operator.NOT_EQUALS: Operator.EQUALS,
    Operator.NOT_CONTAINS: Operator.CONTAINS,
    Operator.NONE_OF: Operator.ANY_OF,
}
_HOLD_FOR_BLANK = frozenset({Operator.EMPTY, *_NEGATIONS})
_WORDS = {
    Operator.EQUALS: "must be",
    Operator.NOT_EQUALS: "must not be",
    Operator.CONTAINS: "must contain",
    Operator.NOT_CONTAINS: "must not contain",
    Operator.GREATER: "must be greater than",
    Operator.LESS: "must be less than",
    Operator.EMPTY: "must be empty",
    Operator.NOT_EMPTY: "must not be empty",
    Operator.STARTS_WITH: "must start with",
    Operator.ENDS_WITH: "must end with",
    Operator.ANY_OF: "must be one of",
    Operator.NONE_OF: "must be none of",
}


def _hollow(seen: Value) -> bool:
    return seen == () or (isinstance(seen, str) and not seen.strip())


def _compare(operator: Operator, seen: Value, operands: Sequence[str]) -> bool:
    if operator is Operator.NOT_EMPTY:
        return True
    if operator is Operator.EMPTY:
        return False
    operands = [operand for operand in operands if operand.strip()]
    if isinstance(seen, tuple):
        return _compare_options(operator, {_fold(option) for option in seen}, operands)
    if operator in (Operator.CONTAINS, Operator.STARTS_WITH, Operator.ENDS_WITH):
        return any(_part(operator, _fold(as_text(seen)), _fold(o)) for o in operands)
    return any(_compare_one(operator, seen, operand) for operand in operands)


def _compare_options(operator: Operator, seen: set[str], operands: Sequence[str]) -> bool:
    wanted = {_fold(operand) for operand in operands}
    if operator is Operator.EQUALS:
        return seen == wanted
    if operator in (Operator.ANY_OF, Operator.CONTAINS):
        return bool(seen & wanted)
    if operator in (Operator.STARTS_WITH, Operator.ENDS_WITH):
        return any(_part(operator, option, text) for option in seen for text in wanted)
    return False


def _part(operator: Operator, seen: str, wanted: str) -> bool:
    if operator is Operator.STARTS_WITH:
        return seen.startswith(wanted)
    if operator is Operator.ENDS_WITH:
        return seen.endswith(wanted)
    return wanted in seen


def _compare_one(operator: Operator, seen: Value, operand: str) -> bool:
    if isinstance(seen, bool):
        return operator in _SAMENESS and _boolean(operand) is seen
    if isinstance(seen, Decimal):
        wanted_number = number(operand)
        return wanted_number is not None and _ordered(operator, seen, wanted_number)
    if isinstance(seen, date):
        return _compare_time(operator, seen, operand.strip())
    text, wanted = _fold(as_text(seen)), _fold(operand)
    left, right = number(text), number(wanted)
    if operator not in _SAMENESS and left is not None and right is not None:
        return _ordered(operator, left, right)
    return _ordered(operator, text, wanted)


def _compare_time(operator: Operator, seen: date, operand: str) -> bool:
    """Compare days as soon as one of the two is a day; an instant's day is its UTC day.

    A day passes through no zone: it meets the day that stands in the operand.
    """
    try:
        wanted = datetime.fromisoformat(operand)
    except ValueError:
        return False
    if not isinstance(seen, datetime):
        return _ordered(operator, seen, wanted.date())
    if len(operand) <= len("2026-01-31"):
        return _ordered(operator, seen.astimezone(UTC).date(), wanted.date())
    return _ordered(operator, seen, wanted if wanted.tzinfo else wanted.replace(tzinfo=UTC))


_SAMENESS = (Operator.EQUALS, Operator.ANY_OF)


def _ordered(operator: Operator, seen: T, wanted: T) -> bool:
    if operator is Operator.GREATER:
        return seen > wanted
    return seen < wanted if operator is Operator.LESS else seen == wanted


def _boolean(text: str) -> bool | None:
    return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}.get(
        _fold(text)
    )


def _fold(text: str) -> str:
    return text.strip().casefold()


def _seen_in_words(seen: Value, privacy: Privacy) -> str:
    if seen is BLANK or (not isinstance(seen, Mark) and _hollow(seen)):
        return "it is empty"
    if isinstance(seen, Mark):
        return "it could not be read"
    if privacy is Privacy.PUBLIC:
        return f"it is “{as_text(seen)}”"
    return "it does not meet this"
