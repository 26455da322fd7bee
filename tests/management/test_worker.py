"""The worker command: schedules, a prompt second sweep, and the watchdog over a frozen cluster."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from django.utils import timezone
from django_q.models import OrmQ, Schedule

from integrations.management.commands import worker
from integrations.models import Heartbeat
from integrations.services import health, leases

pytestmark = pytest.mark.django_db


class Stop(Exception):
    """Ends the watchdog's endless loop."""


@pytest.fixture
def killed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Note signals instead of sending them."""
    signals: list[int] = []
    monkeypatch.setattr(os, "killpg", lambda _group, number: signals.append(number))
    return signals


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Run the watchdog on a clock that sleeping moves, until so many seconds have passed."""

    def run(seconds: float) -> None:
        now = [0.0]

        def sleep(length: float) -> None:
            now[0] += length
            if now[0] > seconds:
                raise Stop

        monkeypatch.setattr(time, "sleep", sleep)
        monkeypatch.setattr(time, "monotonic", lambda: now[0])
        monkeypatch.setattr(connection, "close", lambda: None)
        with pytest.raises(Stop):
            worker._watch()

    return run


def beat(age: timedelta) -> None:
    Heartbeat.objects.create(name=health.WORKER, at=timezone.now() - age)


def test_it_makes_the_schedules_and_runs_the_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []
    monkeypatch.setattr(worker, "call_command", ran.append)
    monkeypatch.setattr(threading.Thread, "start", lambda _self: None)
    monkeypatch.setattr(connection, "close", lambda: None)
    call_command("worker")
    assert ran == ["qcluster"]
    assert Schedule.objects.filter(func="integrations.tasks.sweep").count() == 1


def test_it_sweeps_again_when_the_leases_of_the_dead_have_run_out(
    watch: Callable[[float], None], killed: list[int]
) -> None:
    watch(leases.TTL + 2)
    assert [row.func() for row in OrmQ.objects.all()] == ["integrations.tasks.sweep"]


def test_a_beating_cluster_is_left_alone(watch: Callable[[float], None], killed: list[int]) -> None:
    beat(timedelta(seconds=30))
    watch(1_000)
    assert killed == []


def test_a_frozen_cluster_is_killed(watch: Callable[[float], None], killed: list[int]) -> None:
    beat(timedelta(minutes=10))
    watch(1_000)
    assert set(killed) == {signal.SIGKILL}


def test_a_cluster_has_time_for_its_first_heartbeat(
    watch: Callable[[float], None], killed: list[int]
) -> None:
    watch(health.HEARTBEAT_LIMIT.total_seconds())
    assert killed == []


def test_a_database_that_is_away_is_no_frozen_cluster(
    watch: Callable[[float], None], killed: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> bool:
        raise OperationalError

    monkeypatch.setattr(health, "silent", away)
    watch(1_000)
    assert killed == []
