"""The software firm of the scenario: its admin's pages, both accounts, and what it waits for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from integrations.management.check.accounts import Crm, Row, Thena
from integrations.management.check.office import Office, expect
from integrations.management.check.receiver import Receiver
from integrations.models import Connection, JobRun, ObjectSync, Preview, RecordLink
from integrations.services import previews

COMPANIES: Final = "companies"
CONTACTS: Final = "contacts"
ACCOUNTS: Final = "accounts"
KINDS: Final = {COMPANIES: ACCOUNTS, CONTACTS: CONTACTS}
"""HubSpot's kinds of record and what they are in Thena."""


@dataclass(slots=True)
class Firm(Office):
    """Nora at her pages, with what a step leaves for the next ones.

    `companies` and `contacts` are HubSpot ids by the steps' names for them; `key` is Thena's
    API key, `app` the id of our app there, `endpoint_secret` what signs the firm's own webhook.
    """

    crm: Crm
    thena: Thena
    receiver: Receiver
    key: str
    app: str = ""
    endpoint_secret: str = ""
    companies: dict[str, str] = field(default_factory=dict)
    contacts: dict[str, str] = field(default_factory=dict)

    def sync(self, key: str) -> ObjectSync:
        """Return one of the two object syncs, as stored now."""
        rows = ObjectSync.objects.filter(integration=self.integration, key=key)
        return rows.select_related("version").get()

    def connection(self) -> Connection:
        """Return the connection to Thena, as stored now."""
        return Connection.objects.get(target_integrations=self.integration)

    def links(self, key: str, **conditions: object) -> list[RecordLink]:
        """Return the links of a sync that fit."""
        return list(RecordLink.objects.filter(object_sync=self.sync(key), **conditions))

    def link(self, key: str, hubspot_id: str) -> RecordLink:
        """Return the live link of a HubSpot record; raises Failed without one."""
        found = self.links(key, hubspot_id=hubspot_id)
        expect(found, f"{key} {hubspot_id} has no link")
        return found[0]

    def twin(self, key: str, hubspot_id: str) -> Row:
        """Return what Thena holds of a HubSpot record; raises Failed without it."""
        link = self.link(key, hubspot_id)
        expect(link.target_id, f"{key} {hubspot_id} ({link.reason}) is not in Thena")
        return self.thena.read(KINDS[key], link.target_id)

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
        """Return how many writing calls both systems have had."""
        return self.crm.writes() + self.thena.writes()
