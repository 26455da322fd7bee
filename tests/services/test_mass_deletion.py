"""Many deletions that arrive one by one wait for a person; a few go on as the policy says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from django.db import connection as database

from integrations.engine.config import Breaker, DeletePolicy, SideObject
from integrations.engine.ports import Priority
from integrations.engine.reasons import Reason
from integrations.models import Hint, Intent, JobRun, ObjectSync, RecordLink, RunKind, SyncState
from integrations.services import hints, lanes, runs, slices
from integrations.services.hints import NewHint
from tests.services.twin_kit import CONFIG, H, TwinKit

pytestmark = pytest.mark.django_db
MANY = replace(
    CONFIG,
    target=SideObject("people", can_archive=True),
    on_hubspot_delete=DeletePolicy.ARCHIVE,
    breaker=Breaker(max_share=0.3, floor=10),
)


def many(monkeypatch: pytest.MonkeyPatch) -> TwinKit:
    """Twenty pairs; what is deleted in HubSpot is archived in the target."""
    kit = TwinKit(monkeypatch)
    kit.config = MANY
    kit.people(20)
    kit.run()
    return kit


@pytest.fixture
def kit(monkeypatch: pytest.MonkeyPatch) -> TwinKit:
    return many(monkeypatch)


def delete(kit: TwinKit, ids: Sequence[str]) -> None:
    """Delete records in HubSpot, tell of each, and let the grace period pass."""
    for record_id in ids:
        kit.hubspot.set_archived(record_id, True)
        hints.raise_hints(kit.sync.pk, [NewHint(H, record_id, Priority.WEBHOOK)])
    for _look in range(2):
        lanes.work(kit.sync.pk, seconds=60)
        pass_time()


def pass_time() -> None:
    with database.cursor() as cursor:
        cursor.execute("UPDATE integrations_hint SET due_at = due_at - interval '1 hour'")
        cursor.execute("UPDATE integrations_recordlink SET missing_since = missing_since - 3600")


def ids_of(kit: TwinKit) -> list[str]:
    return sorted(kit.hubspot.rows, key=lambda record_id: int(record_id[1:]))


def state() -> tuple[str, str]:
    row = ObjectSync.objects.get()
    return row.state, row.reason


def test_a_few_deletions_are_carried_on(kit: TwinKit) -> None:
    delete(kit, ids_of(kit)[:5])
    assert state() == (SyncState.ACTIVE, "")
    assert len(kit.target.live()) == 15


def test_many_deletions_wait_before_the_first_one_is_carried_on(kit: TwinKit) -> None:
    delete(kit, ids_of(kit)[:8])
    assert state() == (SyncState.HELD, Reason.MASS_DELETE)
    assert len(kit.target.live()) == 20
    run = JobRun.objects.get(kind=RunKind.DELETIONS)
    assert (run.state, run.reason) == ("held", Reason.MASS_DELETE)
    assert "8 of 20 linked records" in run.reason_detail
    assert len(run.scope["plan"]["sample"]) == 8
    assert Hint.objects.count() == 8


def test_deletions_of_several_slices_count_together(
    kit: TwinKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slices, "SIZE", 2)
    delete(kit, ids_of(kit)[:10])
    assert state() == (SyncState.HELD, Reason.MASS_DELETE)
    assert len(kit.target.live()) == 14
    assert Intent.objects.filter(action="archive").count() == 6


def test_an_approval_lets_them_all_go(kit: TwinKit) -> None:
    delete(kit, ids_of(kit)[:8])
    runs.approve(JobRun.objects.get(kind=RunKind.DELETIONS))
    assert state() == (SyncState.ACTIVE, "")
    lanes.work(kit.sync.pk, seconds=60)
    assert len(kit.target.live()) == 12
    assert not Hint.objects.exists()
    assert JobRun.objects.get(kind=RunKind.DELETIONS).state == "done"


def test_a_refusal_ends_the_links_and_keeps_the_records(kit: TwinKit) -> None:
    delete(kit, ids_of(kit)[:8])
    runs.cancel(JobRun.objects.get(kind=RunKind.DELETIONS))
    lanes.work(kit.sync.pk, seconds=60)
    assert len(kit.target.live()) == 20
    assert RecordLink.objects.filter(state="gone").count() == 8
    assert not Hint.objects.exists()


def test_an_answer_holds_for_an_hour_only(kit: TwinKit) -> None:
    delete(kit, ids_of(kit)[:8])
    runs.cancel(JobRun.objects.get(kind=RunKind.DELETIONS))
    lanes.work(kit.sync.pk, seconds=60)
    with database.cursor() as cursor:
        cursor.execute("UPDATE integrations_jobrun SET ended_at = ended_at - interval '2 hours'")
    delete(kit, ids_of(kit)[8:10])
    assert len(kit.target.live()) == 18


def test_deletions_that_only_end_links_ask_nobody(kit: TwinKit) -> None:
    kit.config = replace(MANY, on_hubspot_delete=DeletePolicy.KEEP)
    delete(kit, ids_of(kit)[:12])
    assert state() == (SyncState.ACTIVE, "")
    assert RecordLink.objects.filter(state="gone").count() == 12
    assert not JobRun.objects.filter(kind=RunKind.DELETIONS).exists()


def test_all_of_a_small_account_is_an_emptied_source(
    kit: TwinKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    kit.config = replace(MANY, breaker=Breaker(max_share=0.3, floor=50))
    delete(kit, ids_of(kit))
    assert state()[0] == SyncState.HELD
    assert len(kit.target.live()) == 20


def test_other_work_goes_on_after_the_answer(kit: TwinKit) -> None:
    delete(kit, ids_of(kit)[:8])
    other = ids_of(kit)[19]
    kit.hubspot.edit(other, {"name": "Eve"})
    hints.raise_hints(kit.sync.pk, [NewHint(H, other, Priority.WEBHOOK)])
    lanes.work(kit.sync.pk, seconds=60)
    assert not [row for row in kit.target.rows.values() if row.values.get("title") == "Eve"]
    runs.cancel(JobRun.objects.get(kind=RunKind.DELETIONS))
    lanes.work(kit.sync.pk, seconds=60)
    assert [row for row in kit.target.rows.values() if row.values.get("title") == "Eve"]
