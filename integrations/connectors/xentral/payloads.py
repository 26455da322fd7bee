"""Single values of the old interface and the engine's forms of them. Calls nothing.

Ids and flags come as numbers or numeric texts, days and times without a zone, amounts as texts
(docs.raml of the open-source edition, read 2026-11-20).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Final

from integrations.engine.errors import Rejected
from integrations.engine.reasons import Reason
from integrations.engine.records import BLANK, UNREADABLE, Value, as_text, is_value, number

NO_DAY: Final = re.compile(r"0000-00-00.*")
_NONE: Final = timedelta()
_HOURS: Final = timedelta(hours=2)
_TRUE: Final = frozenset({"1", "true", "ja", "yes"})


def text_of(raw: object) -> str:
    """Return a JSON scalar as text without outer spaces; null is ""."""
    if raw is None:
        return ""
    if isinstance(raw, bool):
        return "1" if raw else "0"
    return str(raw).strip()


def id_of(raw: object) -> str:
    """Return an id as text; 0, "" and null are ""."""
    text = text_of(raw)
    return "" if text == "0" else text


def flag_of(raw: object) -> bool:
    """Tell whether a flag is set."""
    return text_of(raw).lower() in _TRUE


def read_text(raw: object) -> Value:
    """Return a text; "" and null are BLANK."""
    return text_of(raw) or BLANK


def read_number(raw: object) -> Value:
    """Return a number; null is BLANK."""
    text = text_of(raw)
    if not text:
        return BLANK
    found = number(text)
    return UNREADABLE if found is None else found


def read_choice(raw: object) -> Value:
    """Return an id as an option; 0 is none."""
    return id_of(raw) or BLANK


def read_reference(raw: object) -> Value:
    """Return an id as a set of one; 0 is none."""
    found = id_of(raw)
    return (found,) if found else BLANK


def read_flag(raw: object) -> Value:
    """Return a flag."""
    return flag_of(raw)


def read_instant(day: object, clock: object, zone: tzinfo) -> Value:
    """Return the instant at which the instance's clocks show a day and a time.

    An hour that the clocks show twice (in autumn) counts as the first of the two.
    """
    shown = text_of(day)
    if not shown or NO_DAY.fullmatch(shown):
        return BLANK
    try:
        local = datetime.fromisoformat(f"{shown[:10]}T{text_of(clock) or '00:00:00'}")
        return local.replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return UNREADABLE


def local_parts(value: Value, zone: tzinfo) -> tuple[str, str]:
    """Return the day and the time that the instance's clocks show at an instant.

    Parts of a second are dropped. Raises Rejected for what is no instant.
    """
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise Rejected("It is no date with a time.", reason=Reason.VALUE_INVALID)
    try:
        local = value.astimezone(zone)
    except OverflowError:
        failure = Rejected("It is too far away in time.", reason=Reason.VALUE_INVALID)
    else:
        return f"{local:%Y-%m-%d}".rjust(10, "0"), f"{local:%H:%M:%S}"
    raise failure


def changed_at(row: object, zone: tzinfo) -> datetime | None:
    """Return the instant of a row change time ("2026-11-20 08:00:00"), None where there is none."""
    day, _, clock = text_of(row).partition(" ")
    found = read_instant(day, clock, zone)
    return found if isinstance(found, datetime) else None


def not_before(since: datetime, zone: tzinfo) -> str:
    """Return what the instance's clocks show at an instant, as a lower bound of all later ones.

    Just before the clocks go back an hour, later instants show earlier times.
    """
    local = since.astimezone(zone)
    later = (since + _HOURS).astimezone(zone)
    back = (local.utcoffset() or _NONE) - (later.utcoffset() or _NONE)
    shown = local.replace(tzinfo=None) - max(back, _NONE)
    return f"{shown:%Y-%m-%d %H:%M:%S}"


def write_plain(value: Value) -> object:
    """Return a value as the old interface takes it: amounts as texts, flags as 0 and 1."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, Decimal):
        return f"{value:f}"
    return as_text(value) if is_value(value) else ""


def write_id(value: Value) -> int:
    """Return an id as a number, 0 for none; raises Rejected for what is no id."""
    members = value if isinstance(value, tuple) else (as_text(value),)
    text = members[0] if members else ""
    if text and not text.isdecimal():
        raise Rejected("It is no id of Xentral's.", reason=Reason.VALUE_INVALID)
    return int(text or 0)
