"""The records of one object type in one account: storage, order, unique values, old ids.

No validation, no events, no HTTP.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from integrations.connectors.sandbox_kit import JsonObject

FIRST_ID = 106_300_000_001
"""Every account starts here: two accounts do return the same record id."""


class Source(NamedTuple):
    """Who made a change, in the words of property history and webhooks."""

    kind: str
    id: str
    label: str = ""


class Change(NamedTuple):
    """One write: when (epoch ms), by whom, and the values it set ("" where it cleared)."""

    at: int
    source: Source
    values: dict[str, str]


@dataclass(slots=True)
class Record:
    """One record. `properties` is never changed in place, so that copies of it are free.

    Times are epoch milliseconds; `log` holds every write, oldest first.
    """

    id: int
    properties: dict[str, str]
    created: int
    updated: int
    archived: int | None = None
    log: list[Change] = field(default_factory=list)

    def get(self, name: str) -> str:
        """Return a value, "" where there is none."""
        return self.properties.get(name, "")


class RecordStore:
    """All records of one type: live, archived, and the ids that were merged away."""

    records: dict[int, Record]
    live: list[int]
    archived: list[int]
    aliases: dict[int, int]
    unique: dict[str, dict[str, int]]

    def __init__(self) -> None:
        self._start(FIRST_ID)

    def _start(self, next_id: int) -> None:
        self.records, self.aliases, self.unique = {}, {}, {}
        self.live, self.archived = [], []
        self._next = next_id

    def new_id(self) -> int:
        """Return an id that no record of this type had before."""
        self._next += 1
        return self._next - 1

    def resolve(self, record_id: int) -> int:
        """Return the id that answers for an old id today, through any chain of merges."""
        while record_id in self.aliases:
            record_id = self.aliases[record_id]
        return record_id

    def find(self, record_id: int, *, archived: bool = False) -> Record | None:
        """Return a record by its present or an old id, live or archived as asked."""
        record = self.records.get(self.resolve(record_id))
        if record is None or (record.archived is not None) != archived:
            return None
        return record

    def page(self, after: int, limit: int, *, archived: bool) -> tuple[list[Record], int | None]:
        """Return `limit` records with ids from `after` on, and where the next page starts."""
        order = self.archived if archived else self.live
        start = bisect_left(order, after)
        found = [self.records[record_id] for record_id in order[start : start + limit]]
        more = start + limit < len(order)
        return found, order[start + limit] if more else None

    def add(self, record: Record) -> None:
        """Store a new or restored record and claim its unique values."""
        self.records[record.id] = record
        order = self.live if record.archived is None else self.archived
        if not order or order[-1] < record.id:
            order.append(record.id)
        else:
            insort(order, record.id)
        if record.archived is None:
            self._claim(record)

    def remove(self, record: Record) -> None:
        """Take a record out and set its unique values free; it may be added again."""
        order = self.live if record.archived is None else self.archived
        del order[bisect_left(order, record.id)]
        del self.records[record.id]
        self._release(record)

    def replace(self, record: Record, properties: dict[str, str]) -> None:
        """Give a live record new properties and keep the unique values in step."""
        self._release(record)
        record.properties = properties
        self._claim(record)

    def owner_of(self, name: str, value: str) -> int | None:
        """Return the live record that holds a unique value."""
        return self.unique.get(name, {}).get(value)

    def watch(self, names: Iterable[str]) -> None:
        """Index these properties as unique, and no others."""
        self.unique = {name: {} for name in names}
        for record_id in self.live:
            self._claim(self.records[record_id])

    def _claim(self, record: Record) -> None:
        for name, index in self.unique.items():
            for value in unique_values(name, record.properties):
                index[value] = record.id

    def _release(self, record: Record) -> None:
        for name, index in self.unique.items():
            for value in unique_values(name, record.properties):
                if index.get(value) == record.id:
                    del index[value]

    def dump(self) -> JsonObject:
        """Return the state as JSON-able data."""
        return {
            "next": self._next,
            "aliases": list(self.aliases.items()),
            "records": [
                [r.id, r.properties, r.created, r.updated, r.archived, r.log]
                for r in self.records.values()
            ],
        }

    def load(self, state: JsonObject, unique: Iterable[str]) -> None:
        """Replace the state by one that `dump` returned."""
        self._start(state["next"])
        self.watch(unique)
        self.aliases = dict(state["aliases"])
        for record_id, properties, created, updated, archived, log in state["records"]:
            changes = [Change(at, Source(*source), values) for at, source, values in log]
            self.add(Record(record_id, properties, created, updated, archived, changes))


def unique_values(name: str, properties: dict[str, str]) -> list[str]:
    """Return the values a record claims; an e-mail also claims the additional addresses."""
    value = properties.get(name, "")
    if name != "email":
        return [value] if value else []
    more = properties.get("hs_additional_emails", "")
    return [address for address in (value, *more.split(";")) if address]
