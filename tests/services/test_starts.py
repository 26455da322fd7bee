"""What scheduled jobs open: runs of their own, never two at once, each with its own cursors."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from integrations import tasks
from integrations.engine.reasons import Reason
from integrations.engine.specs import JobSpec
from integrations.models import (
    AuditEntry,
    ConnectionState,
    Job,
    JobRun,
    ObjectSync,
    RunKind,
    RunState,
    SyncState,
)
from integrations.services import lanes, runs, schedules, starts, usage
from tests.services.twin_kit import H, T, TwinKit

pytestmark = pytest.mark.django_db
QUEUE = JobSpec("queue", "Queue", ("contacts",), sides=(T,), minutes=10)
CONTACTS = JobSpec("contacts", "Contacts", ("contacts",), sides=(H,), minutes=60)
TRUSTY = JobSpec("safe", "Safety", ("contacts",), kind="settled", sides=(H,), minutes=60)


@pytest.fixture
def pair(twin: TwinKit) -> TwinKit:
    """Give the twins two starters, each for one side."""
    twin.has_jobs(QUEUE, CONTACTS, TRUSTY)
    return twin


def start(twin: TwinKit, key: str) -> JobRun:
    """Start a job and work until its run is over."""
    tasks.start_job(str(twin.job(key).pk))
    lanes.work(twin.sync.pk, seconds=60)
    return JobRun.objects.filter(job__key=key).latest("id")


def age(run: JobRun, hours: int) -> None:
    """Let a run's last sign of life be some hours ago."""
    JobRun.objects.filter(pk=run.pk).update(created_at=timezone.now() - timedelta(hours=hours))


# ---------------------------------------------------------------- what a start opens


def test_a_job_opens_a_run_and_never_a_second_one(twin: TwinKit) -> None:
    schedules.follow(twin.sync)
    for _time in range(2):
        tasks.start_job(str(twin.job("safety:contacts").pk))
        tasks.start_job(str(twin.job("changes:contacts").pk))
    assert sorted(JobRun.objects.values_list("kind", flat=True)) == ["incremental", "settled"]
    assert not AuditEntry.objects.filter(action="run.opened").exists(), "it is no news"


def test_a_job_opens_nothing_for_a_sync_that_rests(twin: TwinKit) -> None:
    schedules.follow(twin.sync)
    key = str(twin.job("safety:contacts").pk)
    for state in (SyncState.PAUSED, SyncState.SETUP, SyncState.HELD, SyncState.UNINSTALLED):
        ObjectSync.objects.update(state=state)
        tasks.start_job(key)
    tasks.start_job(str(uuid4()))
    assert not JobRun.objects.exists()
    assert twin.job("safety:contacts").started_at is None


def test_a_job_that_is_off_starts_nothing(pair: TwinKit) -> None:
    for change in ({"enabled": False}, {"enabled": True, "minutes": 0}):
        Job.objects.filter(key="queue").update(**change)
        tasks.start_job(str(pair.job("queue").pk))
    assert not JobRun.objects.exists()


def test_while_everything_is_read_only_the_poll_goes_on(twin: TwinKit) -> None:
    schedules.follow(twin.sync)
    runs.open_run(twin.sync, RunKind.BACKFILL)
    for key in ("changes:contacts", "safety:contacts", "full:contacts"):
        tasks.start_job(str(twin.job(key).pk))
    assert set(JobRun.objects.values_list("kind", flat=True)) == {"backfill", "incremental"}
    assert twin.job("safety:contacts").note == Reason.STILL_RUNNING


# ---------------------------------------------------------------- no overlap


def test_a_start_that_meets_an_open_run_is_skipped_where_everybody_sees_it(pair: TwinKit) -> None:
    job = pair.job("queue")
    first = starts.start(job.pk)
    for _time in range(3):
        assert starts.start(job.pk) == starts.Start(skipped=True)
    job.refresh_from_db()
    assert (job.note, job.skipped, job.skipped_at is not None) == ("still_running", 3, True)
    assert AuditEntry.objects.filter(action="job.skipped").count() == 1, "one entry per streak"
    lanes.work(pair.sync.pk, seconds=60)
    assert len(starts.start(job.pk).opened) == len(first.opened) == 1
    job.refresh_from_db()
    assert (job.note, job.skipped) == ("", 0)


def test_a_run_without_a_sign_of_life_gives_way(pair: TwinKit) -> None:
    job = pair.job("queue")
    (dead,) = starts.start(job.pk).opened
    age(dead, 5)
    assert starts.start(job.pk).skipped
    age(dead, 7)
    (fresh,) = starts.start(job.pk).opened
    dead.refresh_from_db()
    assert (dead.state, fresh.state) == (RunState.CANCELLED, RunState.QUEUED)


