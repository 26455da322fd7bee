"""Reading and writing the two kinds of records: which calls it takes. Their JSON is elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final, Protocol

from integrations.connectors.xentral import addresses, changes, legacy, resubmissions
from integrations.connectors.xentral.addresses import AddressReader, email_of
from integrations.connectors.xentral.client import XentralClient
from integrations.connectors.xentral.fields import (
    ADDRESS_FIELDS,
    DEAL,
    RESUBMISSION_FIELDS,
    JsonObject,
)
from integrations.connectors.xentral.groups import Groups
from integrations.connectors.xentral.legacy import Legacy, Listing
from integrations.connectors.xentral.payloads import changed_at, id_of, text_of
from integrations.connectors.xentral.places import Index, Place, Places
from integrations.connectors.xentral.resubmissions import ResubmissionReader, key_of
from integrations.engine.errors import NotFound, Rejected
from integrations.engine.ports import EXTERNAL_KEY, CreateItem, UpdateItem
from integrations.engine.records import Page, Record

Found = Mapping[str, Sequence[Record]]
_ADDRESS_NAMES: Final = tuple(spec.name for spec in ADDRESS_FIELDS)
_RESUBMISSION_NAMES: Final = tuple(spec.name for spec in RESUBMISSION_FIELDS)


class Desk(Protocol):
    """What can be done with one kind of record."""

    def scan(self, cursor: str, names: Sequence[str]) -> Page:
        """Return one page of all live records."""
        ...

    def changes(self, cursor: str, names: Sequence[str]) -> Page:
        """Return one page of changed records."""
        ...

    def start(self, since: datetime) -> str:
        """Return the cursor with which `changes` starts."""
        ...

    def read(self, ids: Sequence[str], names: Sequence[str]) -> Iterable[Record]:
        """Return current records by id."""
        ...

    def find(self, name: str, values: Sequence[str], names: Sequence[str]) -> Found:
        """Return live records by what a field holds."""
        ...

    def create(self, item: CreateItem) -> Record:
        """Create one record."""
        ...

    def update(self, item: UpdateItem) -> Record:
        """Change one record."""
        ...


class AddressDesk:
    """Addresses: found by e-mail, changed with care for names, groups and "verband"."""

    def __init__(self, client: XentralClient, old: Legacy, groups: Groups) -> None:
        self.client, self._legacy, self._groups = client, old, groups
        self._places = Places(old, legacy.ADDRESSES)
        self._index = Index(
            self._places,
            Listing(legacy.ADDRESSES, size=legacy.MOST),
            self._changed_since,
            lambda: client.clock,
            email_of,
        )

    def _changed_since(self, since: float) -> Listing:
        return changes.changed_since(since - changes.OVERLAP, self.client.zone, legacy.MOST)

    def scan(self, cursor: str, names: Sequence[str]) -> Page:
        """Return one page of the list; deleted addresses are not in it."""
        if not cursor:
            self._groups.forget()
        place = Place.load(cursor)
        found = self._places.page(Listing(legacy.ADDRESSES, size=place.size), place.page)
        following = place.after(found)
        return Page(
            tuple(self._records(found.rows, names)),
            following.dump() if following else "",
            more=following is not None,
        )

    def changes(self, cursor: str, names: Sequence[str]) -> Page:
        """Return one page of addresses changed since the cursor's instant."""
        # A change of a group alone changes no address: who joined before this one did is in now.
        self._groups.forget()
        reader = AddressReader(names, self.client.zone)
        return changes.changed_addresses(self._places, reader, cursor, lambda: self.client.clock)

    def start(self, since: datetime) -> str:
        """Return the cursor that starts at an instant of the instance's clock."""
        return changes.Since(since.astimezone(UTC).timestamp()).dump()

    def read(self, ids: Sequence[str], names: Sequence[str]) -> Iterable[Record]:
        """Return current addresses by id."""
        return self._records(list(self._places.read(ids)), names)

    def _records(self, rows: Sequence[JsonObject], names: Sequence[str]) -> list[Record]:
        reader = AddressReader(names, self.client.zone)
        groups = self._groups.memberships([id_of(row["id"]) for row in rows], names)
        return [reader.read(row, groups.get(id_of(row["id"]))) for row in rows]

    def find(self, name: str, values: Sequence[str], names: Sequence[str]) -> Found:
        """Return live addresses by e-mail, spelled in whatever way; by nothing else."""
        if name != "email":
            return {}
        wanted = {value: value.strip().casefold() for value in values}
        rows = self._with_emails(sorted(set(wanted.values()) - {""}))
        records = {record.id: record for record in self._records(list(rows.values()), names)}
        found: dict[str, list[Record]] = {}
        for value, spelled in wanted.items():
            mine = [records[one] for one, row in rows.items() if email_of(row) == spelled]
            if spelled and mine:
                found[value] = mine
        return found

    def _with_emails(self, emails: Sequence[str]) -> dict[str, JsonObject]:
        if self._index.pays_for(len(emails)):
            rows: Iterable[JsonObject] = self._places.read(self._index.ids_of(emails))
        else:
            rows = (row for email in emails for row in self._by("email", email))
        return {id_of(row["id"]): row for row in rows if email_of(row) in emails}

    def _by(self, column: str, value: str) -> Sequence[JsonObject]:
        query = ((f"{column}_equals", value),)
        return self._legacy.page(Listing(legacy.ADDRESSES, query), 1).rows

    def create(self, item: CreateItem) -> Record:
        """Create an address and put it into its groups.

        Where joining fails only half of it has happened: the record says what it lacks, and the
        engine tries that again.
        """
        body = addresses.create_body(item.values)
        before = self.client.clock
        try:
            row = self._legacy.create(legacy.ADDRESS_WRITES, body)
        except Rejected:
            orphan = self._orphan(body, before)
            if orphan is None:
                raise
            row = orphan
        wishes = addresses.group_wishes(item.values)
        joined = self._groups.tried(id_of(row["id"]), wishes)
        return self._stored(row, item.values, joined)

    def _orphan(self, body: JsonObject, before: float) -> JsonObject | None:
        """Return the address that a refused create has made all the same, None for none.

        Only what nobody had found a moment ago counts: the e-mail was looked for before; a name
        proves something only with a change time after the call.
        """
        email = email_of(body)
        if email:
            rows = [row for row in self._by("email", email) if email_of(row) == email]
        else:
            name = f"{text_of(body['vorname'])} {text_of(body['nachname'])}".strip()
            rows = [row for row in self._by("name", name) if self._is_after(row, before)]
        return rows[0] if len(rows) == 1 else None

    def _is_after(self, row: JsonObject, before: float) -> bool:
        at = changed_at(row.get("logdatei"), self.client.zone)
        return at is not None and before > 0 and at.timestamp() >= int(before)

    def update(self, item: UpdateItem) -> Record:
        """Change an address; costs more than one call for names, and where a "verband" exists."""
        held = None
        if addresses.needs_held(item.values):
            held = self._whole(item.id)
        wishes = addresses.group_wishes(item.values)
        joined = self._groups.added(item.id, wishes) if wishes else None
        body = addresses.update_body(item.values, held)
        row = self._groups.change(item.id, body) if body else self._whole(item.id)
        return self._stored(row, item.values, joined)

    def _whole(self, address_id: str) -> JsonObject:
        row = self._legacy.one(legacy.ADDRESSES, address_id)
        if row is None:
            raise NotFound("Xentral has no such address.")
        return row

    def _stored(
        self, row: JsonObject, names: Iterable[str], joined: Mapping[str, bool] | None
    ) -> Record:
        every = tuple(dict.fromkeys((*names, *_ADDRESS_NAMES)))
        return AddressReader(every, self.client.zone).read(row, joined)

    def employees(self) -> Sequence[JsonObject]:
        """Return the addresses of employees."""
        query = legacy.where("mitarbeiternummer", "not", "")
        rows = self._legacy.every(Listing(legacy.ADDRESSES, query, legacy.MOST))
        return [row for row in rows if text_of(row.get("mitarbeiternummer"))]


