"""The delayed copy of the records that search looks at.

No query language here; `search` reads it. The copy lags behind the records, unevenly if the
behaviour says so: HubSpot docs, "search the CRM", 2026-03-30, and reports of up to 30 seconds.
"""

import heapq
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from .behaviour import Behaviour
from .records import Record


class Entry(NamedTuple):
    """A record as search knows it; times are epoch milliseconds."""

    properties: dict[str, str]
    created: int
    updated: int


class SearchIndex:
    """Records by id as of some moments ago.

    `found` remembers the ids of queries until the next change, so that paging is cheap.
    """

    entries: dict[int, Entry]
    found: dict[str, list[int]]
    _pending: list[tuple[int, int, int, Entry | None]]
    _timeline: list[tuple[int, int]]

    def __init__(self, behaviour: Behaviour) -> None:
        self._behaviour = behaviour
        self._sequence = 0
        self._sorted = True
        self.rebuild(())

    def put(self, record: Record, now: int) -> None:
        """Let search see a changed record after its lag."""
        entry = Entry(record.properties, record.created, record.updated)
        self._schedule(record.id, entry, now)

    def drop(self, record_id: int, now: int) -> None:
        """Let search lose a record after its lag."""
        self._schedule(record_id, None, now)

    def rebuild(self, records: Iterable[Record]) -> None:
        """Start again from these records, without lag."""
        self.entries, self.found = {}, {}
        self._pending, self._timeline = [], []
        for record in records:
            self._apply(record.id, Entry(record.properties, record.created, record.updated))

    def catch_up(self, now: int) -> None:
        """Make every change visible whose lag is over."""
        pending = self._pending
        while pending and pending[0][0] <= now:
            _, _, record_id, entry = heapq.heappop(pending)
            self._apply(record_id, entry)

    def between(self, first: int, last: int) -> Iterator[int]:
        """Yield ids by their modified instant, both ends included, oldest first."""
        self._order()
        entries = self.entries
        for index in range(bisect_left(self._timeline, (first, 0)), len(self._timeline)):
            at, record_id = self._timeline[index]
            if at > last:
                return
            entry = entries.get(record_id)
            if entry is not None and entry.updated == at:
                yield record_id

    def _schedule(self, record_id: int, entry: Entry | None, now: int) -> None:
        self._sequence += 1
        due = now + self._lag(record_id)
        heapq.heappush(self._pending, (due, self._sequence, record_id, entry))

    def _lag(self, record_id: int) -> int:
        low, high = self._behaviour.search_lag
        if low == high:
            return round(low * 1000)
        spread = ((record_id + self._behaviour.search_seed) * 2_654_435_761 >> 7) % 1000 / 1000
        return round((low + (high - low) * spread) * 1000)

    def _apply(self, record_id: int, entry: Entry | None) -> None:
        self.found.clear()
        if entry is None:
            self.entries.pop(record_id, None)
            return
        self.entries[record_id] = entry
        place = (entry.updated, record_id)
        if self._timeline and place == self._timeline[-1]:
            return  # changed again in the same millisecond
        if self._timeline and place < self._timeline[-1]:
            self._sorted = False
        self._timeline.append(place)

    def _order(self) -> None:
        """Sort late arrivals in and drop places that records have left."""
        if len(self._timeline) > 2 * len(self.entries) + 1000:
            self._timeline = [(e.updated, record_id) for record_id, e in self.entries.items()]
            self._sorted = False
        if not self._sorted:
            self._timeline = sorted(set(self._timeline))
            self._sorted = True