def test_a_run_that_cannot_work_is_not_taken_for_dead(pair: TwinKit) -> None:
    job = pair.job("queue")
    (parked,) = starts.start(job.pk).opened
    age(parked, 48)
    pair.sync.integration.hubspot.state = ConnectionState.PAUSED
    pair.sync.integration.hubspot.save()
    assert starts.start(job.pk).skipped
    parked.refresh_from_db()
    assert parked.state == RunState.QUEUED


def test_one_sync_that_is_still_busy_does_not_keep_the_jobs_others_back(pair: TwinKit) -> None:
    other = ObjectSync.objects.create(
        tenant=pair.sync.tenant,
        integration=pair.sync.integration,
        key="deals",
        hubspot_object="deals",
        target_object="people",
        version=pair.sync.version,
    )
    pair.has_jobs(JobSpec("queue", "Queue", ("deals", "contacts"), sides=(T,)))
    job = pair.job("queue")
    runs.open_run(pair.sync, RunKind.INCREMENTAL, job=job)
    start = starts.start(job.pk)
    assert [run.object_sync_id for run in start.opened] == [other.pk]
    assert start.skipped
    assert pair.job("queue").started_at is not None


# ---------------------------------------------------------------- cursors of two starters


def test_two_starters_of_one_sync_are_open_together_and_read_their_own_side(pair: TwinKit) -> None:
    opened = [starts.start(pair.job(key).pk).opened[0] for key in ("queue", "contacts")]
    assert {run.kind for run in opened} == {RunKind.INCREMENTAL}
    lanes.work(pair.sync.pk, seconds=60)
    for run, side in zip(opened, ("target", "hubspot"), strict=True):
        run.refresh_from_db()
        assert run.state == RunState.DONE
        assert list(run.scope["cursors"]) == [side]


def test_neither_starter_loses_its_cursor_to_the_other(pair: TwinKit) -> None:
    pair.people(5)
    pair.settle_search()
    assert start(pair, "contacts").seen == 5
    for _time in range(3):
        start(pair, "queue")
    read = len(pair.hubspot.pages)
    assert start(pair, "contacts").seen == 0, "it goes on where it was"
    pair.people(2, at=900)
    start(pair, "queue")
    pair.settle_search()
    assert start(pair, "contacts").seen == 2
    assert {way for way, _cursor in pair.hubspot.pages[read:]} == {"changes"}
    assert len(pair.target.live()) == 7


def test_a_change_between_overlapping_starters_is_read_by_the_right_one(pair: TwinKit) -> None:
    start(pair, "contacts")
    queue = starts.start(pair.job("queue").pk).opened[0]
    pair.tick(500)
    pair.target.put({"mail": "t@x", "title": "T"})
    pair.hubspot.put({"email": "h@x", "name": "H"})
    pair.settle_search()
    contacts = starts.start(pair.job("contacts").pk).opened[0]
    lanes.work(pair.sync.pk, seconds=60)
    for run in (queue, contacts):
        run.refresh_from_db()
    assert (queue.seen, contacts.seen) == (1, 1)
    assert len(pair.hubspot.live()) == len(pair.target.live()) == 2


def test_a_safety_pass_starts_before_the_last_one_of_its_own_side(pair: TwinKit) -> None:
    start(pair, "safe")
    runs.open_run(pair.sync, RunKind.SETTLED, scope={"sides": ["target"]})
    lanes.work(pair.sync.pk, seconds=60)
    first = JobRun.objects.filter(job__key="safe").get()
    assert first.started_at is not None
    again = start(pair, "safe")
    since = first.started_at - timedelta(hours=1)
    assert again.scope["starts"]["hubspot"] == pair.hubspot.changes_since("contacts", since)


# ---------------------------------------------------------------- what is remembered of polls


def test_polls_that_found_nothing_leave_only_the_newest(twin: TwinKit) -> None:
    twin.people(1)
    twin.settle_search()
    first = twin.run(RunKind.INCREMENTAL)
    for _time in range(3):
        last = twin.run(RunKind.INCREMENTAL)
    assert first.seen == 1
    assert list(JobRun.objects.order_by("id")) == [first, last]
    assert last.state == RunState.DONE


def test_the_calls_of_forgotten_polls_still_count(
    pair: TwinKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _time in range(3):
        run = start(pair, "queue")
        JobRun.objects.filter(pk=run.pk).update(calls=7)
    start(pair, "queue")
    assert JobRun.objects.filter(job__key="queue").count() == 1
    job, now = pair.job("queue"), timezone.now()
    assert sum(job.calls.values()) == 21
    assert usage.of_day([job], now) == {job.pk: 21}
    assert usage.of_day([job], now + timedelta(hours=26)) == {job.pk: 0}
    usage.keep(job.pk, [(now + timedelta(hours=30), 5)])
    job.refresh_from_db()
    assert list(job.calls.values()) == [5], "hours of the day before are let go"
