"""The portal's own schedules: each once, whatever somebody changed, and a sweep at every start."""

from __future__ import annotations

import pytest
from django_q.models import OrmQ, Schedule
from django_q.signing import SignedPackage

from integrations import tasks
from integrations.services import schedules

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
