"""Thena as the engine sees it: accounts one by one, contacts in batches where Thena has them.

The bulk creation of contacts is not used: it answers with counts and names no ids, so a record
that exists already could not be told from a new one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Final

import requests

from integrations.connectors.auth import Vault
from integrations.connectors.budget import Budget
from integrations.connectors.outcomes import one_by_one
from integrations.connectors.thena import changes
from integrations.connectors.thena import fields as own_fields
from integrations.connectors.thena.client import LIMIT, ThenaClient
from integrations.connectors.thena.fields import (
    ACCOUNTS,
    ATTRIBUTES,
    CONTACTS,
    CUSTOM,
    STANDARD,
    JsonObject,
)
from integrations.connectors.thena.listing import Accounts, Place
from integrations.connectors.thena.payloads import (
    CUSTOM_VALUES,
    RecordReader,
    create_body,
    update_body,
)
from integrations.engine.domains import domain_of
from integrations.engine.errors import (
    ConfigInvalid,
    Duplicate,
    NotFound,
    SyncError,
    Unavailable,
)
from integrations.engine.ports import AccountInfo, CreateItem, Ensured, Outcome, UpdateItem
from integrations.engine.records import Page, Record
from integrations.engine.specs import FieldSpec, GroupSpec

UNIQUE: Final = {ACCOUNTS: "primaryDomain", CONTACTS: "email"}


class ThenaConnector:
    """One Thena organisation. Definitions of fields are loaded once per object and instance."""

    def __init__(
        self,
        vault: Vault,
        options: Mapping[str, str],
        budget: Budget,
        session: requests.Session,
    ) -> None:
        self.client = ThenaClient(vault, options, budget, session)
        self.accounts = Accounts(self.client)
        self._schemas: dict[str, Mapping[str, FieldSpec]] = {}
        self._readers: dict[tuple[str, tuple[str, ...]], RecordReader] = {}

    # ------------------------------------------------------------ account and fields

    @property
    def calls(self) -> int:
        """How many requests were sent so far."""
        return self.client.api.calls + self.client.apps.calls

    def check(self) -> AccountInfo:
        """Prove that the key may read both objects and their fields; names the organisation.

        No call of Thena's is about the organisation itself: its id stands in the definitions of
        custom fields. Where there are none, the person who connects has to know it.
        """
        for object_type in STANDARD:
            self.client.page(object_type, 1, limit=1)
        definitions = [d for kind in STANDARD for d in self.client.custom_fields(kind)]
        named = (str(d["organizationId"]) for d in definitions if d.get("organizationId"))
        told, given = next(named, ""), self.client.optional("organization_id")
        if told and given and told != given:
            raise ConfigInvalid(f"The key belongs to the Thena organisation {told}, not {given}.")
        account_id = told or given
        if not account_id:
            raise ConfigInvalid(
                "Thena does not tell which organisation the key belongs to. Enter the "
                "organisation id."
            )
        return AccountInfo(account_id, name=f"Thena organisation {account_id}")

    def describe(self, object_type: str) -> Sequence[FieldSpec]:
        """Return the live field list, always asked anew."""
        picklists = self.client.attributes(object_type)
        custom = self.client.custom_fields(object_type)
        specs = [own_fields.with_options(spec, picklists) for spec in STANDARD[object_type]]
        specs += [own_fields.field_spec(definition) for definition in custom]
        self._schemas[object_type] = {spec.name: spec for spec in specs}
        self._readers.clear()
        return specs

    def make_field(self, object_type: str, spec: FieldSpec, origin: str) -> FieldSpec:
        """Create a custom field like `spec`, or return the one made earlier for `origin`.

        Thena creates a second field of the same name without a word, so its list is asked first.
        """
        body = own_fields.new_definition(object_type, spec, origin)
        known = own_fields.earlier(self.client.custom_fields(object_type), spec, origin)
        self._schemas.pop(object_type, None)
        self._readers.clear()
        return known or own_fields.field_spec({**body, **self.client.create_custom_field(body)})

    def ensure_field(
        self, object_type: str, spec: FieldSpec, group: GroupSpec | None = None
    ) -> Ensured:
        """Create a custom field for the property of this name unless it exists."""
        known = own_fields.earlier(self.client.custom_fields(object_type), spec, spec.name)
        if known is None:
            self.make_field(object_type, spec, spec.name)
        return Ensured.REUSED if known else Ensured.CREATED

    def publish(self, event: str, payload: Mapping[str, object]) -> str:
        """Tell Thena what became of a record; returns Thena's id of the message."""
        return self.client.publish(event, payload)

    # ------------------------------------------------------------ passes

    def scan(self, object_type: str, cursor: str, fields: Sequence[str]) -> Page:
        """Return one page of live records of the list.

        Records that are deleted meanwhile can make the list skip others: the next scan has them.
        """
        place, reader = Place.load(cursor), self._reader(object_type, fields)
        found = self.client.page(object_type, place.page)
        if object_type == ACCOUNTS:
            self.accounts.saw(place.page, found)
        records = [record for record in map(reader.read, found) if not record.archived]
        following = place.after(len(found))
        after = following.dump() if following else ""
        return Page(tuple(records), after, more=following is not None)

    def changes(self, object_type: str, cursor: str, fields: Sequence[str]) -> Page:
        """Return changed records: hints about ids, not data to decide on."""
        reader = self._reader(object_type, fields)
        return changes.changed_page(self.client, reader, changes.Cursor.load(cursor))

    def changes_since(self, object_type: str, since: datetime) -> str:
        """Return the cursor that starts `changes` at an instant of Thena's clock."""
        return changes.start_at(since).dump()

    # ------------------------------------------------------------ reads by id and by value

    def fetch(
        self, object_type: str, ids: Sequence[str], fields: Sequence[str]
    ) -> Mapping[str, Record]:
        """Return current records by id; Thena merges nothing."""
        reader = self._reader(object_type, fields)
        wanted = list(filter(own_fields.is_id, dict.fromkeys(ids)))
        records = [reader.read(payload) for payload in self._payloads(object_type, wanted)]
        return {record.id: record for record in records}

    def _payloads(self, object_type: str, ids: Sequence[str]) -> Iterable[JsonObject]:
        if object_type == ACCOUNTS:
            return self.accounts.read(ids)
        starts = range(0, len(ids), LIMIT)
        pages = (self.client.by_ids(object_type, ids[at : at + LIMIT]) for at in starts)
        return (payload for page in pages for payload in page or ())

    def find(
        self, object_type: str, field_name: str, values: Sequence[str], fields: Sequence[str]
    ) -> Mapping[str, Sequence[Record]]:
        """Return live records by e-mail or domain, spelled in whatever way.

        Domains are looked up in a listing of at most a minute ago that follows our own writes;
        what it names is read again. Thena has no unique key of ours: EXTERNAL_KEY finds nothing.
        """
        if field_name != UNIQUE[object_type]:
            return {}
        reader = self._reader(object_type, fields)
        spell = _SPELLINGS[object_type]
        wanted = {value: spell(value) for value in values}
        held = self._holders(object_type, [one for one in dict.fromkeys(wanted.values()) if one])
        return {
            value: tuple(reader.read(payload) for payload in held[spelled])
            for value, spelled in wanted.items()
            if spelled in held
        }

    def _holders(self, object_type: str, values: Sequence[str]) -> dict[str, list[JsonObject]]:
        """Return the live records by what their unique field holds, in its one spelling."""
        if object_type == ACCOUNTS:
            ids = [one for value in values for one in self.accounts.with_domain(value)]
            payloads = list(self.accounts.read(list(dict.fromkeys(ids))))
        else:
            payloads = [p for value in values for p in self.client.contacts_by_email(value)]
        found: dict[str, dict[str, JsonObject]] = {}
        for payload in payloads:
            spelled = _SPELLINGS[object_type](str(payload.get(UNIQUE[object_type]) or ""))
            if spelled in values and not payload.get("deletedAt"):
                found.setdefault(spelled, {})[str(payload["id"])] = payload
        return {value: list(by_id.values()) for value, by_id in found.items()}

    # ------------------------------------------------------------ writes

    def refusal(self, object_type: str, item: CreateItem) -> SyncError | None:
        """Tell whether a value is missing that Thena needs: known before any call."""
        try:
            create_body(object_type, item)
        except SyncError as error:
            return error
        return None

    def create(self, object_type: str, items: Sequence[CreateItem]) -> Sequence[Outcome]:
        """Create records one by one; a value that is taken names the record that has it."""
        return one_by_one(((i.ref, i) for i in items), lambda item: self._create(object_type, item))

    def _create(self, object_type: str, item: CreateItem) -> Record:
        body = create_body(object_type, item)
        names = (*item.values, *self._at_hand(object_type))
        try:
            return self._stored(object_type, names, self.client.create(object_type, body))
        except Unavailable:
            self.accounts.forget()
            raise
        except Duplicate as error:
            self.accounts.forget()
            raise self._named(object_type, body, error) from None

    def _named(self, object_type: str, body: JsonObject, error: Duplicate) -> Duplicate:
        """Return the refusal with the id of the record that holds the unique value."""
        value = _SPELLINGS[object_type](str(body.get(UNIQUE[object_type]) or ""))
        held = self._holders(object_type, [value]).get(value, [])
        return Duplicate(error.detail, existing_id=str(held[0]["id"]) if len(held) == 1 else "")

    def update(self, object_type: str, items: Sequence[UpdateItem]) -> Sequence[Outcome]:
        """Change records one by one. Custom fields cost a read each: Thena may replace them all."""
        return one_by_one(((i.ref, i) for i in items), lambda item: self._update(object_type, item))

    def _update(self, object_type: str, item: UpdateItem) -> Record:
        held = None
        if any(name.startswith(CUSTOM) for name in item.values):
            current = next(iter(self._payloads(object_type, [item.id])), None)
            if current is None or current.get("deletedAt"):
                raise NotFound("Thena has no such record.")
            held = current.get(CUSTOM_VALUES)
        body = update_body(item.values, held)
        try:
            stored = self.client.update(object_type, item.id, body)
        except Unavailable:
            self.accounts.forget()
            raise
        return self._stored(object_type, item.values, stored)

    def _stored(self, object_type: str, names: Iterable[str], payload: JsonObject) -> Record:
        if object_type == ACCOUNTS:
            self.accounts.stored(payload)
        return self._reader(object_type, tuple(dict.fromkeys(names))).read(payload)

    def _at_hand(self, object_type: str) -> Iterable[str]:
        """Return the fields whose definitions are known: what a new record leaves blank counts."""
        plain = {spec.name for spec in STANDARD[object_type]} - ATTRIBUTES[object_type].keys()
        return self._schemas.get(object_type) or sorted(plain)

    def archive(self, object_type: str, ids: Sequence[str]) -> Sequence[Outcome]:
        """Delete records, softly; ids that are gone already count as done."""

        def send(record_id: str) -> Record:
            with suppress(NotFound):
                self.client.delete(object_type, record_id)
            return Record(record_id, {}, archived=True)

        return one_by_one(((record_id, record_id) for record_id in ids), send)

    # ------------------------------------------------------------ what is known of the fields

    def _reader(self, object_type: str, names: Sequence[str]) -> RecordReader:
        """Return a reader; definitions are asked for where a field needs ones not known yet."""
        key = (object_type, tuple(names))
        if key not in self._readers:
            known = self._schemas.get(object_type, {})
            listed = ATTRIBUTES[object_type]
            needed = (name for name in names if name.startswith(CUSTOM) or name in listed)
            if not all(name in known for name in needed):
                self.describe(object_type)
            schema = self._schemas.get(object_type, {})
            self._readers[key] = RecordReader.build(object_type, names, schema)
        return self._readers[key]


def _email(text: str) -> str:
    return text.strip().lower()


_SPELLINGS: Final = {ACCOUNTS: domain_of, CONTACTS: _email}
"""How the values of the unique fields are compared: Thena's own comparison is not documented."""
