"""Writing records in batches: one result each, read back as they are stored. Decides nothing.

A batch is no transaction (devguide "SaveResult", read 2026-11-20): every item is looked at. What
a write answers is an id, so what is stored takes another read.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from integrations.connectors.magentrix import errors, meql
from integrations.connectors.magentrix.client import MagentrixClient
from integrations.connectors.magentrix.fields import (
    CONTACT,
    FILLED,
    LAST_NAME,
    Column,
    JsonObject,
)
from integrations.connectors.magentrix.payloads import ID, body_of, create_body
from integrations.connectors.magentrix.reading import Reading
from integrations.connectors.magentrix.schema import Schemas
from integrations.connectors.outcomes import not_attempted
from integrations.engine.errors import (
    Duplicate,
    NotFound,
    Rejected,
    ReplyLost,
    Scope,
    SyncError,
    Unavailable,
)
from integrations.engine.ports import EXTERNAL_KEY, CreateItem, Outcome, UpdateItem
from integrations.engine.records import BLANK, FieldType, Record, Value, is_value

MOST: Final[Mapping[str, int]] = {"PUT": 399, "POST": 399, "PATCH": 399, "DELETE": 200}
"""Records of one call: below the vendor's advice (1,000 and 400); 200 is the limit of deletes."""
MOST_BYTES: Final = 18_000_000
"""Of one call's body; Magentrix takes 20 MB."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """One record of a write: its `ref`, and what is sent of it (an id, to delete)."""

    ref: str
    body: JsonObject | str

    @property
    def values(self) -> Iterable[object]:
        """Return what no message may repeat."""
        return self.body.values() if isinstance(self.body, dict) else (self.body,)


class Writing:
    """The writes of one portal."""

    def __init__(self, client: MagentrixClient, schemas: Schemas, reading: Reading) -> None:
        self._client, self._schemas, self._reading = client, schemas, reading

    def create(self, entity: str, items: Sequence[CreateItem]) -> list[Outcome]:
        """Create records, those with our key by an upsert that cannot make doubles."""
        if not items:
            return []
        link = self._schemas.link(entity).wire if any(i.external_key for i in items) else ""
        schema = self._schema(entity, items)
        done: dict[str, str | SyncError] = {}
        keyed: list[Parcel] = []
        plain: list[Parcel] = []
        for item in items:
            try:
                body = create_body(entity, item.values, item.external_key, schema)
            except SyncError as error:
                done[item.ref] = error
            else:
                (keyed if item.external_key else plain).append(Parcel(item.ref, body))
        done |= self.send("PUT", entity, keyed, link)
        done |= self.send("POST", entity, plain)
        for item in items:
            refused = done[item.ref]
            if isinstance(refused, Duplicate) and item.external_key:
                done[item.ref] = self._named(entity, item.external_key, refused)
        sent = {item.ref: item.values for item in items}
        return self._outcomes(entity, sent, done, tuple(schema))

    def update(self, entity: str, items: Sequence[UpdateItem]) -> list[Outcome]:
        """Change the named fields of records and nothing else."""
        if not items:
            return []
        schema = self._schema(entity, items)
        done: dict[str, str | SyncError] = {}
        parcels = []
        for item in items:
            try:
                body = {ID: item.id, **_patch(entity, item.values, schema)}
            except SyncError as error:
                done[item.ref] = error
            else:
                parcels.append(Parcel(item.ref, body))
        done |= self.send("PATCH", entity, parcels)
        sent = {item.ref: item.values for item in items}
        names = tuple(name for item in items for name in item.values)
        outcomes = self._outcomes(entity, sent, done, names)
        return self._emptied(entity, items, outcomes, schema)

    def _schema(
        self, entity: str, items: Sequence[CreateItem | UpdateItem]
    ) -> Mapping[str, Column]:
        """Return the fields, asked for anew where one is written that is not known."""
        schema = self._schemas.of(entity)
        if any(name not in schema for item in items for name in item.values):
            schema = self._schemas.of(entity, fresh=True)
        return schema

    def archive(self, entity: str, ids: Sequence[str]) -> list[Outcome]:
        """Delete records, softly; those that are gone already count as done.

        Whether a refusal means that is asked: its words are not believed.
        """
        parcels = [Parcel(one, one) for one in dict.fromkeys(ids) if meql.is_id(one)]
        done = self.send("DELETE", entity, parcels)
        refused = [one for one, error in done.items() if isinstance(error, Rejected)]
        gone = self._gone(entity, refused)
        outcomes = []
        for one in ids:
            failed = done.get(one)
            missing = isinstance(failed, NotFound) or one in gone
            if isinstance(failed, SyncError) and not missing:
                outcomes.append(Outcome(one, error=failed))
            else:
                outcomes.append(Outcome(one, Record(one, {}, archived=True)))
        return outcomes

    def _gone(self, entity: str, ids: Sequence[str]) -> set[str]:
        """Return which records do not live any more; none where that cannot be read now."""
        if not ids:
            return set()
        try:
            live = self._reading.fetch(entity, ids, self._reading.reader(entity, ()))
        except SyncError:
            return set()
        return {one for one in ids if one not in live or live[one].archived}

    # ------------------------------------------------------------ one kind of call

    def send(
        self, method: str, entity: str, parcels: Sequence[Parcel], unique: str = ""
    ) -> dict[str, str | SyncError]:
        """Send parcels and return by `ref` the record's id, or what went wrong with it.

        A batch that is refused as a whole is sent record by record. After an error that concerns
        everything nothing more is sent.
        """
        done: dict[str, str | SyncError] = {}
        waiting = deque(_batches(parcels, MOST[method]))
        broken: SyncError | None = None
        while waiting:
            some = waiting.popleft()
            if broken is not None:
                done |= {parcel.ref: broken for parcel in some}
                continue
            try:
                results = self._client.write(method, entity, [p.body for p in some], unique)
            except SyncError as error:
                if error.scope is Scope.RECORD and len(some) > 1:
                    waiting.extendleft([parcel] for parcel in reversed(some))
                    continue
                done |= {parcel.ref: error for parcel in some}
                broken = not_attempted(error) if error.scope is not Scope.RECORD else None
            else:
                done |= self._judged(entity, some, results)
        if any(isinstance(error, Unavailable) for error in done.values()):
            self._reading.forget()
        return done

    def _judged(
        self, entity: str, parcels: Sequence[Parcel], results: Sequence[JsonObject]
    ) -> Iterator[tuple[str, str | SyncError]]:
        names = {c.wire.lower(): name for name, c in self._schemas.known(entity).items()}
        for parcel, result in zip(parcels, results, strict=True):
            named = result.get("id")
            if result.get("success") is not True:
                yield parcel.ref, errors.item_error(result, names, parcel.values)
            elif not named:
                yield parcel.ref, ReplyLost("Magentrix reported success, but named no record.")
            else:
                yield parcel.ref, str(named)

    def _named(self, entity: str, key: str, error: Duplicate) -> Duplicate:
        """Return the refusal with the id of the record that holds our key, if one does."""
        held = self._reading.find(entity, EXTERNAL_KEY, [key], ()).get(key, ())
        existing = held[0].id if len(held) == 1 else ""
        return Duplicate(error.detail, existing_id=existing, fields=error.fields)

    # ------------------------------------------------------------ what was stored

    def _outcomes(
        self,
        entity: str,
        sent: Mapping[str, Mapping[str, Value]],
        done: Mapping[str, str | SyncError],
        names: Sequence[str],
    ) -> list[Outcome]:
        ids = [found for found in done.values() if isinstance(found, str)]
        stored = self._stored(entity, ids, names)
        outcomes = []
        for ref in sent:
            found = done[ref]
            if isinstance(found, SyncError):
                outcomes.append(Outcome(ref, error=found))
            else:
                outcomes.append(Outcome(ref, stored.get(found) or Record(found, {})))
        return outcomes

    def _stored(
        self, entity: str, ids: Sequence[str], names: Sequence[str]
    ) -> Mapping[str, Record]:
        """Return records as stored; nothing where they cannot be read now: the write stands."""
        if not ids:
            return {}
        try:
            found = self._reading.fetch(entity, ids, self._reading.reader(entity, names))
        except SyncError:
            return {}
        for record in found.values():
            self._reading.stored(entity, record)
        return found

    def _emptied(
        self,
        entity: str,
        items: Sequence[UpdateItem],
        outcomes: list[Outcome],
        schema: Mapping[str, Column],
    ) -> list[Outcome]:
        """Send "" where null did not empty a text: which of the two does is not documented."""
        again = []
        for item, outcome in zip(items, outcomes, strict=True):
            record = outcome.record
            full = [
                name
                for name, value in item.values.items()
                if record is not None
                and value is BLANK
                and is_value(record.get(name))
                and schema[name].spec.type is FieldType.TEXT
            ]
            if full:
                body: JsonObject = {ID: item.id, **{schema[name].wire: "" for name in full}}
                again.append((item, Parcel(item.ref, body)))
        if not again:
            return outcomes
        done = self.send("PATCH", entity, [parcel for _item, parcel in again])
        sent = {item.ref: item.values for item, _parcel in again}
        names = tuple(name for item, _parcel in again for name in item.values)
        better = {o.ref: o for o in self._outcomes(entity, sent, done, names) if o.record}
        return [better.get(each.ref, each) for each in outcomes]


def _patch(entity: str, values: Mapping[str, Value], schema: Mapping[str, Column]) -> JsonObject:
    """Return what to change. A last name that is written is no made-up one any more."""
    body = body_of(values, schema)
    if entity == CONTACT and LAST_NAME in values and FILLED in schema:
        body[schema[FILLED].wire] = None
    return body


def _batches(parcels: Sequence[Parcel], most: int) -> Iterator[list[Parcel]]:
    """Cut parcels into what one call carries."""
    some: list[Parcel] = []
    weight = 0
    for parcel in parcels:
        size = len(json.dumps(parcel.body)) + 2
        if some and (len(some) == most or weight + size > MOST_BYTES):
            yield some
            some, weight = [], 0
        some.append(parcel)
        weight += size
    if some:
        yield some
