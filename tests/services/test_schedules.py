"""The portal's own schedules and those of each object sync: each once, whatever changed."""

from __future__ import annotations

from ast import literal_eval
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from django_q.models import OrmQ, Schedule
from django_q.signing import SignedPackage
from pytest_django import DjangoAssertNumQueries

from integrations import tasks
from integrations.models import (
    Job,
    JobRun,
    Membership,
    ObjectSync,
    Role,
    RunKind,
    RunState,
    SyncState,
)
from integrations.services import job_specs, jobs, runs, schedules, syncs, uninstalls
from tests.services.stage import Stage
from tests.services.twin_kit import TwinKit, object_sync

pytestmark = pytest.mark.django_db


def test_each_schedule_is_made_once_and_calls_a_task_that_exists() -> None:
    assert schedules.ensure() == len(schedules.MINUTES)
    assert schedules.ensure() == 0
    functions = set(Schedule.objects.values_list("func", flat=True))
    assert functions == {f"integrations.tasks.{name}" for name in schedules.MINUTES}
    assert all(callable(getattr(tasks, name)) for name in schedules.MINUTES)


def test_a_changed_schedule_is_put_right() -> None:
    schedules.ensure()
    Schedule.objects.update(minutes=7, repeats=0)
    schedules.ensure()
    found = dict(Schedule.objects.values_list("func", "minutes"))
    assert found["integrations.tasks.sweep"] == schedules.MINUTES["sweep"]
    assert not Schedule.objects.exclude(repeats=-1).exists()


def test_a_start_sweeps_at_once() -> None:
    schedules.ensure()
    (queued,) = OrmQ.objects.all()
    assert SignedPackage.loads(queued.payload)["func"] == "integrations.tasks.sweep"


# ---------------------------------------------------------------- passes of object syncs


@pytest.fixture
def user(twin: TwinKit) -> User:
    """Give the owner of the twins' organisation."""
    owner = User.objects.create_user("olga")
    Membership.objects.create(tenant=twin.sync.tenant, user=owner, role=Role.OWNER)
    return owner


def rows() -> dict[str, Schedule]:
    found = Schedule.objects.filter(func="integrations.tasks.start_job")
    keys = {str(job.pk): job.key for job in Job.objects.all()}
    return {keys[literal_eval(row.args)[0]].partition(":")[0]: row for row in found}


def test_a_sync_is_polled_made_sure_of_and_read_whole(twin: TwinKit) -> None:
    before = timezone.now()
    schedules.follow(twin.sync)
    found = rows()
    assert {kind: (row.schedule_type, row.minutes) for kind, row in found.items()} == {
        "changes": (Schedule.MINUTES, 5),
        "safety": (Schedule.MINUTES, 4 * 60),
        "full": (Schedule.WEEKLY, None),
    }
    assert before <= found["safety"].next_run <= before + timedelta(hours=4, minutes=1)


def test_the_passes_of_several_syncs_do_not_start_together(twin: TwinKit) -> None:
    for _number in range(8):
        object_sync()
    schedules.ensure()
    jobs = Job.objects.filter(key="changes:contacts").values_list("pk", flat=True)
    polls = Schedule.objects.filter(name__in=[f"job: {key}" for key in jobs])
    starts = {row.next_run.replace(microsecond=0) for row in polls}
    assert polls.count() == 9
    assert len(starts) > 5


def test_following_again_changes_nothing(
    twin: TwinKit, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    schedules.follow(twin.sync)
    before = {row.pk: row.next_run for row in rows().values()}
    with django_assert_max_num_queries(6):
        schedules.follow(twin.sync)
    assert {row.pk: row.next_run for row in rows().values()} == before


def test_every_start_makes_repairs_and_clears_the_rows(twin: TwinKit) -> None:
    assert schedules.ensure() == len(schedules.MINUTES) + 3
    Schedule.objects.filter(pk=rows()["safety"].pk).update(minutes=1, repeats=3)
    Schedule.objects.filter(pk=rows()["full"].pk).delete()
    stray = Schedule.objects.create(name="sync: gone settled", func="x", minutes=1)
    assert schedules.ensure() == 1
    assert (rows()["safety"].minutes, rows()["safety"].repeats) == (4 * 60, -1)
    assert not Schedule.objects.filter(pk=stray.pk).exists()


def test_pausing_takes_the_schedules_away_and_resuming_brings_them_back(
    twin: TwinKit, user: User
) -> None:
    for what in (twin.sync, twin.sync.integration):
        syncs.resume(what, user)
        assert len(rows()) == 3
        syncs.pause(what, user)
        assert rows() == {}


def test_uninstalling_takes_the_schedules_away(twin: TwinKit, user: User) -> None:
    schedules.follow(twin.sync)
    uninstalls.disconnect(twin.sync.integration, user)
    assert rows() == {}


def test_what_was_never_published_has_no_schedules(twin: TwinKit) -> None:
    ObjectSync.objects.update(state=SyncState.SETUP)
    schedules.follow(twin.sync)
    assert rows() == {}


def test_a_fixed_sync_that_hears_of_everything_has_none(stage: Stage) -> None:
    row = stage.connect().object_syncs.get()
    schedules.follow(row)
    assert rows() == {}
    assert not Job.objects.exists()


def test_a_side_that_would_list_everything_is_only_made_sure_of(twin: TwinKit) -> None:
    twin.people(1)
    twin.declare(lists_changes=True)
    assert twin.run(RunKind.INCREMENTAL).scope["stages"] == ["hubspot"]
    assert twin.run(RunKind.SETTLED).scope["stages"] == ["hubspot", "target"]


# ---------------------------------------------------------------- what changes them


def test_the_rows_follow_the_jobs(twin: TwinKit, user: User) -> None:
    schedules.follow(twin.sync)
    jobs.change(twin.sync.integration, "changes:contacts", user, minutes=15)
    jobs.change(twin.sync.integration, "full:contacts", user, minutes=30 * job_specs.DAILY)
    jobs.change(twin.sync.integration, "safety:contacts", user, enabled=False)
    found = rows()
    assert found.keys() == {"changes", "full"}
    assert (found["changes"].minutes, found["full"].schedule_type) == (15, Schedule.MONTHLY)
    jobs.change(twin.sync.integration, "full:contacts", user, minutes=0)
    assert rows().keys() == {"changes"}


def test_a_job_that_its_connector_dropped_goes_and_its_runs_stay(twin: TwinKit) -> None:
    schedules.follow(twin.sync)
    job = Job.objects.create(
        tenant=twin.sync.tenant, integration=twin.sync.integration, key="old", minutes=5
    )
    run = runs.open_run(twin.sync, RunKind.SETTLED, job=job)
    other = runs.open_run(twin.sync, RunKind.SETTLED)
    schedules.ensure()
    assert sorted(Job.objects.values_list("key", flat=True)) == [
        "changes:contacts", "full:contacts", "safety:contacts",
    ]  # fmt: skip
    states = dict(JobRun.objects.values_list("pk", "state"))
    assert states == {run.pk: RunState.CANCELLED, other.pk: RunState.QUEUED}


def test_screens_read_when_the_passes_start_next(
    twin: TwinKit, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    other = object_sync()
    schedules.follow(twin.sync)
    with django_assert_max_num_queries(2):
        found = schedules.next_runs(twin.sync, other)
    assert found[other.pk] == {}
    assert found[twin.sync.pk][RunKind.SETTLED] == rows()["safety"].next_run
    assert len(found[twin.sync.pk]) == 3
