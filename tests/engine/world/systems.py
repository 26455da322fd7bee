"""A fake system that lags, loses answers, truncates, normalises and merges. For tests only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from integrations.engine.errors import (
    Duplicate,
    NotFound,
    RateLimited,
    Rejected,
    ReplyLost,
    SyncError,
    Unavailable,
)
from integrations.engine.ports import (
    EXTERNAL_KEY,
    CreateItem,
    Outcome,
    UpdateItem,
)
from integrations.engine.records import BLANK, Page, Record, Side, Value, as_text, is_value
from tests.engine.world.parts import EPOCH, LAG, Faults, NotAsked, Stored

Normal = Callable[[Value], Value]


class FakeSystem(NotAsked):
    """The calls of `Connector` that the engine makes, in memory.

    `on_write` sees every write before it happens.
    """

    def __init__(
        self,
        side: Side,
        names: Sequence[str],
        faults: Faults,
        *,
        normal: Mapping[str, Normal] | None = None,
        unique: str = "",
        whole_answers: bool = True,
        readable: bool = True,
    ) -> None:
        self.side, self.names, self.faults = side, tuple(names), faults
        self.normal = normal or {}
        self.unique, self.whole_answers, self.readable = unique, whole_answers, readable
        self.rows: dict[str, Stored] = {}
        self.aliases: dict[str, str] = {}
        self.clock = self.last_number = 0
        self.writes: Counter[str] = Counter()
        self.on_write: Callable[[str, str, str, Mapping[str, Value]], int] = lambda *_: 0

    # ------------------------------------------------ what users do

    def put(self, values: Mapping[str, Value]) -> str:
        """Create a record by hand and return its id."""
        row = self._insert(values)
        return row.id

    def edit(self, record_id: str, values: Mapping[str, Value]) -> None:
        """Change a record by hand."""
        self._apply(self.rows[record_id], values)

    def merge(self, winner: str, loser: str) -> str:
        """Merge two records into a third; the winner's values count, the loser fills blanks."""
        one, two = self.rows.pop(winner), self.rows.pop(loser)
        values = {**{n: v for n, v in two.values.items() if is_value(v)}}
        values.update({n: v for n, v in one.values.items() if is_value(v)})
        row = self._insert(values)
        row.ever_blank |= one.ever_blank | two.ever_blank
        row.merged_ids = frozenset({winner, loser}) | one.merged_ids | two.merged_ids
        for old in row.merged_ids:
            self.aliases[old] = row.id
        return row.id

    def set_archived(self, record_id: str, archived: bool) -> None:
        """Delete or restore a record by hand."""
        self.rows[record_id].archived = archived
        self.rows[record_id].modified = self.clock

    def live(self) -> list[str]:
        """Return the ids of all live records."""
        return sorted(row.id for row in self.rows.values() if not row.archived)

    # ------------------------------------------------ what the engine calls

    def changes(self, object_type: str, cursor: str, fields: Sequence[str]) -> Page:
        """Return up to three records by (time, id), none newer than the lag allows."""
        time, _, last = (cursor or "0|").partition("|")
        horizon = self.clock - LAG
        rows = sorted(
            (row.modified, row.id)
            for row in self.rows.values()
            if not row.archived and (int(time), last) < (row.modified, row.id)
            if row.modified <= horizon
        )
        page = rows[:3]
        after = f"{page[-1][0]}|{page[-1][1]}" if page else cursor
        records = tuple(self._show(self.rows[i], fields) for _, i in page)
        return Page(records, after, more=len(rows) > len(page))

    def fetch(
        self, object_type: str, ids: Sequence[str], fields: Sequence[str]
    ) -> Mapping[str, Record]:
        """Return records, also by old ids; now and then an answer leaves a field out."""
        assert self.readable, "an unreadable side must not be read"
        self._before_call()
        found = {}
        for asked in ids:
            row = self.rows.get(self.aliases.get(asked, asked))
            if row is not None:
                found[asked] = self._show(row, fields)
        return found

    def find(
        self, object_type: str, field_name: str, values: Sequence[str], fields: Sequence[str]
    ) -> Mapping[str, Sequence[Record]]:
        """Return live records by a field's value or by external key."""
        self._before_call()

        def key(row: Stored) -> str:
            if field_name == EXTERNAL_KEY:
                return row.external_key
            return as_text(row.values.get(field_name, BLANK))

        wanted = {value: [r for r in self.rows.values() if key(r) == value] for value in values}
        return {
            value: [self._show(row, fields) for row in rows if not row.archived]
            for value, rows in wanted.items()
        }

    def create(self, object_type: str, items: Sequence[CreateItem]) -> Sequence[Outcome]:
        """Create records, or upsert by external key."""
        return self._each(items, self._create_one)

    def update(self, object_type: str, items: Sequence[UpdateItem]) -> Sequence[Outcome]:
        """Patch records; an id that was merged away is not found."""
        return self._each(items, self._update_one)

    def archive(self, object_type: str, ids: Sequence[str]) -> Sequence[Outcome]:
        """Archive records."""
        return self._each([UpdateItem(i, i, {}) for i in ids], self._archive_one)

    # ------------------------------------------------ inside

    def _before_call(self) -> None:
        self.faults.crash()
        if self.faults.strikes():
            raise Unavailable("The fake system is down.")

    def _each(
        self, items: Sequence, one: Callable[[CreateItem | UpdateItem], Record]
    ) -> Sequence[Outcome]:
        self._before_call()
        outcomes: list[Outcome] = []
        broken: SyncError | None = None
        for item in items:
            if broken is None and self.faults.strikes(0.5):
                broken = RateLimited("Slow down.", retry_after=1)
            if broken is not None:
                outcomes.append(Outcome(item.ref, error=broken))
                continue
            try:
                record = one(item)
            except SyncError as error:
                outcomes.append(Outcome(item.ref, error=error))
                continue
            lost = ReplyLost("The answer was lost.") if self.faults.strikes() else None
            outcomes.append(Outcome(item.ref, None if lost else record, lost))
        self.faults.crash()
        return outcomes

    def _create_one(self, item: CreateItem | UpdateItem) -> Record:
        made_for = self.on_write("create", item.ref, "", item.values)
        self._refuse(item.values)
        known = self._by_key(item.external_key)
        if known is not None:
            self._apply(known, item.values)
            return self._answer(known, item.values)
        if self.unique and is_value(value := item.values.get(self.unique, BLANK)):
            for row in self.rows.values():
                if not row.archived and row.values.get(self.unique) == value:
                    raise Duplicate("It exists already.", existing_id=row.id)
        row = self._insert(item.values)
        row.made_for, row.external_key = made_for, item.external_key
        return self._answer(row, item.values)

    def _update_one(self, item: CreateItem | UpdateItem) -> Record:
        assert isinstance(item, UpdateItem)
        self.on_write("update", item.ref, item.id, item.values)
        self._refuse(item.values)
        row = self.rows.get(item.id) if item.id else self._by_key(item.external_key)
        if row is None or row.archived:
            raise NotFound("There is no such record.")
        self._apply(row, item.values)
        return self._answer(row, item.values)

    def _archive_one(self, item: CreateItem | UpdateItem) -> Record:
        self.on_write("archive", item.ref, item.ref, {})
        self.set_archived(item.ref, True)
        return self._show(self.rows[item.ref], self.names)

    def _refuse(self, values: Mapping[str, Value]) -> None:
        if any(value == "poison" for value in values.values()):
            raise Rejected("The value is not allowed.")
        self.writes["writes"] += 1

    def _by_key(self, key: str) -> Stored | None:
        rows = (row for row in self.rows.values() if key and row.external_key == key)
        return next((row for row in rows if not row.archived), None)

    def _insert(self, values: Mapping[str, Value]) -> Stored:
        self.last_number += 1
        row = Stored(f"{self.side.value[0]}{self.last_number}", {}, self.clock)
        row.ever_blank = {name for name in self.names if name not in values}
        self.rows[row.id] = row
        self._apply(row, values)
        return row

    def _apply(self, row: Stored, values: Mapping[str, Value]) -> None:
        for name, value in values.items():
            normal = self.normal.get(name)
            row.values[name] = normal(value) if normal and is_value(value) else value
            if row.values[name] is BLANK:
                row.ever_blank.add(name)
        row.modified = self.clock

    def _answer(self, row: Stored, written: Mapping[str, Value]) -> Record:
        if not self.readable:
            return Record(row.id, {})
        names = self.names if self.whole_answers else tuple(written)
        record = self._show(row, names)
        if self.faults.strikes():
            record = replace(record, values=dict(list(record.values.items())[1:]))
        return record

    def _show(self, row: Stored, names: Sequence[str]) -> Record:
        values = {name: row.values.get(name, BLANK) for name in names}
        if self.faults.strikes():
            del values[self.faults.rng.choice(list(values))]
        return Record(
            row.id,
            values if self.readable else {},
            EPOCH + timedelta(seconds=row.modified),
            row.archived,
            row.merged_ids,
        )
