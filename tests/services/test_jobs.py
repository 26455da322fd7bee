"""What people change about scheduled jobs and see of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from integrations.engine.errors import ConfigInvalid
from integrations.engine.specs import JobSpec
from integrations.models import (
    AuditEntry,
    Job,
    JobRun,
    Membership,
    Role,
    RunKind,
    RunState,
    SyncState,
)
from integrations.services import job_specs, jobs, lanes, schedules, starts
from tests.services.twin_kit import T, TwinKit

pytestmark = pytest.mark.django_db
FREE = JobSpec("free", "Queue", ("contacts",), sides=(T,), minutes=10, least=2)


@pytest.fixture
def user(twin: TwinKit) -> User:
    """Give the owner of the twins' organisation."""
    owner = User.objects.create_user("olga")
    Membership.objects.create(tenant=twin.sync.tenant, user=owner, role=Role.OWNER)
    schedules.follow(twin.sync)
    return owner


def test_an_integration_starts_with_the_jobs_that_suit_its_systems(
    twin: TwinKit, user: User
) -> None:
    found = jobs.of(twin.sync.integration)
    assert [(view.job.key, view.job.minutes, view.is_off) for view in found] == [
        ("changes:contacts", 5, False),
        ("safety:contacts", 240, False),
        ("full:contacts", 10_080, False),
    ]
    assert [row.key for row in found[0].object_syncs] == ["contacts"]
    twin.declare(lists_changes=True, can_list=False)
    assert job_specs.find(twin.sync.integration, "changes:contacts") is not None, "HubSpot can"


def test_a_change_is_kept_and_audited_once(twin: TwinKit, user: User) -> None:
    integration = twin.sync.integration
    assert jobs.change(integration, "changes:contacts", user, minutes=15).job.minutes == 15
    jobs.change(integration, "changes:contacts", user, minutes=15)
    jobs.change(integration, "changes:contacts", user, enabled=False)
    entries = AuditEntry.objects.filter(action="job.changed", actor=user).order_by("id")
    assert [entry.detail for entry in entries] == [
        "Recent changes (changes:contacts): 15 minutes",
        "Recent changes (changes:contacts): switched off",
    ]


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (1, "“Queue” cannot start more often than every 2 minutes. Choose a longer period."),
        (99_999, "“Queue” needs a period of at most 14 days."),
        (-5, "“Queue” needs a period of at most 14 days."),
    ],
)
def test_a_free_period_that_makes_no_sense_is_refused_in_words(
    minutes: int, said: str, twin: TwinKit, user: User
) -> None:
    twin.has_jobs(FREE)
    with pytest.raises(ConfigInvalid) as refusal:
        jobs.change(twin.sync.integration, "free", user, minutes=minutes)
    assert refusal.value.detail == said
    assert jobs.change(twin.sync.integration, "free", user, minutes=17).job.minutes == 17
    assert twin.job("free").minutes == 17


def test_only_offered_periods_are_taken_and_only_from_admins(twin: TwinKit, user: User) -> None:
    integration = twin.sync.integration
    with pytest.raises(ConfigInvalid, match="not offered"):
        jobs.change(integration, "safety:contacts", user, minutes=5)
    stranger = User.objects.create_user("stranger")
    for act in (
        lambda: jobs.change(integration, "safety:contacts", stranger, minutes=480),
        lambda: jobs.run_now(integration, "safety:contacts", stranger),
    ):
        with pytest.raises(PermissionDenied):
            act()
    with pytest.raises(Job.DoesNotExist):
        jobs.change(integration, "none", user, enabled=False)
    assert not AuditEntry.objects.filter(action="job.changed").exists()


def test_a_period_shorter_than_the_last_run_is_taken_with_a_warning(
    twin: TwinKit, user: User
) -> None:
    integration = twin.sync.integration
    (run,) = starts.start(twin.job("changes:contacts").pk).opened
    began = timezone.now() - timedelta(minutes=20)
    JobRun.objects.filter(pk=run.pk).update(
        state=RunState.DONE, started_at=began, ended_at=began + timedelta(minutes=12)
    )
    assert jobs.change(integration, "changes:contacts", user, minutes=15).warning == ""
    assert "longer than its period" in (
        jobs.change(integration, "changes:contacts", user, minutes=10).warning
    )


# ---------------------------------------------------------------- run now


def test_a_person_starts_a_job_at_once_also_one_that_is_off(twin: TwinKit, user: User) -> None:
    integration = twin.sync.integration
    jobs.change(integration, "safety:contacts", user, enabled=False)
    (run,) = jobs.run_now(integration, "safety:contacts", user).opened
    assert (run.kind, run.requested_by) == (RunKind.SETTLED, user)
    assert AuditEntry.objects.filter(action="run.opened", actor=user).count() == 1
    assert jobs.run_now(integration, "safety:contacts", user).skipped
    assert JobRun.objects.count() == 1


def test_nothing_is_started_by_hand_while_the_integration_rests(twin: TwinKit, user: User) -> None:
    twin.sync.integration.state = SyncState.PAUSED
    twin.sync.integration.save()
    with pytest.raises(ConfigInvalid, match="resume it first"):
        jobs.run_now(twin.sync.integration, "safety:contacts", user)


def test_a_carrying_job_that_is_off_starts_neither_by_hand_nor_by_itself(
    twin: TwinKit, user: User
) -> None:
    twin.has_jobs(replace(FREE, carries=True))
    jobs.change(twin.sync.integration, "free", user, enabled=False)
    with pytest.raises(ConfigInvalid, match="Switch it on first"):
        jobs.run_now(twin.sync.integration, "free", user)
    assert starts.start(twin.job("free").pk) == starts.Start()


# ---------------------------------------------------------------- what is shown


def test_a_job_shows_its_last_run_and_what_it_cost(
    twin: TwinKit, user: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    (run,) = starts.start(twin.job("changes:contacts").pk).opened
    lanes.work(twin.sync.pk, seconds=60)
    JobRun.objects.filter(pk=run.pk).update(calls=9)
    with django_assert_max_num_queries(6):
        view = jobs.of(twin.sync.integration)[0]
    assert [shown.pk for shown in view.runs] == [run.pk]
    assert (view.calls_last, view.calls_day, view.is_open) == (9, 9, False)
    assert view.next_run is not None
    assert jobs.of(twin.sync.integration)[1].runs == ()


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (0, "never"), (1, "1 minute"), (15, "15 minutes"), (60, "1 hour"), (90, "90 minutes"),
        (480, "8 hours"), (1440, "1 day"), (10_080, "7 days"),
    ],
)  # fmt: skip
def test_a_period_is_said_in_the_largest_whole_unit(minutes: int, said: str) -> None:
    assert jobs.words(minutes) == said
