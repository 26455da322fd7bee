"""Counts of HubSpot's records: in the background, not too often, and never in a page's way."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.models import OrmQ
from django_q.signing import SignedPackage

from integrations import tasks
from integrations.engine.errors import Unavailable
from integrations.models import Connection, ConnectionState, ObjectSync, RunKind, SyncState
from integrations.services import connectors, totals
from tests.services.twin_kit import Listed, TwinKit

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def opened(twin: TwinKit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connectors, "open_connector", lambda *_a, **_k: twin.hubspot)


def queued() -> list[str]:
    packages = [SignedPackage.loads(row.payload) for row in OrmQ.objects.all()]
    return [p["args"][0] for p in packages if p["func"] == "integrations.tasks.refresh_total"]


def test_hubspot_is_counted_and_the_count_kept(twin: TwinKit) -> None:
    twin.people(3)
    tasks.refresh_total(str(twin.sync.pk))
    twin.sync.refresh_from_db()
    assert twin.sync.hubspot_total == 3
    assert twin.sync.hubspot_total_at is not None


def test_while_hubspot_cannot_say_the_count_before_stays(
    twin: TwinKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    twin.people(3)
    totals.refresh(twin.sync.pk)
    for answer in (lambda _type: None, fail):
        monkeypatch.setattr(twin.hubspot, "count", answer)
        totals.refresh(twin.sync.pk)
    twin.sync.refresh_from_db()
    assert twin.sync.hubspot_total == 3


def test_a_system_that_cannot_count_is_not_asked(twin: TwinKit) -> None:
    twin.hubspot = Listed(twin.hubspot.side, ("email", "name"))
    totals.refresh(twin.sync.pk)
    twin.sync.refresh_from_db()
    assert twin.sync.hubspot_total is None


def test_only_old_counts_of_working_syncs_are_renewed(twin: TwinKit) -> None:
    tasks.refresh_totals()
    assert queued() == [str(twin.sync.pk)]
    ObjectSync.objects.update(hubspot_total_at=timezone.now() - timedelta(minutes=9))
    assert totals.refresh_all() == 0
    ObjectSync.objects.update(hubspot_total_at=timezone.now() - timedelta(minutes=11))
    assert totals.refresh_all() == 1
    Connection.objects.update(state=ConnectionState.PAUSED)
    assert totals.refresh_all() == 0
    Connection.objects.update(state=ConnectionState.ACTIVE)
    ObjectSync.objects.update(state=SyncState.PAUSED)
    assert totals.refresh_all() == 0


def test_a_pass_over_everything_ends_with_a_count(twin: TwinKit) -> None:
    twin.people(1)
    twin.run(RunKind.INCREMENTAL)
    assert queued() == []
    twin.run(RunKind.BACKFILL)
    assert queued() == [str(twin.sync.pk)]


def fail(_type: str) -> int:
    raise Unavailable("HubSpot is down.")
