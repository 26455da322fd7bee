"""Reading records by id, by our key and by what people typed. Writes nothing.

What people typed never enters a query, except plain e-mail addresses: names, web addresses and odd
e-mails are looked up in a list of that one field, at most a minute old and in step with our own
writes; what it lacks is asked for among what changed since. What the list names is read again, so
it only says where to look.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from integrations.connectors.magentrix import meql, paging
from integrations.connectors.magentrix.client import MagentrixClient
from integrations.connectors.magentrix.fields import EMAIL, Column, JsonObject
from integrations.connectors.magentrix.payloads import CREATED, ID, RecordReader
from integrations.connectors.magentrix.schema import Schemas
from integrations.engine.domains import domain_of
from integrations.engine.ports import EXTERNAL_KEY
from integrations.engine.records import Record

KEEP_SECONDS: Final = 60.0
LISTED: Final = 5000
"""Rows of one query of a list that holds one field; Magentrix shows 10,000 at most."""


@dataclass(slots=True)
class _List:
    """Which records held which value of one field, in its one spelling.

    `newer` is where reading what has changed since goes on.
    """

    column: Column
    built: float
    newer: paging.Cursor
    ids: dict[str, set[str]] = field(default_factory=dict)

    def put(self, raw: object, record_id: str) -> None:
        spelled = spelling(self.column)(str(raw or ""))
        if spelled:
            self.ids.setdefault(spelled, set()).add(record_id)

    def put_all(self, rows: Iterable[JsonObject]) -> None:
        for row in rows:
            self.put(row.get(self.column.wire), str(row[ID]))


class Reading:
    """The reads of one portal. `clock` gives seconds, for ageing only."""

    def __init__(
        self,
        client: MagentrixClient,
        schemas: Schemas,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client, self._schemas, self._clock = client, schemas, clock
        self._lists: dict[tuple[str, str], _List] = {}
        self._readers: dict[tuple[str, tuple[str, ...]], tuple[Mapping[str, Column], RecordReader]]
        self._readers = {}

    def reader(self, entity: str, names: Iterable[str]) -> RecordReader:
        """Return a reader; definitions are asked for anew where a field is not known."""
        wanted = tuple(names)
        schema = self._schemas.of(entity)
        known = self._readers.get((entity, wanted))
        if known is not None and known[0] is schema:
            return known[1]
        if any(name not in schema for name in wanted):
            schema = self._schemas.of(entity, fresh=True)
        reader = RecordReader.build(entity, wanted, schema)
        self._readers[entity, wanted] = schema, reader
        return reader

    def fetch(self, entity: str, ids: Sequence[str], reader: RecordReader) -> dict[str, Record]:
        """Return live records by id. Magentrix merges nothing; deleted ones answer no query."""
        rows = self._by_ids(entity, ids, reader.columns)
        return {record.id: record for record in map(reader.read, rows)}

    def _by_ids(
        self, entity: str, ids: Sequence[str], columns: Sequence[str]
    ) -> Iterator[JsonObject]:
        wanted = list(filter(meql.is_id, dict.fromkeys(ids)))
        return self._matching(entity, [meql.equal(ID, one) for one in wanted], columns)

    def _matching(
        self, entity: str, conditions: Sequence[str], columns: Sequence[str]
    ) -> Iterator[JsonObject]:
        for some in meql.portions(conditions):
            text = meql.select(entity, columns, where=meql.any_of(some))
            yield from self._client.query(text)[0]

    # ------------------------------------------------------------ by value

    def find(
        self, entity: str, field_name: str, values: Sequence[str], fields: Sequence[str]
    ) -> Mapping[str, Sequence[Record]]:
        """Return live records whose field equals a value, in whatever spelling.

        Domains are compared as domains, other texts without capitals and outer blanks; our own key
        exactly. A field that the portal lacks finds nothing.
        """
        by_key = field_name == EXTERNAL_KEY
        schema = self._schemas.of(entity)
        column = self._schemas.link(entity) if by_key else schema.get(field_name)
        if column is None:
            return {}
        spell = str.strip if by_key else spelling(column)
        asked = {value: spell(value) for value in values}
        wanted = [one for one in dict.fromkeys(asked.values()) if one]
        reader = self.reader(entity, fields)
        columns = list(dict.fromkeys([*reader.columns, column.wire]))
        held: dict[str, dict[str, Record]] = {}
        for row in self._rows(entity, field_name, column, wanted, columns):
            record = reader.read(row)
            if not record.archived:
                spelled = spell(str(row.get(column.wire) or ""))
                held.setdefault(spelled, {})[record.id] = record
        return {value: tuple(held[s].values()) for value, s in asked.items() if s in held}

    def _rows(
        self,
        entity: str,
        field_name: str,
        column: Column,
        wanted: Sequence[str],
        columns: Sequence[str],
    ) -> Iterator[JsonObject]:
        """Return the rows of records that may hold one of the values."""
        if field_name == EXTERNAL_KEY:
            keys = [meql.equal(column.wire, key) for key in wanted if meql.is_key(key)]
            yield from self._matching(entity, keys, columns)
            return
        plain = [each for each in wanted if column.name == EMAIL and meql.is_plain_email(each)]
        emails = [meql.equal_email(column.wire, each) for each in plain]
        yield from self._matching(entity, emails, columns)
        odd = [each for each in wanted if each not in plain]
        if odd:
            known = self._up_to_date(entity, column, odd).ids
            ids = sorted({one for value in odd for one in known.get(value, ())})
            yield from self._by_ids(entity, ids, columns)

    # ------------------------------------------------------------ lists of one field

    def _list(self, entity: str, column: Column) -> _List:
        key = entity, column.name
        known = self._lists.get(key)
        if known is None or self._clock() - known.built > KEEP_SECONDS:
            built, names, first = self._clock(), [ID, column.wire, CREATED], paging.Place()
            rows, after = paging.every(self._client, entity, names, first, LISTED)
            start = datetime.fromtimestamp(self._client.clock, UTC) - paging.OVERLAP
            known = _List(column, built, paging.start_at(start))
            known.put_all(rows)
            while after is not None:
                rows, after = paging.every(self._client, entity, names, after, LISTED)
                known.put_all(rows)
            self._lists[key] = known
        return known

    def _up_to_date(self, entity: str, column: Column, wanted: Sequence[str]) -> _List:
        """Return a field's list, with what changed since if it lacks one of the values.

        A record that somebody has just made must not be made a second time.
        """
        known = self._list(entity, column)
        more = any(value not in known.ids for value in wanted)
        while more:
            rows, known.newer, more = paging.changed(
                self._client, entity, [ID, column.wire], known.newer
            )
            known.put_all(rows)
        return known

    def stored(self, entity: str, record: Record) -> None:
        """Keep the lists in step with a write of our own."""
        for (listed, name), known in self._lists.items():
            if listed == entity and isinstance(record.get(name), str):
                known.put(record.get(name), record.id)

    def forget(self) -> None:
        """Drop the lists: a write may have happened that they do not hold."""
        self._lists.clear()


def spelling(column: Column) -> Callable[[str], str]:
    """Return how values of a field are compared."""
    return domain_of if column.name == "Website" or column.spec.style == "url" else _tidied


def _tidied(text: str) -> str:
    return " ".join(text.split()).casefold()
