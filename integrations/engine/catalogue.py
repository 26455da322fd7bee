"""What a person can choose for a field or a filter, in words: forms are driven by it.

Texts are plain English; views translate them. What a choice does is in `transforms`, `filters`
and `mapping`; what fits what is in `compatibility`.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from integrations.engine.config import DeletePolicy, ExitRule, MergePolicy
from integrations.engine.filters import Operator
from integrations.engine.mapping import ConflictPolicy, Direction, Overwrite
from integrations.engine.records import FieldType
from integrations.engine.transform_entries import (
    TRANSFORM_ENTRIES,
    Argument,
    ArgumentKind,
    TransformEntry,
)

__all__ = [
    "BLANK_RULES",
    "CONFLICT_POLICIES",
    "DELETE_POLICIES",
    "DIRECTIONS",
    "EXIT_RULES",
    "MERGE_POLICIES",
    "OPERATORS",
    "OVERWRITES",
    "TRANSFORM_ENTRIES",
    "TYPE_LABELS",
    "Argument",
    "ArgumentKind",
    "Choice",
    "Operands",
    "OperatorEntry",
    "TransformEntry",
]


class Operands(enum.StrEnum):
    """How many operands an operator takes."""

    NONE = "none"
    ONE = "one"
    SEVERAL = "several"


@dataclass(frozen=True, slots=True)
class OperatorEntry:
    """One operator as people see it, and the types of fields that it makes sense for."""

    operator: Operator
    label: str
    operands: Operands
    types: frozenset[FieldType]


@dataclass(frozen=True, slots=True)
class Choice:
    """One member of an enum, or one of two states of a flag, as people see it."""

    label: str
    help: str


T, N, B, D, I, C, M, R = FieldType  # noqa: E741 - one letter per column of the table below
_ALL: Final = frozenset(FieldType)
_ORDERED: Final = frozenset({T, N, D, I})
_LISTED: Final = _ALL - {B}


def _operator(
    operator: Operator, label: str, operands: Operands, types: frozenset[FieldType]
) -> tuple[Operator, OperatorEntry]:
    return operator, OperatorEntry(operator, label, operands, types)


OPERATORS: Final[Mapping[Operator, OperatorEntry]] = dict(
    (
        _operator(Operator.EQUALS, "equals", Operands.ONE, _ALL - {R}),
        _operator(Operator.NOT_EQUALS, "does not equal", Operands.ONE, _ALL - {R}),
        _operator(Operator.CONTAINS, "contains", Operands.ONE, frozenset({T, M})),
        _operator(Operator.NOT_CONTAINS, "does not contain", Operands.ONE, frozenset({T, M})),
        _operator(Operator.GREATER, "is greater than", Operands.ONE, _ORDERED),
        _operator(Operator.LESS, "is less than", Operands.ONE, _ORDERED),
        _operator(Operator.EMPTY, "is empty", Operands.NONE, _ALL),
        _operator(Operator.NOT_EMPTY, "is not empty", Operands.NONE, _ALL),
        _operator(Operator.STARTS_WITH, "starts with", Operands.ONE, frozenset({T})),
        _operator(Operator.ENDS_WITH, "ends with", Operands.ONE, frozenset({T})),
        _operator(Operator.ANY_OF, "is any of", Operands.SEVERAL, _LISTED),
        _operator(Operator.NONE_OF, "is none of", Operands.SEVERAL, _LISTED),
    )
)
"""Every operator, in the order of the Thena seed; a date is greater when it is later."""

TYPE_LABELS: Final[Mapping[FieldType, str]] = {
    T: "text",
    N: "number",
    B: "yes or no",
    D: "date",
    I: "date and time",
    C: "one option",
    M: "several options",
    R: "other records",
}

DIRECTIONS: Final[Mapping[Direction, Choice]] = {
    Direction.BOTH: Choice("Both ways", "A change on either side travels to the other."),
    Direction.TO_TARGET: Choice("From HubSpot only", "Changes in HubSpot travel; others stay."),
    Direction.TO_HUBSPOT: Choice("To HubSpot only", "HubSpot is written and never read from."),
}

OVERWRITES: Final[Mapping[Overwrite, Choice]] = {
    Overwrite.ALWAYS: Choice("Always", "A new value replaces what is there."),
    Overwrite.IF_EMPTY: Choice("Only if empty", "What is there stays."),
    Overwrite.ON_CREATE: Choice("Only when created", "Written with a new record, then never."),
    Overwrite.APPEND: Choice("Add options", "Adds missing options; single values only if empty."),
    Overwrite.NEVER: Choice("Never", "The field is read and never written."),
}

CONFLICT_POLICIES: Final[Mapping[ConflictPolicy, Choice]] = {
    ConflictPolicy.HUBSPOT_WINS: Choice("HubSpot wins", "HubSpot's value is taken."),
    ConflictPolicy.TARGET_WINS: Choice("The other system wins", "Its value is taken."),
    ConflictPolicy.NEWEST_WINS: Choice(
        "The newest wins", "The record changed later counts; within a minute a person is asked."
    ),
    ConflictPolicy.HOLD: Choice("Ask a person", "The field waits; other fields go on."),
}

EXIT_RULES: Final[Mapping[ExitRule, Choice]] = {
    ExitRule.FREEZE: Choice("Stop updating", "The pair stays linked and nothing is written."),
    ExitRule.KEEP_SYNCING: Choice("Keep in step", "The filter only decides about new pairs."),
    ExitRule.UNLINK: Choice("Unlink", "Both records stay and know nothing of each other."),
}

DELETE_POLICIES: Final[Mapping[DeletePolicy, Choice]] = {
    DeletePolicy.KEEP: Choice("Leave the other record", "The pair is marked and no longer synced."),
    DeletePolicy.ARCHIVE: Choice("Archive the other record", "Only once the deletion is certain."),
    DeletePolicy.HOLD: Choice("Ask a person", "The pair waits."),
}

MERGE_POLICIES: Final[Mapping[MergePolicy, Choice]] = {
    MergePolicy.KEEP: Choice("Leave the extra record", "It is unlinked and no longer synced."),
    MergePolicy.HOLD: Choice("Ask a person", "The extra record waits."),
    MergePolicy.ARCHIVE: Choice("Archive the extra record", "The survivor's record stays."),
}

BLANK_RULES: Final[Mapping[bool, Choice]] = {
    False: Choice("Keep the value", "Emptying a field leaves the other side as it is."),
    True: Choice("Empty it too", "Emptying a field empties it on the other side."),
}
"""The choices for `FieldRule.clears`."""
