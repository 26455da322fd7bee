"""What a record and a field value are, and their one canonical form. Nothing here compares sides.

A value is a plain scalar or a `Mark`. Values never carry their system's own spelling: connectors
translate in their `payloads.py`, so "1.50" and "1.5" are the same `Decimal` here.
"""

from __future__ import annotations

import enum
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Final


class Side(enum.StrEnum):
    """One of the two systems of an object sync."""

    HUBSPOT = "hubspot"
    TARGET = "target"

    @property
    def other(self) -> Side:
        """The opposite side."""
        return Side.TARGET if self is Side.HUBSPOT else Side.HUBSPOT


class Mark(enum.Enum):
    """The three states of a field that holds no value."""

    BLANK = "blank"
    """The system says: empty. Only a move from a value to BLANK is a clear."""
    ABSENT = "absent"
    """The answer did not mention the field: nothing is known."""
    UNREADABLE = "unreadable"
    """The system cannot show the field (write-only, redacted, no permission)."""


Scalar = str | Decimal | bool | datetime | date | tuple[str, ...]
Value = Scalar | Mark

BLANK: Final = Mark.BLANK
ABSENT: Final = Mark.ABSENT
LARGEST_EXPONENT: Final = 308
UNREADABLE: Final = Mark.UNREADABLE


class FieldType(enum.StrEnum):
    """The value types the engine knows; every system's types map onto these."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    CHOICE = "choice"
    MULTI_CHOICE = "multi_choice"
    REFERENCE = "reference"
    """Ids of other records of the same system, as a tuple of texts."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record of one system in normalised form.

    `id` is the id the system answered with: after a merge it differs from the id asked for.
    `modified_at` is a UTC instant of the source's clock, or None where the system has none.
    `label` is what a person calls the record (a name); personal data, never stored in logs.
    """

    id: str
    values: Mapping[str, Value]
    modified_at: datetime | None = None
    archived: bool = False
    merged_ids: frozenset[str] = frozenset()
    label: str = ""

    def get(self, name: str) -> Value:
        """Return the field's value, `ABSENT` when the answer did not mention it."""
        return self.values.get(name, ABSENT)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of records, oldest first, and the cursor that continues after it.

    `cursor` is opaque to everybody but the connector that made it. `more` False ends the pass.
    `total` is the system's own count where it gives one.
    """

    records: tuple[Record, ...] = ()
    cursor: str = ""
    more: bool = False
    total: int | None = field(default=None)


def is_value(value: Value) -> bool:
    """Tell whether the field holds something (so it is no `Mark`)."""
    return not isinstance(value, Mark)


def canonical(value: Value) -> str:
    """Return the one text form by which two values are equal or not.

    Numbers lose trailing zeros, instants become UTC, multi-choices lose their order.
    """
    if isinstance(value, Mark):
        return f"!{value.value}"
    if isinstance(value, str):
        return f"s{value}"
    if isinstance(value, bool):
        return "b1" if value else "b0"
    if isinstance(value, Decimal):
        return f"n{value.normalize():f}" if value else "n0"
    if isinstance(value, datetime):
        return f"i{value.astimezone(UTC).isoformat(timespec='milliseconds')}"
    if isinstance(value, date):
        return f"d{value.isoformat()}"
    return "m" + "\x1f".join(sorted(set(value)))


def as_text(value: Value) -> str:
    """Return a value as people write it; a mark is empty."""
    if isinstance(value, Mark):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return "; ".join(value)
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value if isinstance(value, str) else value.isoformat()


def number(text: str) -> Decimal | None:
    """Return the number that a text spells, None for anything else.

    What is larger or smaller than any double (about 1e308) is none either: no system holds it,
    and written out in digits it would fill the memory.
    """
    try:
        found = Decimal(text.strip())
    except InvalidOperation:
        return None
    return found if found.is_finite() and abs(found.adjusted()) <= LARGEST_EXPONENT else None


def same(left: Value, right: Value) -> bool:
    """Tell whether two values are equal in canonical form."""
    return left == right or canonical(left) == canonical(right)


def digest(value: Value, key: bytes) -> str:
    """Return the keyed digest (24 hex characters) of a value; never reversible to the value."""
    return hashlib.blake2b(canonical(value).encode(), key=key, digest_size=12).hexdigest()
