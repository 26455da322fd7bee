"""HubSpot as the engine sees it: reads that follow merges, writes with one outcome per item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import requests

from integrations.connectors.auth import Vault
from integrations.connectors.budget import Budget
from integrations.connectors.hubspot import (
    associations,
    directory,
    metadata,
    permissions,
    search,
    stages,
)
from integrations.connectors.hubspot import fields as own_fields
from integrations.connectors.hubspot import history as past
from integrations.connectors.hubspot.client import HubSpotClient
from integrations.connectors.hubspot.definitions import field_spec
from integrations.connectors.hubspot.lookup import Lookup
from integrations.connectors.hubspot.payloads import JsonObject, batches
from integrations.connectors.hubspot.pushdown import Group, groups_of
from integrations.connectors.hubspot.records import RecordReader, merged_ids
from integrations.connectors.hubspot.spec import SYNC_KEY
from integrations.connectors.hubspot.writes import Writer
from integrations.engine.errors import ConfigInvalid
from integrations.engine.extras import PastValue, Person
from integrations.engine.filters import Filter
from integrations.engine.ports import (
    EXTERNAL_KEY,
    AccountInfo,
    CreateItem,
    Ensured,
    Outcome,
    UpdateItem,
)
from integrations.engine.records import Page, Record
from integrations.engine.specs import FieldSpec, GroupSpec, Option


class HubSpotConnector:
    """One HubSpot account. Property definitions are loaded once per object type and instance."""

    def __init__(
        self,
        vault: Vault,
        options: Mapping[str, str],
        budget: Budget,
        session: requests.Session,
    ) -> None:
        self.client = HubSpotClient(vault, options, budget, session)
        self._app_id = options.get("HUBSPOT_APP_ID", "")
        self._schemas: dict[str, Mapping[str, FieldSpec]] = {}
        self._readers: dict[tuple[str, tuple[str, ...]], RecordReader] = {}

    # ------------------------------------------------------------ account and fields

    @property
    def calls(self) -> int:
        """How many requests were sent so far."""
        return self.client.api.calls

    def check(self) -> AccountInfo:
        """Prove that the access works; raises AuthFailed or MissingScope."""
        return metadata.account(self.client)

    def permitted(self, scopes: Sequence[str]) -> Sequence[str]:
        """Return those of the scopes that a service key has, by harmless calls."""
        return permissions.granted(self.client, scopes)

    def describe(self, object_type: str) -> Sequence[FieldSpec]:
        """Return the live field list, always asked anew, and the pseudo-fields."""
        found = metadata.properties(self.client, object_type)
        specs = [field_spec(definition) for definition in found]
        if object_type == stages.STAGED:
            specs = stages.with_stage(specs, metadata.pipelines(self.client, object_type))
        specs += associations.field_specs(object_type)
        self.learn(object_type, specs)
        return specs

    def learn(self, object_type: str, specs: Sequence[FieldSpec]) -> None:
        """Take definitions that an earlier `describe` returned, to save asking for them."""
        self._schemas[object_type] = {spec.name: spec for spec in specs}
        self._readers.clear()

    def ensure_field(
        self, object_type: str, spec: FieldSpec, group: GroupSpec | None = None
    ) -> Ensured:
        """Create the property and its group unless they exist; raises ConfigInvalid."""
        result = own_fields.ensure_field(self.client, object_type, spec, group)
        self._schemas.pop(object_type, None)
        self._readers.clear()
        return result

    # ------------------------------------------------------------ people and lists

    def people(self) -> Sequence[Person]:
        """Return every owner, deactivated ones as not active; ids are what records hold."""
        return directory.people(self.client)

    def choices(self, name: str) -> Sequence[Option]:
        """Return "owners", "pipelines" or "stages" as they are now; raises KeyError otherwise."""
        return directory.choices(self.client, name)

    # ------------------------------------------------------------ passes

    def scan(self, object_type: str, cursor: str, fields: Sequence[str]) -> Page:
        """Return up to 100 live records of the list, which is strongly consistent.

        Records that are archived meanwhile can make the list skip others: the next scan has them.
        """
        reader = self._reader(object_type, fields)
        found, after = self.client.list_page(
            object_type, cursor, reader.properties, associations=reader.associations
        )
        associations.complete(self.client, object_type, found, reader.associations)
        return Page(tuple(map(reader.read, found)), after, more=bool(after))

    def changes(self, object_type: str, cursor: str, fields: Sequence[str]) -> Page:
        """Return changed records as search shows them: hints about ids, not data to decide on."""
        reader = self._reader(object_type, fields)
        return search.changed_page(self.client, reader, search.Cursor.load(cursor))

    def changes_since(self, object_type: str, since: datetime) -> str:
        """Return the cursor that starts `changes` at an instant of HubSpot's clock."""
        return search.start_at(since).dump()

    # ------------------------------------------------------------ filters

    def count(self, object_type: str, wanted: Filter | None = None) -> int | None:
        """Return how many live records pass as search knows them, None where it cannot say."""
        groups = self._groups(object_type, wanted or Filter())
        return None if groups is None else search.counted(self.client, object_type, groups)

    def selects(self, object_type: str, wanted: Filter) -> bool:
        """Tell whether search understands the whole filter exactly as we do."""
        return self._groups(object_type, wanted) is not None

    def select(self, object_type: str, wanted: Filter, cursor: str, fields: Sequence[str]) -> Page:
        """Return a page of records that pass, by id; hints about ids, not data to decide on."""
        groups = self._groups(object_type, wanted)
        if groups is None:
            raise ConfigInvalid("HubSpot's search does not understand this filter as we do.")
        reader = self._reader(object_type, fields)
        return search.selected_page(self.client, reader, groups, cursor)

    def _groups(self, object_type: str, wanted: Filter) -> list[Group] | None:
        return groups_of(wanted, self._schema(object_type))

    # ------------------------------------------------------------ reads by id and by value

    def related(self, object_type: str, record_id: str, other: str) -> Sequence[str]:
        """Return the ids of the records of type `other` that a record is associated with."""
        found = associations.partners(self.client, object_type, other, [record_id])
        return [one.id for one in found[record_id] or ()]

    def fetch(
        self, object_type: str, ids: Sequence[str], fields: Sequence[str]
    ) -> Mapping[str, Record]:
        """Return current records by the id asked for, merged and archived ones included."""
        reader = self._reader(object_type, fields)
        found: dict[str, JsonObject] = {}
        numeric = [wanted for wanted in dict.fromkeys(ids) if wanted.isdecimal()]
        for some in batches(numeric):
            found |= self._fetch(reader, some)
        if reader.associations:
            bare = {str(p["id"]): p for p in found.values() if _lacks_partners(p)}
            lists = list(bare.values())
            associations.attach(self.client, object_type, lists, reader.associations)
        return {wanted: reader.read(payload) for wanted, payload in found.items()}

    def _fetch(self, reader: RecordReader, ids: Sequence[str]) -> dict[str, JsonObject]:
        """Batch read first; what it does not answer was merged, archived or never there.

        HubSpot promises only for single reads that they follow merges.
        """
        found = _by_every_id(self._read(reader, ids))
        for lost in [wanted for wanted in ids if wanted not in found]:
            single = self.client.get(
                reader.object_type, lost, reader.properties, associations=reader.associations
            )
            if single is not None:
                found[lost] = single
                associations.complete(
                    self.client, reader.object_type, [single], reader.associations
                )
        gone = [wanted for wanted in ids if wanted not in found]
        found |= _by_every_id(self._read(reader, gone, archived=True))
        return {wanted: found[wanted] for wanted in ids if wanted in found}

    def find(
        self, object_type: str, field_name: str, values: Sequence[str], fields: Sequence[str]
    ) -> Mapping[str, Sequence[Record]]:
        """Return live records by a property's values.

        Unique properties (a contact's e-mail with its further addresses among them) are read
        from the primary store. For others HubSpot has no such read: search proposes, the records
        themselves decide, and a miss is as old as the search index. Whoever creates after such
        a miss must bring an `external_key`.
        """
        if field_name == EXTERNAL_KEY:
            field_name = SYNC_KEY.name
            if field_name not in self._schema(object_type):
                return {}
        schema = self._schema(object_type)
        return Lookup(self.client, object_type, field_name, fields, schema).find(values)

    def _read(
        self, reader: RecordReader, ids: Sequence[str], *, archived: bool = False
    ) -> list[JsonObject]:
        return self.client.batch_read(reader.object_type, ids, reader.properties, archived=archived)

    def history(
        self, object_type: str, record_id: str, names: Sequence[str]
    ) -> Mapping[str, Sequence[PastValue]]:
        """Return what properties held, newest first, and who set it in words for people."""
        schema = self._schema(object_type)
        return past.history(self.client, object_type, record_id, names, schema, self._app_id)

    # ------------------------------------------------------------ writes

    def create(self, object_type: str, items: Sequence[CreateItem]) -> Sequence[Outcome]:
        """Create records, by upsert where an external key and a property for it are there."""
        return self._writer(object_type).create(items) if items else []

    def update(self, object_type: str, items: Sequence[UpdateItem]) -> Sequence[Outcome]:
        """Patch records. NotFound also stands for an id that was merged away: fetch it."""
        return self._writer(object_type).update(items) if items else []

    def archive(self, object_type: str, ids: Sequence[str]) -> Sequence[Outcome]:
        """Move records to the recycle bin; ids that are gone already count as done."""
        return Writer(self.client, object_type, {}).archive(ids)

    def _writer(self, object_type: str) -> Writer:
        return Writer(self.client, object_type, self._schema(object_type))

    # ------------------------------------------------------------ what is known of the fields

    def _schema(self, object_type: str) -> Mapping[str, FieldSpec]:
        if object_type not in self._schemas:
            self.describe(object_type)
        return self._schemas[object_type]

    def _reader(self, object_type: str, fields: Sequence[str]) -> RecordReader:
        key = (object_type, tuple(fields))
        if key not in self._readers:
            self._readers[key] = RecordReader.build(object_type, fields, self._schema(object_type))
        return self._readers[key]


def _by_every_id(payloads: Sequence[JsonObject]) -> dict[str, JsonObject]:
    """Return records by their ids and by those that were merged into them."""
    return {
        known: payload
        for payload in payloads
        for known in (*merged_ids(payload), str(payload["id"]))
    }


def _lacks_partners(payload: JsonObject) -> bool:
    """Tell whether a live record came without its associations; archived ones show none."""
    return "associations" not in payload and payload.get("archived") is not True
