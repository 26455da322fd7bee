"""The portal's own schedules and those of each object sync: each once, whatever changed."""

from __future__ import annotations

from ast import literal_eval
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django_q.models import OrmQ, Schedule
from django_q.signing import SignedPackage
from pytest_django import DjangoAssertNumQueries

from integrations import tasks
from integrations.engine.errors import ConfigInvalid
from integrations.engine.mapping import FieldRule
from integrations.models import (
    AuditEntry,
    JobRun,
    Membership,
    ObjectSync,
    Role,
    RunKind,
    RunState,
    SyncState,
)
from integrations.services import runs, schedules, syncs, uninstalls
from tests.services.stage import Stage
from tests.services.twin_kit import CONFIG, TwinKit, object_sync

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
    found = Schedule.objects.filter(func="integrations.tasks.open_scheduled_run")
    return {literal_eval(row.args)[1]: row for row in found}


def test_a_sync_is_polled_made_sure_of_and_read_whole(twin: TwinKit) -> None:
    before = timezone.now()
    schedules.follow(twin.sync)
    found = rows()
    assert {kind: (row.schedule_type, row.minutes) for kind, row in found.items()} == {
        "incremental": (Schedule.MINUTES, 5),
        "settled": (Schedule.MINUTES, 4 * 60),
        "reconcile": (Schedule.WEEKLY, None),
    }
    assert {literal_eval(row.args)[0] for row in found.values()} == {str(twin.sync.pk)}
    assert before <= found["settled"].next_run <= before + timedelta(hours=4, minutes=1)


def test_the_passes_of_several_syncs_do_not_start_together(twin: TwinKit) -> None:
    for _number in range(8):
        object_sync()
    schedules.ensure()
    polls = Schedule.objects.filter(args__contains="incremental")
    starts = {row.next_run.replace(microsecond=0) for row in polls}
    assert polls.count() == 9
    assert len(starts) > 5


