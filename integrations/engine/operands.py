"""Whether a filter condition makes sense for the field it asks about. Sees no record."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Final

from integrations.engine.catalogue import OPERATORS, TYPE_LABELS, Operands
from integrations.engine.filters import Condition
from integrations.engine.options import LISTED
from integrations.engine.records import FieldType, number
from integrations.engine.specs import FieldSpec

_YES_OR_NO: Final = frozenset({"true", "yes", "1", "false", "no", "0"})
_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d.*)?")
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")


def operand_problem(condition: Condition, spec: FieldSpec) -> str | None:
    """Say why a condition cannot be asked of a field, or return None."""
    entry = OPERATORS[condition.operator]
    if spec.type not in entry.types:
        kind = TYPE_LABELS[spec.type]
        return f"“{spec.label}” holds {kind}: “{entry.label}” cannot be asked of it."
    if entry.operands is Operands.NONE:
        if condition.operands:
            return f"“{spec.label} {entry.label}” takes no value."
        return None
    if not condition.operands or any(not operand.strip() for operand in condition.operands):
        return f"A value to compare “{spec.label}” with is missing."
    if entry.operands is Operands.ONE and len(condition.operands) > 1:
        return f"“{spec.label} {entry.label}” takes one value."
    problems = (_unfit(operand.strip(), spec) for operand in condition.operands)
    return next((found for found in problems if found), None)


def _unfit(operand: str, spec: FieldSpec) -> str | None:
    if spec.type is FieldType.NUMBER and number(operand) is None:
        return f"“{spec.label}” holds a number, and “{operand}” is none."
    if spec.type is FieldType.BOOLEAN and operand.casefold() not in _YES_OR_NO:
        return f"“{spec.label}” is yes or no, and “{operand}” is neither."
    if spec.type is FieldType.DATE and not _is_day(operand):
        return f"“{spec.label}” holds a date, and “{operand}” is none such as 2026-01-31."
    if spec.type is FieldType.DATETIME and not _is_instant(operand):
        return (
            f"“{spec.label}” holds a date and time, and “{operand}” is none such as 2026-01-31 "
            "or 2026-01-31T12:00:00Z."
        )
    if spec.type in LISTED and spec.options and operand.casefold() not in _known(spec):
        return f"“{operand}” is no option of “{spec.label}”."
    return None


def _known(spec: FieldSpec) -> frozenset[str]:
    return frozenset(option.value.strip().casefold() for option in spec.options)


def _is_day(text: str) -> bool:
    try:
        return bool(_DAY.fullmatch(text) and date.fromisoformat(text))
    except ValueError:
        return False


def _is_instant(text: str) -> bool:
    try:
        return bool(_INSTANT.fullmatch(text) and datetime.fromisoformat(text))
    except ValueError:
        return False
