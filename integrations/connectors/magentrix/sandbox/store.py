"""The rows of one entity and the indexes that keep queries short. No rules, no requests."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable
from dataclasses import dataclass, field

from integrations.connectors.sandbox_kit import JsonObject


@dataclass(slots=True)
class Store:
    """Rows by id, deleted ones too. `live` is sorted; `recent` holds live ids by ModifiedOn.

    `unique` maps each unique field to its values (without regard to case) and their live rows.
    `made` counts every row there ever was.
    """

    rows: dict[str, JsonObject] = field(default_factory=dict)
    live: list[str] = field(default_factory=list)
    recent: dict[str, None] = field(default_factory=dict)
    unique: dict[str, dict[str, set[str]]] = field(default_factory=dict)
    made: int = 0

    def get(self, record_id: object) -> JsonObject | None:
        """Return a live row."""
        return self.rows[str(record_id)] if record_id in self.recent else None

    def holders(self, name: str, value: object) -> set[str]:
        """Return the live rows with a value in a unique field."""
        return self.unique[name].get(_key(value), set())

    def put(self, row: JsonObject) -> None:
        """Store a row that was just modified, new or changed, live or deleted."""
        record_id = row["Id"]
        self._forget(record_id)
        self.rows[record_id] = row
        if row["IsDeleted"]:
            return
        if not self.live or self.live[-1] < record_id:
            self.live.append(record_id)
        else:
            insort(self.live, record_id)
        self.recent[record_id] = None
        for name, values in self.unique.items():
            if row.get(name) is not None:
                values.setdefault(_key(row[name]), set()).add(record_id)

    def redate(self, record_id: str, moment: str) -> None:
        """Let a live row bear an earlier instant, and put it in its place among the others."""
        row = self.rows[record_id]
        row |= {"ModifiedOn": moment, "CreatedOn": min(row["CreatedOn"], moment)}
        order = sorted(self.recent, key=lambda each: str(self.rows[each]["ModifiedOn"]))
        self.recent = dict.fromkeys(order)

    def erase(self, record_id: str) -> None:
        """Forget a row for good."""
        self._forget(record_id)
        del self.rows[record_id]

    def index(self, name: str) -> None:
        """Keep an index of a field that is unique from now on; rows may already share values."""
        values: dict[str, set[str]] = {}
        for record_id in self.live:
            value = self.rows[record_id].get(name)
            if value is not None:
                values.setdefault(_key(value), set()).add(record_id)
        self.unique[name] = values

    def all(self) -> Iterable[JsonObject]:
        """Return the live rows in order of their ids."""
        return (self.rows[record_id] for record_id in self.live)

    def since(self, moment: str, *, strictly: bool = False) -> list[str]:
        """Return the live ids modified from an instant (as stored) on, or after it, in order."""

        def modified(record_id: str) -> str:
            return str(self.rows[record_id]["ModifiedOn"])

        ids = list(self.recent)
        cut = bisect_right if strictly else bisect_left
        return ids[cut(ids, moment, key=modified) :]

    def beyond(self, record_id: str, *, strictly: bool = False) -> list[str]:
        """Return the live ids from an id on, or after it, in order."""
        cut = bisect_right if strictly else bisect_left
        return self.live[cut(self.live, record_id) :]

    def dump(self) -> list[JsonObject]:
        """Return every row in the order in which they were modified."""
        return sorted(self.rows.values(), key=lambda row: str(row["ModifiedOn"]))

    def _forget(self, record_id: str) -> None:
        if record_id not in self.recent:
            return
        del self.recent[record_id]
        del self.live[bisect_right(self.live, record_id) - 1]
        before = self.rows[record_id]
        for name, values in self.unique.items():
            if before.get(name) is not None:
                held = values[_key(before[name])]
                held.discard(record_id)
                if not held:
                    del values[_key(before[name])]


def _key(value: object) -> str:
    return str(value).casefold()
