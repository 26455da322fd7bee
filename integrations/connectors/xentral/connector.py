"""Xentral as the engine sees it: addresses and resubmissions, over the old interface.

What each of them is in JSON stands in `addresses.py` and `resubmissions.py`, which calls it takes
in `desks.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

import requests

from integrations.connectors.auth import Vault
from integrations.connectors.budget import Budget
from integrations.connectors.outcomes import one_by_one
from integrations.connectors.xentral import addresses, legacy
from integrations.connectors.xentral.client import XentralClient
from integrations.connectors.xentral.desks import AddressDesk, Desk, ResubmissionDesk
from integrations.connectors.xentral.errors import NoRoute
from integrations.connectors.xentral.fields import (
    ADDRESS_FIELDS,
    ADDRESSES,
    FREE,
    RESUBMISSION_FIELDS,
    RESUBMISSIONS,
    group_field,
)
from integrations.connectors.xentral.groups import Groups
from integrations.connectors.xentral.legacy import Legacy, Listing
from integrations.connectors.xentral.payloads import flag_of, id_of, text_of
from integrations.connectors.xentral.preparing import Preparation
from integrations.connectors.xentral.present import SELECT, FreeField, Present
from integrations.connectors.xentral.stages import Stages
from integrations.engine.errors import ConfigInvalid, MissingScope, SyncError
from integrations.engine.extras import Person, Prepared, Stage
from integrations.engine.mapping import Privacy
from integrations.engine.ports import AccountInfo, CreateItem, Ensured, Outcome, UpdateItem
from integrations.engine.records import FieldType, Page, Record
from integrations.engine.specs import FieldSpec, GroupSpec, Option

ACCOUNT_ONLY: Final = (
    "Without a personal access token free fields cannot be made, and contacts cannot be put into "
    "a plain group."
)


class XentralConnector:
    """One Xentral instance."""

    def __init__(
        self,
        vault: Vault,
        options: Mapping[str, str],
        budget: Budget,
        session: requests.Session,
    ) -> None:
        self.client = XentralClient(vault, options, budget, session)
        self.legacy = Legacy(self.client)
        self.present = Present(self.client)
        self.groups = Groups(self.legacy, self.present)
        self._stages = Stages(self.legacy)
        self.addresses = AddressDesk(self.client, self.legacy, self.groups)
        self._desks: Mapping[str, Desk] = {
            ADDRESSES: self.addresses,
            RESUBMISSIONS: ResubmissionDesk(self.client, self.legacy),
        }

    # ------------------------------------------------------------ account and fields

    @property
    def calls(self) -> int:
        """How many requests were sent so far."""
        return self.client.calls

    def check(self) -> AccountInfo:
        """Prove that the access may list both kinds of records, and that the zone is one."""
        zone = self.client.zone
        for path in (legacy.ADDRESSES, legacy.RESUBMISSIONS):
            self.legacy.page(Listing(path, size=1), 1)
        host = self.client.host
        warnings = () if self.client.has_token else (ACCOUNT_ONLY,)
        return AccountInfo(
            host, f"Xentral {host}", ui_host=host, time_zone=zone.key, warnings=warnings
        )

    def describe(self, object_type: str) -> Sequence[FieldSpec]:
        """Return the fields, with names of free fields, groups and stages as they are now."""
        if object_type == RESUBMISSIONS:
            options = tuple(Option(stage.id, _title(stage)) for stage in self.stages())
            specs = RESUBMISSION_FIELDS
            return [replace(s, options=options) if s.name == "stages" else s for s in specs]
        free = {field.number: field for field in self._free_fields()}
        fields = [_with_name(spec, free) for spec in ADDRESS_FIELDS]
        return [*fields, *map(_group_spec, self.groups.every())]

    def _free_fields(self) -> Sequence[FreeField]:
        try:
            return self.present.free_fields() if self.client.has_token else ()
        except (MissingScope, NoRoute):
            return ()

    def ensure_field(
        self, object_type: str, spec: FieldSpec, group: GroupSpec | None = None
    ) -> Ensured:
        """Refuse: the two free fields are a matter of `prepare`."""
        raise ConfigInvalid("Fields of Xentral are not made one by one.")

    # ------------------------------------------------------------ passes and reads

    def scan(self, object_type: str, cursor: str, fields: Sequence[str]) -> Page:
        """Return one page of live records of the list."""
        return self._desks[object_type].scan(cursor, fields)

    def changes(self, object_type: str, cursor: str, fields: Sequence[str]) -> Page:
        """Return changed records: hints about ids, not data to decide on."""
        return self._desks[object_type].changes(cursor, fields)

    def changes_since(self, object_type: str, since: datetime) -> str:
        """Return the cursor that starts `changes` at an instant of the instance's clock."""
        return self._desks[object_type].start(since)

    def fetch(
        self, object_type: str, ids: Sequence[str], fields: Sequence[str]
    ) -> Mapping[str, Record]:
        """Return current records by id; Xentral merges nothing."""
        wanted = list(filter(legacy.is_id, dict.fromkeys(ids)))
        return {record.id: record for record in self._desks[object_type].read(wanted, fields)}

    def find(
        self, object_type: str, field_name: str, values: Sequence[str], fields: Sequence[str]
    ) -> Mapping[str, Sequence[Record]]:
        """Return live addresses by e-mail, and resubmissions by our key."""
        return self._desks[object_type].find(field_name, values, fields)

    # ------------------------------------------------------------ writes

    def refusal(self, object_type: str, item: CreateItem) -> SyncError | None:
        """Tell whether an address would have no name: known before any call."""
        if object_type != ADDRESSES:
            return None
        try:
            addresses.create_body(item.values)
        except SyncError as error:
            return error
        return None

    def create(self, object_type: str, items: Sequence[CreateItem]) -> Sequence[Outcome]:
        """Create records one by one."""
        return one_by_one(((i.ref, i) for i in items), self._desks[object_type].create)

    def update(self, object_type: str, items: Sequence[UpdateItem]) -> Sequence[Outcome]:
        """Change records one by one."""
        return one_by_one(((i.ref, i) for i in items), self._desks[object_type].update)

    def archive(self, object_type: str, ids: Sequence[str]) -> Sequence[Outcome]:
        """Refuse: the old interface deletes neither addresses nor resubmissions."""
        raise ConfigInvalid("Records of Xentral cannot be deleted by interface.")

    # ------------------------------------------------------------ people, stages, set-up

    def people(self) -> Sequence[Person]:
        """Return the employees, who are addresses too: their id is that of the address."""
        return [
            Person(
                id_of(row["id"]),
                text_of(row.get("name")),
                text_of(row.get("email")),
                active=not flag_of(row.get("geloescht")),
            )
            for row in self.addresses.employees()
        ]

    def stages(self) -> Sequence[Stage]:
        """Return every stage that is known."""
        return self._stages.every()

    def make_stages(self, board: str, wanted: Sequence[Stage]) -> Sequence[Stage]:
        """Make the view and the stages it lacks, through the add-on; raises ConfigInvalid."""
        return self._stages.make(board, wanted)

    def prepare(
        self, settings: Mapping[str, str], lists: Mapping[str, Sequence[Option]]
    ) -> Prepared:
        """Find or make the group, the free fields and the view."""
        run = Preparation(self.check, self.groups, self.present, self._stages).run
        return run(settings, lists)


def _title(stage: Stage) -> str:
    return f"{stage.board} – {stage.label}" if stage.board else stage.label


def _with_name(spec: FieldSpec, free: Mapping[int, FreeField]) -> FieldSpec:
    if not addresses.is_free_field(spec.name):
        return spec
    field = free.get(int(spec.name.removeprefix(FREE)))
    if field is None or not field.name:
        return spec
    kind = FieldType.CHOICE if field.kind == SELECT else FieldType.TEXT
    options = field.options if kind is FieldType.CHOICE else ()
    return replace(spec, label=field.name, type=kind, options=options, custom=True)


def _group_spec(row: Mapping[str, object]) -> FieldSpec:
    return FieldSpec(
        group_field(id_of(row["id"])),
        f"In the group {text_of(row.get('name'))}",
        FieldType.BOOLEAN,
        read_only=True,
        privacy=Privacy.PUBLIC,
    )
