"""Acme's HubSpot with Magentrix or Xentral, published and worked on by lanes. No tests here."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from integrations.models import Hint, Integration, JobRun, ObjectSync, RecordLink, RunKind
from integrations.services import lanes, previews, publishing, runs
from tests.services.magentrix_stage import MagentrixStage
from tests.services.stage import PORTAL
from tests.services.xentral_stage import XentralStage


def work(integration: Integration) -> None:
    """Let all waits be over and workers come by until nothing is left to do."""
    for _turn in range(12):
        past = timezone.now() - timedelta(days=1)
        keys = list(integration.object_syncs.order_by("created_at").values_list("pk", flat=True))
        Hint.objects.filter(object_sync__in=keys).update(due_at=past)
        for key in keys:
            lanes.work(key, seconds=30)
        waiting = Hint.objects.filter(object_sync__in=keys, attempts=0).exists()
        working = JobRun.objects.filter(state__in=runs.WORKABLE).exclude(kind="webhook").exists()
        if not (waiting or working):
            return


def reconcile(integration: Integration, key: str) -> None:
    """Let a full pass of one pair come by."""
    runs.open_run(row_of(integration, key), RunKind.RECONCILE)
    work(integration)


def row_of(integration: Integration, key: str) -> ObjectSync:
    """Return one object sync as it is stored now, with what services read along."""
    rows = ObjectSync.objects.select_related(
        "integration__hubspot", "integration__target", "integration__tenant", "tenant", "version"
    )
    return rows.get(integration=integration, key=key)


class Partners:
    """HubSpot and Magentrix, activated; `publish` puts a pair into force as it starts."""

    def __init__(self, stage: MagentrixStage) -> None:
        self.stage, self.person, self.partner = stage, stage.people[PORTAL], stage.partner
        self.integration = stage.connect()

    def publish(self, *keys: str) -> None:
        """Preview and publish pairs, and load them."""
        for key in keys:
            preview = previews.start(row_of(self.integration, key), self.stage.ada)
            work(self.integration)
            preview.refresh_from_db()
            preview.object_sync = row_of(self.integration, key)
            publishing.publish(preview, self.stage.ada)
            work(self.integration)

    def company(self, name: str, owner: str = "", **values: str) -> str:
        """Create a company in HubSpot."""
        known = {"name": name, "domain": f"{name.lower()}.example", "hubspot_owner_id": owner}
        return self.person.create("companies", known | values)

    def link(self, key: str, hubspot_id: str) -> RecordLink:
        """Return the link of a HubSpot record."""
        return RecordLink.objects.get(
            object_sync__integration=self.integration, object_sync__key=key, hubspot_id=hubspot_id
        )

    def account(self, company: str) -> dict[str, object]:
        """Return the Magentrix account of a company."""
        return dict(self.partner.get("Account", self.link("companies", company).target_id))

    def user(self, first: str) -> str:
        """Return the id of a Magentrix user by first name."""
        rows = self.partner.all("User")
        return next(str(row["Id"]) for row in rows if str(row["Email"]).startswith(first))


class Firm:
    """HubSpot and Xentral, joined with some settings."""

    def __init__(self, stage: XentralStage, **settings: str) -> None:
        self.stage, self.person, self.clerk = stage, stage.people[PORTAL], stage.clerk
        self.integration = stage.connect(**settings)
        work(self.integration)

    def deal(self, stage: str, name: str = "Offer") -> str:
        """Create a deal in HubSpot in a stage of the default pipeline."""
        known = {"dealname": name, "pipeline": "default", "dealstage": stage, "amount": "10"}
        return self.person.create("deals", known)

    def resubmission(self, deal: str) -> dict[str, object] | None:
        """Return the resubmission of a deal, None while there is none."""
        links = RecordLink.objects.filter(object_sync__key="deals", hubspot_id=deal)
        link = links.exclude(target_id="").first()
        return dict(self.clerk.get("resubmissions", link.target_id)) if link else None
