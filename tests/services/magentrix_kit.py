"""Companies, contacts and deals between the stand-ins of HubSpot and Magentrix. No tests here."""

from __future__ import annotations

from typing import Final

import pytest

from integrations.engine import stored
from integrations.models import Hint, ObjectSync, RecordLink, SyncState, SyncVersion
from integrations.services import hints, lanes, syncs
from integrations.services.hints import NewHint
from tests.services.magentrix_stage import MagentrixStage
from tests.services.stage import PORTAL
from tests.services.twin_kit import T

ENTITIES: Final = {"companies": "Account", "contacts": "Contact", "deals": "Opportunity"}
FIELDS: Final = {
    "companies": ("description", "Description"),
    "contacts": ("jobtitle", "Title"),
    "deals": ("description", "Description"),
}
"""A text of each kind of record that people edit, in HubSpot and in Magentrix."""


class MagentrixKit:
    """Acme's three syncs, published with the rules they start from, and ways to fill and run."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.stage = MagentrixStage()
        self.stage.mount(monkeypatch)
        self.person, self.partner = self.stage.people[PORTAL], self.stage.partner
        self.integration = self.stage.connect()
        self.syncs = {row.key: self._publish(row) for row in self.integration.object_syncs.all()}

    def pair(self, kind: str) -> RecordLink:
        """Return a pair in step whose text is "agreed"."""
        field, theirs = FIELDS[kind]
        made = {
            "companies": {"name": "Firm", "domain": "firm.example"},
            "contacts": {"firstname": "Ada", "lastname": "Roe", "email": "ada@firm.example"},
            "deals": {"dealname": "Deal", "pipeline": "default",
                      "dealstage": "qualifiedtobuy", "closedate": "2026-12-01"},
        }[kind]  # fmt: skip
        record = self.person.create(kind, {**made, field: "agreed"})
        self.look(kind, record, side="hubspot")
        self.look(kind, record, side="hubspot")
        link = self.link(kind)
        assert (link.state, self.partner.get(ENTITIES[kind], link.target_id)[theirs]) == (
            "linked", "agreed",
        ), (link.state, link.reason, link.detail)  # fmt: skip
        return link

    def link(self, kind: str) -> RecordLink:
        """Return the only link of a kind as it is stored now."""
        rows = RecordLink.objects.select_related("tenant", "object_sync__integration")
        return rows.get(object_sync=self.syncs[kind].pk)

    def look(self, kind: str, record_id: str, *, side: str = "target") -> None:
        """Let a worker look at a record."""
        row = self.syncs[kind]
        wanted = NewHint(T if side == "target" else T.other, record_id)
        hints.raise_hints(row.pk, [wanted])
        self.work(kind)

    def work(self, kind: str) -> None:
        """Let a worker come by, whatever the sync's waits."""
        row = self.syncs[kind]
        ObjectSync.objects.filter(pk=row.pk).update(not_before=None)
        Hint.objects.filter(object_sync=row).update(due_at=row.created_at)
        lanes.work(row.pk, seconds=60)

    def values(self, kind: str) -> tuple[str, str]:
        """Return the text of the only pair, HubSpot's first."""
        link, (field, theirs) = self.link(kind), FIELDS[kind]
        there = self.partner.get(ENTITIES[kind], link.target_id)[theirs]
        return self.person.read(kind, link.hubspot_id).get(field, ""), str(there)

    def _publish(self, row: ObjectSync) -> ObjectSync:
        config = stored.to_json(syncs.start_config_of(row))
        row.version = SyncVersion.objects.create(
            object_sync=row, number=1, config={syncs.SETTINGS: {}, syncs.CONFIG: config}
        )
        row.state = SyncState.ACTIVE
        row.save()
        return row
