"""Times and words as an instance compares them: local times without an offset, MySQL's collation.

Nothing here knows a table or a route.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Final
from zoneinfo import ZoneInfo

_DECIMAL = re.compile(r"-?\d+\.\d\d")
"""How a column of amounts looks."""


def local(now: datetime, zone: str) -> str:
    """Write an instant as the database does: local, to the second, `2026-11-20 10:00:00`."""
    return f"{now.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M:%S}"


def instant(text: str, zone: str) -> str:
    """Return a local time of the database as the present API shows it, in UTC."""
    moment = datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=ZoneInfo(zone))
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def fold(value: object) -> str:
    """Return a text as the collation sees it: no case, no accents, `ß` as `ss`."""
    text = unicodedata.normalize("NFKD", str("" if value is None else value).casefold())
    return "".join(letter for letter in text if not unicodedata.combining(letter))


def number(value: object) -> Decimal | None:
    """Return a value as a number, None when it is none."""
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def whole(value: object) -> int:
    """Return what a column of whole numbers makes of a value: 0 of what is none."""
    found = number(int(value) if isinstance(value, bool) else value)
    return 0 if found is None else int(found)


def compare(held: object, given: object) -> int:
    """Compare as SQL does, -1, 0 or 1: a column of numbers as numbers, texts by the collation."""
    if isinstance(held, int) or _DECIMAL.fullmatch(str(held)):
        one, other = number(held), number(given) or Decimal(0)
        return 0 if one is None else (one > other) - (one < other)
    left, right = fold(held), fold(given)
    return (left > right) - (left < right)


def like(held: object, pattern: str) -> bool:
    """Match SQL's LIKE: `%` is anything, `_` is any one letter."""
    parts = (".*" if c == "%" else "." if c == "_" else re.escape(c) for c in fold(pattern))
    return re.fullmatch("".join(parts), fold(held), re.DOTALL) is not None


def equal(held: object, given: str) -> bool:
    """Tell whether a column holds a value."""
    return compare(held, given) == 0


def contains(held: object, given: str) -> bool:
    """Tell whether a text has a part."""
    return fold(given) in fold(held)


def starts(held: object, given: str) -> bool:
    """Tell whether a text begins so."""
    return fold(held).startswith(fold(given))


def ends(held: object, given: str) -> bool:
    """Tell whether a text ends so."""
    return fold(held).endswith(fold(given))


Test = Callable[[object, str], bool]
EXPRESSIONS: Final[Mapping[str, Test]] = {
    "eq": equal,
    "not": lambda held, given: not equal(held, given),
    "gt": lambda held, given: compare(held, given) > 0,
    "gte": lambda held, given: compare(held, given) >= 0,
    "lt": lambda held, given: compare(held, given) < 0,
    "lte": lambda held, given: compare(held, given) <= 0,
    "like": like,
    "not_like": lambda held, given: not like(held, given),
}
"""The old API's generic filter; any other expression means like. NULL meets none of them."""