class ResubmissionDesk:
    """Resubmissions: found by our key in their description, never deleted."""

    def __init__(self, client: XentralClient, old: Legacy) -> None:
        self.client, self._legacy = client, old
        self._places = Places(old, legacy.RESUBMISSIONS)

    def scan(self, cursor: str, names: Sequence[str]) -> Page:
        """Return one page of the list."""
        place = Place.load(cursor)
        found = self._places.page(Listing(legacy.RESUBMISSIONS, size=place.size), place.page)
        following = place.after(found)
        reader = self._reader(names)
        return Page(
            tuple(map(reader.read, found.rows)),
            following.dump() if following else "",
            more=following is not None,
        )

    def changes(self, cursor: str, names: Sequence[str]) -> Page:
        """Return the next resubmissions that are not as they were in the last pass."""
        return changes.changed_resubmissions(self._places, self._reader(names), cursor)

    def start(self, since: datetime) -> str:
        """Return a cursor that knows none: nothing says when one was changed."""
        return changes.Compared().dump()

    def read(self, ids: Sequence[str], names: Sequence[str]) -> Iterable[Record]:
        """Return current resubmissions by id."""
        return map(self._reader(names).read, self._places.read(ids))

    def find(self, name: str, values: Sequence[str], names: Sequence[str]) -> Found:
        """Return resubmissions by our key or the deal in it: all are listed, for want of a filter.

        For a hundred new deals that is one call per thousand resubmissions.
        """
        if name not in (EXTERNAL_KEY, DEAL) or not values:
            return {}
        found: dict[str, list[Record]] = {}
        reader = self._reader(names)
        for row in self._legacy.every(Listing(legacy.RESUBMISSIONS, size=legacy.MOST)):
            key = key_of(row) if name == EXTERNAL_KEY else key_of(row).rpartition(" ")[2]
            if key in values:
                found.setdefault(key, []).append(reader.read(row))
        return found

    def create(self, item: CreateItem) -> Record:
        """Create a resubmission whose description begins with our key."""
        body = resubmissions.create_body(
            item.values, item.external_key, self._now(), self.client.zone
        )
        row = self._legacy.create(legacy.RESUBMISSIONS, body)
        return self._reader((*item.values, *_RESUBMISSION_NAMES)).read(row)

    def update(self, item: UpdateItem) -> Record:
        """Change a resubmission; it is read first, as a PUT must repeat some of it."""
        held = self._legacy.one(legacy.RESUBMISSIONS, item.id)
        if held is None:
            raise NotFound("Xentral has no such resubmission.")
        body = resubmissions.update_body(item.values, held, self._now(), self.client.zone)
        row = self._legacy.update(legacy.RESUBMISSIONS, item.id, body)
        stored = self._reader((*item.values, *_RESUBMISSION_NAMES)).read({**held, **row})
        return replace(stored, id=item.id)

    def _reader(self, names: Iterable[str]) -> ResubmissionReader:
        return ResubmissionReader(tuple(dict.fromkeys(names)), self.client.zone)

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self.client.clock, UTC) if self.client.clock else _today()


def _today() -> datetime:
    return datetime.now(UTC)