def test_following_again_changes_nothing(
    twin: TwinKit, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    schedules.follow(twin.sync)
    before = {row.pk: row.next_run for row in rows().values()}
    with django_assert_max_num_queries(4):
        schedules.follow(twin.sync)
    assert {row.pk: row.next_run for row in rows().values()} == before


def test_every_start_makes_repairs_and_clears_the_rows(twin: TwinKit) -> None:
    assert schedules.ensure() == len(schedules.MINUTES) + 3
    Schedule.objects.filter(args__contains="settled").update(minutes=1, repeats=3)
    Schedule.objects.filter(args__contains="reconcile").delete()
    stray = Schedule.objects.create(name="sync: gone settled", func="x", minutes=1)
    assert schedules.ensure() == 1
    assert (rows()["settled"].minutes, rows()["settled"].repeats) == (4 * 60, -1)
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
    assert not schedules.has_passes(row)


def test_a_side_that_would_list_everything_is_only_made_sure_of(twin: TwinKit) -> None:
    twin.people(1)
    twin.declare(lists_changes=True)
    assert twin.run(RunKind.INCREMENTAL).scope["stages"] == ["hubspot"]
    assert twin.run(RunKind.SETTLED).scope["stages"] == ["hubspot", "target"]


# ---------------------------------------------------------------- periods


def test_an_admin_chooses_the_periods(twin: TwinKit, user: User) -> None:
    schedules.follow(twin.sync)
    schedules.set_periods(twin.sync, user, poll=15, safety=24, full=30)
    found = rows()
    assert (found["incremental"].minutes, found["settled"].minutes) == (15, 24 * 60)
    assert found["reconcile"].schedule_type == Schedule.MONTHLY
    schedules.set_periods(twin.sync, user, full=0)
    assert set(rows()) == {"incremental", "settled"}
    entry = AuditEntry.objects.filter(action="schedule.changed").latest("id")
    assert (entry.detail, entry.actor) == ("full_days = 0", user)


def test_only_offered_periods_are_taken_and_only_from_admins(twin: TwinKit, user: User) -> None:
    with pytest.raises(ConfigInvalid, match="not offered"):
        schedules.set_periods(twin.sync, user, safety=5)
    with pytest.raises(PermissionDenied):
        schedules.set_periods(twin.sync, User.objects.create_user("stranger"), safety=8)
    schedules.set_periods(twin.sync, user, safety=4)
    assert not AuditEntry.objects.filter(action="schedule.changed").exists()


def test_screens_read_when_the_passes_start_next(
    twin: TwinKit, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    other = object_sync()
    schedules.follow(twin.sync)
    with django_assert_max_num_queries(1):
        found = schedules.next_runs(twin.sync, other)
    assert found[other.pk] == {}
    assert found[twin.sync.pk][RunKind.SETTLED] == rows()["settled"].next_run
    assert len(found[twin.sync.pk]) == 3


# ---------------------------------------------------------------- what they open


def test_a_schedule_opens_a_run_and_never_a_second_one(twin: TwinKit) -> None:
    for _time in range(2):
        tasks.open_scheduled_run(str(twin.sync.pk), "settled")
        tasks.open_scheduled_run(str(twin.sync.pk), "incremental")
    assert sorted(JobRun.objects.values_list("kind", flat=True)) == ["incremental", "settled"]
    assert not AuditEntry.objects.filter(action="run.opened").exists(), "it is no news"


def test_a_schedule_opens_nothing_for_a_sync_that_rests(twin: TwinKit) -> None:
    for state in (SyncState.PAUSED, SyncState.SETUP, SyncState.HELD, SyncState.UNINSTALLED):
        ObjectSync.objects.update(state=state)
        tasks.open_scheduled_run(str(twin.sync.pk), "settled")
    tasks.open_scheduled_run(str(uuid4()), "settled")
    assert not JobRun.objects.exists()


def test_while_everything_is_read_only_the_poll_goes_on(twin: TwinKit) -> None:
    runs.open_run(twin.sync, RunKind.BACKFILL)
    for kind in ("incremental", "settled", "reconcile"):
        tasks.open_scheduled_run(str(twin.sync.pk), kind)
    assert set(JobRun.objects.values_list("kind", flat=True)) == {"backfill", "incremental"}


def test_polls_that_found_nothing_leave_only_the_newest(twin: TwinKit) -> None:
    twin.people(1)
    twin.settle_search()
    first = twin.run(RunKind.INCREMENTAL)
    for _time in range(3):
        last = twin.run(RunKind.INCREMENTAL)
    assert first.seen == 1
    assert list(JobRun.objects.order_by("id")) == [first, last]
    assert last.state == RunState.DONE


# ---------------------------------------------------------------- the button


def test_the_sync_button_opens_a_full_pass_per_object_parents_first(
    twin: TwinKit, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    child = twin.sync
    parent = ObjectSync.objects.create(
        tenant=child.tenant,
        integration=child.integration,
        key="companies",
        hubspot_object="companies",
        target_object="people",
        version=child.version,
    )
    pointing = replace(CONFIG, rules=(FieldRule("@companies", "ids", reference="companies"),))
    configs = {child.pk: pointing, parent.pk: CONFIG}
    monkeypatch.setattr(syncs, "config_of", lambda row: configs[row.pk])
    opened = runs.sync_all(child.integration, user)
    assert [run.object_sync for run in opened] == [parent, child]
    assert {run.kind for run in opened} == {RunKind.MANUAL}
    assert runs.sync_all(child, user) == [opened[1]], "it is open already"
    assert AuditEntry.objects.filter(action="run.opened", actor=user).count() == 2


def test_the_sync_button_leaves_out_what_rests_and_refuses_strangers(
    twin: TwinKit, user: User
) -> None:
    ObjectSync.objects.update(state=SyncState.PAUSED)
    assert runs.sync_all(twin.sync.integration, user) == []
    with pytest.raises(PermissionDenied):
        runs.sync_all(twin.sync, User.objects.create_user("stranger"))
