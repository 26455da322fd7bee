"""Where records stand in lists: passes over a list, and reading many ids without a batch call.

Nothing read here is ever handed out later as a value: pages are read again, ids by a call.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from integrations.connectors.xentral.fields import JsonObject
from integrations.connectors.xentral.legacy import MOST, Legacy, Listed, Listing
from integrations.connectors.xentral.payloads import id_of
from integrations.engine.errors import ConfigInvalid

SLICE: Final = 100
"""Records to look at in one go."""
WORTH: Final = 2
"""A page is read again when at least so many of the wanted records were last seen on it."""

FEW: Final = 5
"""So many values are found one by one, however short the list may be."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a pass through a list stands: the next page, how long the list was, its pages' size.

    There is no page after the thousandth: lists too long for small pages are read in large ones.
    """

    page: int = 1
    total: int = 0
    size: int = SLICE

    @classmethod
    def load(cls, text: str) -> Place:
        """Read a cursor; raises ConfigInvalid for a text that never was one."""
        if not text:
            return cls()
        members = text.split(":")
        if len(members) != 3 or not all(member.isdecimal() for member in members):
            raise ConfigInvalid("The stored list position cannot be read.")
        page, total, size = map(int, members)
        return cls(page, total, size)

    def dump(self) -> str:
        """Return the cursor as text."""
        return f"{self.page}:{self.total}:{self.size}"

    def after(self, found: Listed) -> Place | None:
        """Return where to go on after a page, None at the end.

        Where the list has become shorter, others have moved up to the page before: it is read once
        more.
        """
        if found.total > self.size * MOST and self.size < MOST:
            return Place(1, found.total, MOST)
        if self.total > found.total:
            before = replace(self, page=max(self.page - 1, 1), total=found.total)
            return before if found.rows or self.page > 1 else None
        return replace(self, page=self.page + 1, total=found.total) if found.more else None


class Places:
    """What one connector knows of the lists of one kind of record. `path` is that of one."""

    def __init__(self, legacy: Legacy, path: str) -> None:
        self._legacy = legacy
        self._path = path
        self._seen: dict[str, tuple[Listing, int]] = {}

    def page(self, listing: Listing, number: int) -> Listed:
        """Return one page and remember who is on it."""
        found = self._legacy.page(listing, number)
        self._seen |= {id_of(row["id"]): (listing, number) for row in found.rows}
        return found

    def read(self, ids: Sequence[str]) -> Iterator[JsonObject]:
        """Yield records as they are now: by pages where that is cheaper, else one by one."""
        wanted = set(ids)
        for listing, number in self._worthwhile(ids):
            for row in self.page(listing, number).rows:
                if id_of(row["id"]) in wanted:
                    wanted.discard(id_of(row["id"]))
                    yield row
        for asked in ids:
            if asked in wanted:
                wanted.discard(asked)
                found = self._legacy.one(self._path, asked)
                if found is not None:
                    yield found

    def _worthwhile(self, ids: Sequence[str]) -> list[tuple[Listing, int]]:
        counts: dict[tuple[Listing, int], int] = defaultdict(int)
        for asked in set(ids):
            if asked in self._seen:
                counts[self._seen[asked]] += 1
        return [place for place, count in counts.items() if count >= WORTH]


class Index:
    """Which addresses have which value: listed once, and brought up to now before every use.

    What came after is asked for by the instance's own clock (`since` makes the list of it, `clock`
    gives the time of the last answer), so it hides nothing. What it says may be over by now.
    """

    def __init__(
        self,
        places: Places,
        whole: Listing,
        since: Callable[[float], Listing],
        clock: Callable[[], float],
        value: Callable[[JsonObject], str],
    ) -> None:
        self._places, self._whole, self._since = places, whole, since
        self._clock, self._value = clock, value
        self._by_value: dict[str, set[str]] = defaultdict(set)
        self._upto = 0.0

    def pays_for(self, count: int) -> bool:
        """Tell whether so many values are cheaper to find here than one by one."""
        if self._upto:
            return count > 1
        probe = replace(self._whole, size=1)
        return count > FEW and count > self._places.page(probe, 1).total // self._whole.size + 2

    def ids_of(self, values: Collection[str]) -> list[str]:
        """Return the ids of all addresses that had one of the values at some time."""
        self._refresh()
        found = (one for value in values for one in sorted(self._by_value.get(value, ())))
        return list(dict.fromkeys(found))

    def _refresh(self) -> None:
        listing = self._since(self._upto) if self._upto else self._whole
        place: Place | None = Place(size=MOST)
        began = 0.0
        while place is not None:
            found = self._places.page(listing, place.page)
            began = began or self._clock()
            for row in found.rows:
                if held := self._value(row):
                    self._by_value[held].add(id_of(row["id"]))
            place = place.after(found)
        self._upto = began
