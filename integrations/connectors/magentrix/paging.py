"""Lists that may be longer than one query shows, read by (instant, id) and never by an offset.

Magentrix sorts by one field, shows nothing behind 10,000 rows, and many rows can share an instant.
So a full page gives up the rows of its last instant, which the next one starts with; an instant
that fills a page alone is read by id. Source: help.magentrix.com, devguide "REST 3 query" and
"Magentrix SQL reference", read 2026-11-20. That ids sort the way they compare is assumed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from integrations.connectors.magentrix import meql
from integrations.connectors.magentrix.client import MagentrixClient
from integrations.connectors.magentrix.fields import JsonObject
from integrations.connectors.magentrix.payloads import CREATED, ID, MODIFIED, instant
from integrations.engine.errors import ConfigInvalid, Unavailable

PAGE: Final = 200
OVERLAP: Final = timedelta(minutes=2)
"""What every pass reads again: a change may be stored later than the instant it bears."""

_FRACTION = re.compile(r"\.(\d+)")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a list stands: from `since` on ("" is the beginning).

    `inside`: the instant alone fills a page and is read by id, behind `id`.
    """

    since: str = ""
    id: str = ""
    inside: bool = False
    step: float = 0.0
    """Seconds that the instant stands for: what its text leaves out may be anything."""


def read(
    client: MagentrixClient,
    entity: str,
    names: Sequence[str],
    by: str,
    place: Place,
    size: int = PAGE,
) -> tuple[list[JsonObject], Place | None]:
    """Return rows in the order of the field `by`, and where to go on; None at the end."""
    names = (*names, by)
    if place.inside:
        return _inside(client, entity, names, by, place, size)
    where = meql.since(by, _instant(place.since)) if place.since else ""
    rows, _count = client.query(meql.select(entity, names, where=where, order=by, take=size))
    if len(rows) < size:
        return rows, None
    last = _instant(rows[-1].get(by))
    before = [row for row in rows if _instant(row.get(by)) < last]
    if before:
        return before, Place(_text(last))
    step = _resolution(str(rows[-1][by]))
    return _inside(client, entity, names, by, Place(_text(last), "", True, step), size)


def _inside(
    client: MagentrixClient, entity: str, names: Sequence[str], by: str, place: Place, size: int
) -> tuple[list[JsonObject], Place | None]:
    start = _instant(place.since)
    end = start + timedelta(seconds=place.step)
    where = meql.both(
        meql.since(by, start),
        meql.before(by, end),
        meql.after(ID, place.id) if place.id else "",
    )
    rows, _count = client.query(meql.select(entity, names, where=where, order=ID, take=size))
    if len(rows) < size:
        return rows, Place(_text(end))
    return rows, replace(place, id=str(rows[-1][ID]))


def _instant(raw: object) -> datetime:
    found = instant(raw)
    if found is None:
        raise Unavailable("Magentrix's answer lacks the instant by which it is sorted.")
    return found


def _resolution(text: str) -> float:
    """Return how many seconds an instant's text stands for: its last digit's worth."""
    digits = _FRACTION.search(text)
    return max(10.0 ** -len(digits[1]), 1e-6) if digits else 1.0


# ---------------------------------------------------------------- cursors


def load(text: str) -> Place:
    """Read a position in the list of all records; raises ConfigInvalid for any other text."""
    return Cursor.load(text).place


def dump(place: Place) -> str:
    """Return a position in the list of all records as text."""
    return Cursor(**asdict(place)).dump()


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where reading changes stands: a place, the newest instant seen, when it was first seen.

    `floor` is where the pass began, while it is under way: the next one begins no earlier.

    Instants are of Magentrix's rows. `at` (unix seconds) is the clock of its answers, used for
    spans of time alone.
    """

    since: str = ""
    id: str = ""
    inside: bool = False
    step: float = 0.0
    newest: str = ""
    at: float = 0.0
    floor: str | None = None

    @classmethod
    def load(cls, text: str) -> Cursor:
        """Read a cursor; raises ConfigInvalid for a text that never was one."""
        try:
            found = cls(**json.loads(text)) if text else cls()
        except (ValueError, TypeError):
            found = None
        if found is None or any(t and instant(t) is None for t in (found.since, found.newest)):
            raise ConfigInvalid("The stored position of a list cannot be read.")
        return found

    def dump(self) -> str:
        """Return the cursor as text."""
        return json.dumps(asdict(self), separators=(",", ":"))

    @property
    def place(self) -> Place:
        """Return where the list stands."""
        return Place(self.since, self.id, self.inside, self.step)

    def after(self, rows: Sequence[JsonObject], place: Place | None, clock: float) -> Cursor:
        """Return the cursor behind a page; at the end of the list, where the next pass starts.

        A pass repeats the last two minutes before the newest change, until that change has been
        known for as long.
        """
        newest = max(filter(None, [self.newest, *(_spelled(row) for row in rows)]), default="")
        at = clock if newest != self.newest else self.at
        floor = self.since if self.floor is None else self.floor
        if place is not None:
            return Cursor(**asdict(place), newest=newest, at=at, floor=floor)
        if not newest:
            return Cursor(since=floor)
        settled = clock - at >= OVERLAP.total_seconds()
        start = newest if settled else _text(_instant(newest) - OVERLAP)
        return Cursor(since=max(start, floor), newest=newest, at=at)


def start_at(since: datetime) -> Cursor:
    """Return the cursor that starts at an instant."""
    return Cursor(since=_text(since))


def changed(
    client: MagentrixClient, entity: str, names: Sequence[str], cursor: Cursor
) -> tuple[list[JsonObject], Cursor, bool]:
    """Return changed rows, oldest first, the cursor behind them, and whether there are more."""
    rows, place = read(client, entity, names, MODIFIED, cursor.place)
    rows.sort(key=_spelled)
    return rows, cursor.after(rows, place, client.clock), place is not None


def every(
    client: MagentrixClient, entity: str, names: Sequence[str], place: Place, size: int = PAGE
) -> tuple[list[JsonObject], Place | None]:
    """Return live rows in the order they were made in, and where to go on."""
    return read(client, entity, names, CREATED, place, size)


def _spelled(row: JsonObject) -> str:
    return _text(_instant(row.get(MODIFIED)))


def _text(when: datetime) -> str:
    """Spell an instant so that texts sort as their instants do."""
    return when.astimezone(UTC).isoformat(timespec="microseconds")
