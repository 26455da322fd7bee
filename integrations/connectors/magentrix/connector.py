"""Magentrix as the engine and the services see it. What each call does is in the other modules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import requests

from integrations.connectors.auth import Vault
from integrations.connectors.budget import Budget
from integrations.connectors.magentrix import meql, paging, payloads
from integrations.connectors.magentrix.client import MagentrixClient
from integrations.connectors.magentrix.making import Making
from integrations.connectors.magentrix.people import LIST, People
from integrations.connectors.magentrix.preparing import Preparing
from integrations.connectors.magentrix.reading import Reading
from integrations.connectors.magentrix.repointing import Repointing
from integrations.connectors.magentrix.schema import Schemas
from integrations.connectors.magentrix.writing import Writing
from integrations.engine.errors import SyncError
from integrations.engine.extras import Person, Prepared, Referrer
from integrations.engine.filters import Filter
from integrations.engine.ports import AccountInfo, CreateItem, Ensured, Outcome, UpdateItem
from integrations.engine.records import Page, Record
from integrations.engine.specs import FieldSpec, GroupSpec, Option


class MagentrixConnector:
    """One Magentrix portal. Definitions of fields are loaded once per entity and instance."""

    def __init__(
        self,
        vault: Vault,
        options: Mapping[str, str],
        budget: Budget,
        session: requests.Session,
    ) -> None:
        self.client = MagentrixClient(vault, options, budget, session)
        self.schemas = Schemas(self.client)
        self.reading = Reading(self.client, self.schemas)
        self._writing = Writing(self.client, self.schemas, self.reading)
        self._people = People(self.client, self.schemas, self._writing)
        self._making = Making(self.client, self.schemas)
        self._repointing = Repointing(self.client, self._writing)

    # ------------------------------------------------------------ account and fields

    @property
    def calls(self) -> int:
        """How many requests were sent so far."""
        return self.client.calls

    def check(self) -> AccountInfo:
        """Prove that the key gives a token and shows all entities; the portal is its domain."""
        host = self.client.host
        self.schemas.load()
        return AccountInfo(host, name=host, ui_host=host)

    def describe(self, object_type: str) -> Sequence[FieldSpec]:
        """Return the live field list, always asked anew."""
        return [column.spec for column in self.schemas.of(object_type, fresh=True).values()]

    def make_field(self, object_type: str, spec: FieldSpec, origin: str) -> FieldSpec:
        """Create a custom field like `spec`, or return the one made earlier for `origin`.

        Raises ConfigInvalid, with the steps, where a person has to make it.
        """
        return self._making.field(object_type, spec, origin)

    def ensure_field(
        self, object_type: str, spec: FieldSpec, group: GroupSpec | None = None
    ) -> Ensured:
        """Create a custom field for the property of this name unless it exists."""
        before = len(self.schemas.of(object_type, fresh=True))
        self._making.field(object_type, spec, spec.name)
        same = len(self.schemas.of(object_type)) == before
        return Ensured.REUSED if same else Ensured.CREATED

    def add_options(
        self, object_type: str, field_name: str, options: Sequence[Option]
    ) -> Sequence[Option]:
        """Add the options whose value is missing to a picklist and return those.

        Raises ConfigInvalid, with the steps, where a person has to add them.
        """
        return self._making.options(object_type, field_name, options)

    # ------------------------------------------------------------ passes

    def scan(self, object_type: str, cursor: str, fields: Sequence[str]) -> Page:
        """Return one page of live records in the order they were made in."""
        reader = self.reading.reader(object_type, fields)
        place = paging.load(cursor)
        rows, following = paging.every(self.client, object_type, reader.columns, place)
        records = tuple(record for record in map(reader.read, rows) if not record.archived)
        after = paging.dump(following) if following else ""
        return Page(records, after, more=following is not None)

    def changes(self, object_type: str, cursor: str, fields: Sequence[str]) -> Page:
        """Return changed records, oldest first: hints about ids, not data to decide on."""
        reader = self.reading.reader(object_type, fields)
        place = paging.Cursor.load(cursor)
        rows, following, more = paging.changed(self.client, object_type, reader.columns, place)
        return Page(tuple(map(reader.read, rows)), following.dump(), more=more)

    def changes_since(self, object_type: str, since: datetime) -> str:
        """Return the cursor that starts `changes` at an instant of Magentrix's clock."""
        return paging.start_at(since).dump()

    def count(self, object_type: str, wanted: Filter | None = None) -> int | None:
        """Return how many live records there are; None with a filter, which is not pushed."""
        if wanted is not None and wanted.groups:
            return None
        return self.client.query(meql.select(object_type, [payloads.ID], take=1))[1]

    # ------------------------------------------------------------ reads by id and by value

    def fetch(
        self, object_type: str, ids: Sequence[str], fields: Sequence[str]
    ) -> Mapping[str, Record]:
        """Return live records by id; those deleted, or never there, are left out."""
        return self.reading.fetch(object_type, ids, self.reading.reader(object_type, fields))

    def find(
        self, object_type: str, field_name: str, values: Sequence[str], fields: Sequence[str]
    ) -> Mapping[str, Sequence[Record]]:
        """Return live records by our key or by a field's value, in whatever spelling."""
        return self.reading.find(object_type, field_name, values, fields)

    # ------------------------------------------------------------ writes

    def refusal(self, object_type: str, item: CreateItem) -> SyncError | None:
        """Tell whether a value is missing or cannot be stored whole: known before any call."""
        schema = self.schemas.known(object_type)
        if not schema:
            return None
        try:
            payloads.create_body(object_type, item.values, "", schema)
        except SyncError as error:
            return error
        return None

    def create(self, object_type: str, items: Sequence[CreateItem]) -> Sequence[Outcome]:
        """Create records; one with our key is updated instead if it exists."""
        return self._writing.create(object_type, items)

    def update(self, object_type: str, items: Sequence[UpdateItem]) -> Sequence[Outcome]:
        """Change records, each by the fields that are named."""
        return self._writing.update(object_type, items)

    def archive(self, object_type: str, ids: Sequence[str]) -> Sequence[Outcome]:
        """Delete records, softly: an administrator can restore them for 30 days."""
        return self._writing.archive(object_type, ids)

    def referrers(self, object_type: str, record_id: str) -> Sequence[Referrer]:
        """Return every live record that points to this one, by any lookup of any entity."""
        return self._repointing.referrers(object_type, record_id)

    def repoint(
        self, found: Sequence[Referrer], to: str
    ) -> Sequence[tuple[Referrer, SyncError | None]]:
        """Let each point to `to` instead; may be repeated. Says of each what went wrong."""
        return self._repointing.repoint(found, to)

    # ------------------------------------------------------------ people and preparation

    def people(self) -> Sequence[Person]:
        """Return all employees, those who have left included."""
        return self._people.everybody()

    def choices(self, name: str) -> Sequence[Option]:
        """Return the active employees; raises KeyError for any other list."""
        if name != LIST:
            raise KeyError(name)
        return self._people.choices()

    def mark_people(self, marks: Mapping[str, str]) -> Mapping[str, SyncError | None]:
        """Write HubSpot owner ids by user id; say of each what went wrong."""
        return self._people.mark(marks)

    def prepare(
        self, settings: Mapping[str, str], lists: Mapping[str, Sequence[Option]]
    ) -> Prepared:
        """Find or make the fields that hold HubSpot's ids; `lists` is not needed."""
        made = Preparing(self.client, self.schemas, self._making, self._people)
        return made.run(settings)
