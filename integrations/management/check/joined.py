"""An organisation that keeps HubSpot and another system in step: what its steps look up.

No system is named here. Pressing buttons and waiting is in `running.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

from integrations.management.check.accounts import Crm
from integrations.management.check.office import Office, expect
from integrations.models import Connection, JobRun, ObjectSync, Preview, RecordLink
from integrations.services import previews


@dataclass(slots=True)
class Joined(Office):
    """An organisation with its HubSpot account; looks at what the portal has stored."""

    crm: Crm

    def sync(self, key: str) -> ObjectSync:
        """Return an object sync, as stored now."""
        rows = ObjectSync.objects.filter(integration=self.integration, key=key)
        return rows.select_related("version").get()

    def connection(self) -> Connection:
        """Return the connection to the other system, as stored now."""
        return Connection.objects.get(target_integrations=self.integration)

    def links(self, key: str, **conditions: object) -> list[RecordLink]:
        """Return the links of a sync that fit."""
        return list(RecordLink.objects.filter(object_sync=self.sync(key), **conditions))

    def link(self, key: str, hubspot_id: str) -> RecordLink:
        """Return the live link of a HubSpot record; raises Failed without one."""
        found = self.links(key, hubspot_id=hubspot_id)
        expect(found, f"{key} {hubspot_id} has no link")
        return found[0]

    def target_id(self, key: str, hubspot_id: str) -> str:
        """Return the id of a HubSpot record's twin; raises Failed without one."""
        link = self.link(key, hubspot_id)
        expect(link.target_id, f"{key} {hubspot_id} ({link.reason}) has no twin")
        return link.target_id

    def preview(self, key: str) -> Preview | None:
        """Return the sync's preview once it is done."""
        found = previews.latest(self.sync(key))
        return found if found and found.state == "done" else None

    def run(self, key: str) -> JobRun:
        """Return the newest run of a sync that is neither a preview nor the work of notices."""
        rows = JobRun.objects.filter(object_sync=self.sync(key)).exclude(
            kind__in=("preview", "webhook", "incremental", "settled")
        )
        return rows.latest("pk")

    def writes(self) -> int:
        """Return how many writing calls the systems have had."""
        return self.crm.writes()
