"""A working lane over both stand-ins: contacts in, patients out. No tests here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection as database
from django.utils import timezone

from integrations.engine.ports import Priority
from integrations.engine.records import Page, Side
from integrations.models import Hint, JobRun, Lane, ObjectSync, RecordLink, RunKind
from integrations.services import connectors, hints, lanes, leases, runs
from integrations.services.hints import NewHint
from tests.services.stage import PORTAL, Stage

CUSTOMER = {
    "lastname": "Brandt",
    "rxnt_date_of_birth": "1980-02-29",
    "lifecyclestage": "customer",
}


class LaneKit:
    """Acme's lane, and short ways to fill, run and look at it."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.sync: ObjectSync = stage.connect().object_syncs.get()
        self.person = stage.people[PORTAL]

    def contact(self, number: int = 1, **values: str) -> str:
        """Create a customer in HubSpot and return its id."""
        return self.person.create("contacts", {"firstname": f"Ida{number}", **CUSTOMER, **values})

    def contacts(self, count: int) -> list[str]:
        """Create several customers."""
        return [self.contact(number) for number in range(count)]

    def hint(self, *ids: str, fired: bool = True, priority: Priority = Priority.WEBHOOK) -> None:
        """Raise hints as webhooks would."""
        hints.raise_hints(
            self.sync.pk, [NewHint(Side.HUBSPOT, i, priority, fired=fired) for i in ids]
        )

    def work(self, seconds: float = 60.0) -> None:
        """Let a worker come by."""
        lanes.work(self.sync.pk, seconds=seconds)

    def work_one_slice(self) -> bool:
        """Let a worker do a single slice; returns whether there may be more to do."""
        lease = leases.acquire(self.sync.pk)
        assert lease is not None
        try:
            return lanes._slice(self.sync.pk, lease.fence)
        finally:
            leases.release(lease)

    def sync_now(self, *ids: str) -> None:
        """Raise fired hints and work on them."""
        self.hint(*ids)
        self.work()

    def link(self, record_id: str) -> RecordLink:
        """Return the link that answers for a HubSpot id."""
        return RecordLink.objects.get(
            aliases__object_sync=self.sync, aliases__side="hubspot", aliases__record_id=record_id
        )

    def state(self, record_id: str) -> tuple[str, str]:
        """Return a link's state and reason."""
        link = self.link(record_id)
        return link.state, link.reason

    def waiting(self) -> dict[str, Hint]:
        """Return the hints by record id."""
        return {row.record_id: row for row in Hint.objects.filter(object_sync=self.sync)}

    def let_time_pass(self, hours: float = 24) -> None:
        """Make every wait of the lane and its hints be over."""
        past = timezone.now() - timedelta(hours=hours)
        Hint.objects.filter(object_sync=self.sync).update(due_at=past)
        ObjectSync.objects.filter(pk=self.sync.pk).update(not_before=None)


def expire_lease(object_sync_id: UUID) -> None:
    """Let the holder of a lane seem dead."""
    Lane.objects.filter(pk=object_sync_id).update(expires_at=timezone.now() - timedelta(hours=1))


def lane_is_free(object_sync_id: UUID) -> bool:
    """Tell whether nobody holds the lane."""
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT expires_at IS NULL FROM integrations_lane WHERE object_sync_id = %s",
            [object_sync_id],
        )
        return bool(cursor.fetchone()[0])


FIRED = {"fired": True}


def run_to_end(
    kit: LaneKit, kind: RunKind = RunKind.MANUAL, scope: Mapping[str, bool] | None = None
) -> JobRun:
    run = runs.open_run(kit.sync, kind, scope=scope)
    for _turn in range(20):
        kit.work()
        run.refresh_from_db()
        if run.state not in runs.WORKABLE:
            break
    return run


def small_pages(kit: LaneKit, monkeypatch: pytest.MonkeyPatch, size: int = 4) -> None:
    """Let HubSpot hand out small pages, so that few records make several."""
    hubspot = connectors.open_pair(kit.sync, Priority.BACKFILL)[Side.HUBSPOT]
    real = hubspot.scan

    def scan(object_type: str, cursor: str, fields: list[str]) -> Page:
        whole, start = real(object_type, "", fields), int(cursor or 0)
        part = whole.records[start : start + size]
        end = start + size
        return Page(part, str(end), end < len(whole.records), len(whole.records))

    monkeypatch.setattr(hubspot, "scan", scan)
