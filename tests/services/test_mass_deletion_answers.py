"""What an answer to many deletions is worth: how many it lets go, where it holds, what counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from django.contrib.auth.models import User

from integrations.engine.config import DeletePolicy, MergePolicy
from integrations.engine.errors import LeaseLost, Rejected, ReplyLost, SyncError, UnsafePlan
from integrations.engine.pairs import Verdict
from integrations.engine.plan import Plan
from integrations.engine.ports import Outcome, Priority
from integrations.engine.reasons import Reason
from integrations.models import (
    Intent,
    JobRun,
    Lane,
    ObjectSync,
    RecordLink,
    Review,
    RunKind,
    SyncState,
)
from integrations.services import deletions, intents_sql, lanes, mass_deletion, plans, runs
from integrations.services.mass_deletion import WINDOW, ManyDeletions
from integrations.services.slices import Session
from tests.services.merge_kit import MergeKit
from tests.services.test_mass_deletion import MANY, delete, ids_of, many, pass_time, state
from tests.services.twin_kit import Listed, TwinKit

pytestmark = pytest.mark.django_db


@pytest.fixture
def kit(monkeypatch: pytest.MonkeyPatch) -> TwinKit:
    return many(monkeypatch)


def asked() -> JobRun:
    return JobRun.objects.filter(kind=RunKind.DELETIONS).latest("id")


def work(kit: TwinKit) -> None:
    ObjectSync.objects.update(not_before=None)
    lanes.work(kit.sync.pk, seconds=60)


def counted(kit: TwinKit) -> int:
    run = JobRun.objects.earliest("id")
    return intents_sql.count_archives(kit.sync.pk, run.created_at - WINDOW)


def answer_with(monkeypatch: pytest.MonkeyPatch, error: SyncError) -> None:
    """Let the target archive nothing."""

    def archive(_self: Listed, _kind: str, ids: Sequence[str]) -> Sequence[Outcome]:
        return [Outcome(record_id, error=error) for record_id in ids]

    monkeypatch.setattr(Listed, "archive", archive)


# ---------------------------------------------------------------- an approval


def test_an_approval_lets_no_more_go_than_it_was_asked_for(kit: TwinKit) -> None:
    ids = ids_of(kit)
    delete(kit, ids[:7])
    runs.approve(asked())
    work(kit)
    assert (state()[0], len(kit.target.live())) == (SyncState.ACTIVE, 13)

    delete(kit, ids[7:])

    assert state() == (SyncState.HELD, Reason.MASS_DELETE)
    assert len(kit.target.live()) == 13
    assert "20 of 20 linked records" in asked().reason_detail
    runs.approve(asked())
    work(kit)
    assert kit.target.live() == []


def test_an_approval_covers_what_was_missing_already(
    kit: TwinKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("integrations.services.slices.SIZE", 2)
    delete(kit, ids_of(kit)[:12])
    assert "12 of 20 linked records" in asked().reason_detail
    runs.approve(asked())
    work(kit)
    assert (state()[0], len(kit.target.live())) == (SyncState.ACTIVE, 8)
    assert JobRun.objects.filter(kind=RunKind.DELETIONS).count() == 1


def test_an_approved_archive_that_is_tried_again_is_not_asked_about_again(
    kit: TwinKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    delete(kit, ids_of(kit)[:7])
    runs.approve(asked())
    with monkeypatch.context() as patched:
        answer_with(patched, ReplyLost("lost"))
        work(kit)
    assert Intent.objects.filter(action="archive", state="unknown").count() == 7
    pass_time()
    work(kit)
    pass_time()
    work(kit)
    assert (state()[0], len(kit.target.live())) == (SyncState.ACTIVE, 13)


# ---------------------------------------------------------------- a refusal


def test_a_refusal_holds_for_full_passes_too(kit: TwinKit) -> None:
    ids = ids_of(kit)
    delete(kit, ids[:8])
    runs.cancel(asked())
    work(kit)
    kit.hubspot.set_archived(ids[8], True)
    RecordLink.objects.filter(hubspot_id=ids[8]).update(missing_since=1.0)
    kit.run()
    link = RecordLink.objects.get(hubspot_id=ids[8])
    assert (link.state, link.reason) == ("gone", "gone")
    assert len(kit.target.live()) == 20


def test_a_refusal_holds_for_the_kept_pair_of_a_merge(
    db: None, monkeypatch: pytest.MonkeyPatch, unlimited: None
) -> None:
    kit = MergeKit(monkeypatch)
    kit.use(on_hubspot_delete=DeletePolicy.ARCHIVE, grace_seconds=0, merge=MergePolicy.ARCHIVE)
    sync = kit.syncs["companies"]
    fence = Lane.objects.get(object_sync=sync).fence
    mass_deletion.ask(sync, fence, ManyDeletions(7, 20), {})
    runs.cancel(asked())
    session = Session.of(sync, fence, Priority.RETRY)
    assert session.config.on_hubspot_delete is DeletePolicy.KEEP


# ---------------------------------------------------------------- what counts


def test_what_people_decided_one_by_one_does_not_count(kit: TwinKit) -> None:
    ada = User.objects.create_user("ada")
    kit.sync.tenant.memberships.create(user=ada, role="owner")
    kit.config = replace(MANY, on_hubspot_delete=DeletePolicy.HOLD)
    ids = ids_of(kit)
    delete(kit, ids[:8])
    waiting = Review.objects.select_related("object_sync", "tenant")
    assert deletions.decide(waiting, Verdict.ARCHIVE, ada) == (8, 0)
    work(kit)
    assert (len(kit.target.live()), counted(kit)) == (12, 0)

    kit.config = MANY
    delete(kit, ids[8:9])

    assert (state()[0], len(kit.target.live()), counted(kit)) == (SyncState.ACTIVE, 11, 1)


def test_a_refused_archive_does_not_count_and_a_repeated_one_counts_once(
    kit: TwinKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = ids_of(kit)
    with monkeypatch.context() as patched:
        answer_with(patched, Rejected("locked"))
        delete(kit, ids[:3])
    assert (Intent.objects.filter(action="archive").count(), counted(kit)) == (3, 0)
    with monkeypatch.context() as patched:
        answer_with(patched, ReplyLost("lost"))
        delete(kit, ids[3:5])
    for _attempt in range(2):
        pass_time()
        work(kit)
    assert Intent.objects.filter(action="archive").count() > 5
    assert counted(kit) == 2


def test_extra_records_of_merges_do_not_count(
    db: None, monkeypatch: pytest.MonkeyPatch, unlimited: None
) -> None:
    kit = MergeKit(monkeypatch)
    one, two = kit.two(0)
    kit.merge(one, two)
    kit.load()
    run = JobRun.objects.earliest("id")
    assert Intent.objects.filter(action="archive", state="confirmed").count() == 1
    since = run.created_at - WINDOW
    assert intents_sql.count_archives(kit.syncs["companies"].pk, since) == 0


# ---------------------------------------------------------------- who may ask


def test_a_worker_that_lost_its_lane_asks_nothing_and_holds_nothing(kit: TwinKit) -> None:
    fence = Lane.objects.get(object_sync=kit.sync).fence
    run = runs.open_run(kit.sync, RunKind.MANUAL)
    for stale in (fence - 1, fence + 1):
        with pytest.raises(LeaseLost):
            mass_deletion.ask(kit.sync, stale, ManyDeletions(7, 20), plans.summary(Plan()))
        with pytest.raises(LeaseLost):
            runs.hold(run, stale, UnsafePlan("it would change much."), {})
    assert ObjectSync.objects.get().state == SyncState.ACTIVE
    assert not JobRun.objects.filter(kind=RunKind.DELETIONS).exists()
    assert not JobRun.objects.filter(state="held").exists()
