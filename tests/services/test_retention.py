"""Retention: old and finished goes, open stays. Audit entries are in `test_audit_seals.py`."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from integrations.models import (
    Event,
    EventOutcome,
    Intent,
    Job,
    JobRun,
    Merge,
    ObjectSync,
    Preview,
    PreviewItem,
)
from integrations.services import retention
from tests import factories

pytestmark = pytest.mark.django_db
OLD = timedelta(days=400)


@pytest.fixture
def object_sync() -> ObjectSync:
    return factories.object_sync()


def event(object_sync: ObjectSync, age: timedelta, outcome: str = "created") -> Event:
    at = timezone.now() - age
    row = Event.objects.create(
        tenant=object_sync.tenant,
        connection=object_sync.integration.hubspot,
        dedup_key=f"{age}{outcome}",
        object_type="contacts",
        kind="created",
        record_id="1",
        occurred_at=at,
        received_at=at,
        routed_at=at,
    )
    EventOutcome.objects.create(
        event=row, object_sync=object_sync, side="hubspot", record_id="1", outcome=outcome
    )
    return row


def test_old_events_go_with_their_outcomes(object_sync: ObjectSync) -> None:
    event(object_sync, OLD)
    young = event(object_sync, timedelta(days=1))
    assert retention.prune().events == 1
    assert Event.objects.get() == young
    assert EventOutcome.objects.count() == 1


def test_a_merge_can_be_undone_as_long_as_the_history_tells_of_it(object_sync: ObjectSync) -> None:
    old = factories.merge(object_sync, "done")
    young = factories.merge(object_sync, "done", (3, 4))
    waiting = factories.merge(object_sync, "held", (5, 6))
    Merge.objects.filter(pk=old.pk).update(ended_at=timezone.now() - timedelta(days=4_000))
    Merge.objects.filter(pk=young.pk).update(ended_at=timezone.now())
    retention.prune()
    assert set(Merge.objects.values_list("pk", flat=True)) == {young.pk, waiting.pk}


def test_an_event_without_outcome_stays_whatever_its_age(object_sync: ObjectSync) -> None:
    event(object_sync, OLD, outcome="")
    assert retention.prune().events == 0


def test_the_time_is_a_setting(object_sync: ObjectSync, settings: Settings) -> None:
    event(object_sync, timedelta(days=3))
    settings.EVENT_RETENTION_DAYS = 2
    assert retention.prune().events == 1


def test_settled_intents_go_and_open_ones_stay(object_sync: ObjectSync) -> None:
    link = factories.record_link(object_sync)
    old = timezone.now() - OLD
    for settled_at in (old, None):
        Intent.objects.create(
            object_sync=object_sync, link=link, side="target", action="create",
            state="confirmed" if settled_at else "unknown", fence=1, created_at=old,
            settled_at=settled_at,
        )  # fmt: skip
    assert retention.prune().intents == 1
    assert Intent.objects.get().state == "unknown"


def test_runs_that_hold_the_cursors_of_jobs_that_rest_stay(object_sync: ObjectSync) -> None:
    old = timezone.now() - OLD
    jobs = [
        Job.objects.create(
            tenant=object_sync.tenant, integration=object_sync.integration, key=key, minutes=10
        )
        for key in ("queue", "contacts")
    ]
    for number, job in enumerate((*jobs, *jobs, None)):
        JobRun.objects.create(
            tenant=object_sync.tenant, object_sync=object_sync, kind="incremental", state="done",
            ended_at=old, job=job, scope={"cursors": {"target": str(number)}},
        )  # fmt: skip
    assert retention.prune().runs == 2
    kept = JobRun.objects.order_by("id").values_list("scope__cursors__target", flat=True)
    assert list(kept) == ["2", "3", "4"]


def test_ended_runs_go_and_open_ones_stay(object_sync: ObjectSync) -> None:
    old = timezone.now() - OLD
    for ended_at, kind in ((old, "backfill"), (None, "manual")):
        JobRun.objects.create(
            tenant=object_sync.tenant, object_sync=object_sync, kind=kind, ended_at=ended_at
        )
    assert retention.prune().runs == 1
    assert JobRun.objects.get().kind == "manual"


def test_many_rows_go_in_chunks(object_sync: ObjectSync, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "CHUNK", 2)
    for number in range(5):
        event(object_sync, OLD + timedelta(days=number))
    assert retention.prune().events == 5


def test_previews_go_after_a_week_with_what_they_show(object_sync: ObjectSync) -> None:
    made = [
        Preview.objects.create(
            tenant=object_sync.tenant, object_sync=object_sync, digest="", config={}, revision=1
        )
        for _number in range(2)
    ]
    for preview in made:
        PreviewItem.objects.create(preview=preview, action="create", reason="created")
    old = timezone.now() - timedelta(days=8)
    Preview.objects.filter(pk=made[0].pk).update(created_at=old)
    retention.prune()
    assert list(PreviewItem.objects.values_list("preview_id", flat=True)) == [made[1].pk]
