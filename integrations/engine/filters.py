"""Which records are in: conditions, groups and the verdict with its evidence. Decides nothing else."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from integrations.engine.records import Value


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
