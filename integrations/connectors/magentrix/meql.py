"""Magentrix's query language: the only place that writes queries. Sends nothing.

A quote inside a literal cannot be expressed, so a text becomes one only if nothing in it can end
or escape a literal: ids, our own keys, instants and plain e-mail addresses. What people typed
otherwise never enters a query. Source: help.magentrix.com, devguide "Magentrix SQL reference" and
"REST 3 query", read 2026-11-20.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

ORS: Final = 50
"""Alternatives in one query: Magentrix's own samples join this many; there is no IN."""

_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_ID = re.compile(r"[A-Za-z0-9_-]{1,40}", re.ASCII)
_KEY = re.compile(r"[A-Za-z0-9_.:-]{1,50}", re.ASCII)
_EMAIL = re.compile(r"[a-z0-9._%+&=-]{1,64}@[a-z0-9.-]{1,190}", re.ASCII)


def is_id(text: str) -> bool:
    """Tell whether a text can be the id of a record: others are not even asked for."""
    return _ID.fullmatch(text) is not None


def is_key(text: str) -> bool:
    """Tell whether a text can be one of our unique keys."""
    return _KEY.fullmatch(text) is not None


def is_plain_email(text: str) -> bool:
    """Tell whether a text is an address in small letters that is safe inside a query."""
    return _EMAIL.fullmatch(text) is not None


def select(
    entity: str, names: Iterable[str], *, where: str = "", order: str = "", take: int = 0
) -> str:
    """Return a query; `order` is one field, as Magentrix sorts by no more."""
    shown = ", ".join(_name(name) for name in dict.fromkeys(names))
    parts = ["SELECT", shown, "FROM", _name(entity)]
    parts += [f"WHERE {where}"] if where else []
    parts += [f"ORDER BY {_name(order)}"] if order else []
    parts += [f"LIMIT {take}"] if take else []
    return " ".join(parts)


def equal(name: str, text: str) -> str:
    """Return the condition that a field is this id or key."""
    return f"{_name(name)} = {_literal(text)}"


def equal_email(name: str, email: str) -> str:
    """Return the condition that a field is this plain address, whatever its capitals."""
    return f"{_name(name)}.ToLower() = {_literal(email)}"


def after(name: str, text: str) -> str:
    """Return the condition that a field comes behind this id in Magentrix's own order."""
    return f"{_name(name)} > {_literal(text)}"


def since(name: str, instant: datetime) -> str:
    """Return the condition that a field is this instant or later."""
    return f"{_name(name)} >= {_instant(instant)}"


def before(name: str, instant: datetime) -> str:
    """Return the condition that a field is earlier than this instant."""
    return f"{_name(name)} < {_instant(instant)}"


def both(*conditions: str) -> str:
    """Join conditions that must all hold; empty ones are none."""
    found = [condition for condition in conditions if condition]
    return " AND ".join(f"({each})" for each in found) if len(found) > 1 else "".join(found)


def any_of(conditions: Iterable[str]) -> str:
    """Join conditions of which one must hold."""
    return " OR ".join(conditions)


def portions(values: Sequence[str], size: int = ORS) -> Iterator[Sequence[str]]:
    """Cut values into as many as one query may ask for."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


def _name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise ValueError("This is no name of a field or an entity.")
    return text


def _literal(text: str) -> str:
    if not (is_key(text) or is_plain_email(text)):
        raise ValueError("This text cannot stand in a query.")
    return f'"{text}"'


def _instant(instant: datetime) -> str:
    return f'"{instant.astimezone(UTC).replace(tzinfo=None).isoformat()}"'
