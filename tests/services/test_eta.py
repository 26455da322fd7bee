"""How far a run is: per phase, without counting the time in which nobody worked on it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from integrations.models import JobRun, RunKind, RunState
from integrations.services import eta
from tests.services.twin_kit import TwinKit

NOW = datetime(2026, 11, 20, tzinfo=UTC)
BOTH = ["plan:hubspot", "plan:target", "hubspot", "target"]


def run_of(cursor: str, **scope: object) -> JobRun:
    return JobRun(
        kind=RunKind.BACKFILL,
        state=RunState.RUNNING,
        cursor=cursor,
        scope={"stages": BOTH, **scope},
        heartbeat_at=NOW,
    )


def work(run: JobRun, stage: str, pages: int, seconds: float, *, gap: float = 0.0) -> None:
    """Let a run do pages of 100 records, with a gap before each."""
    assert run.heartbeat_at
    for _page in range(pages):
        began = run.heartbeat_at + timedelta(seconds=gap)
        now = began + timedelta(seconds=seconds)
        run.scope |= eta.paced(run, stage, 100, began - eta.idle(run, began), now)
        run.heartbeat_at = now


def test_the_time_left_follows_from_what_the_pages_took() -> None:
    run = run_of("hubspot|4", totals={"hubspot": 1000, "target": 500})
    work(run, "hubspot", pages=3, seconds=2, gap=0.5)
    found = eta.progress_of(run, run.heartbeat_at)
    assert (found.done, found.total, found.share, found.planning) == (300, 1500, 0.2, False)
    assert (found.rate, found.seconds_left) == (40, 30)


def test_planning_is_a_phase_of_its_own() -> None:
    run = run_of("plan:target|4", totals={"hubspot": 300, "target": 500})
    work(run, "plan:hubspot", pages=3, seconds=2)
    found = eta.progress_of(run, run.heartbeat_at)
    assert (found.done, found.total, found.planning) == (300, 800, True)


def test_hours_in_which_a_worker_was_dead_do_not_slow_a_run_down() -> None:
    run = run_of("hubspot|4", totals={"hubspot": 10_000, "target": 0})
    work(run, "hubspot", pages=10, seconds=10)
    work(run, "hubspot", pages=1, seconds=10, gap=5 * 3600)
    found = eta.progress_of(run, run.heartbeat_at)
    assert found.rate == pytest.approx(1100 / 140)


def test_a_run_that_nobody_works_on_promises_nothing() -> None:
    run = run_of("hubspot|4", totals={"hubspot": 1000, "target": 500})
    work(run, "hubspot", pages=3, seconds=2)
    assert eta.progress_of(run, NOW + timedelta(hours=1)).seconds_left is None
    run.state = RunState.HELD
    assert eta.progress_of(run, run.heartbeat_at).seconds_left is None


def test_the_newest_pages_count_most() -> None:
    run = run_of("hubspot|4", totals={"hubspot": 100_000, "target": 0})
    work(run, "hubspot", pages=200, seconds=1)
    work(run, "hubspot", pages=100, seconds=10)
    found = eta.progress_of(run, run.heartbeat_at)
    assert found.rate == pytest.approx(10, rel=0.1)
    assert found.done == 30_000


def test_one_unknown_total_leaves_the_present_stage() -> None:
    run = run_of("hubspot|4", totals={"hubspot": 200})
    work(run, "hubspot", pages=3, seconds=2)
    found = eta.progress_of(run, run.heartbeat_at)
    assert (found.done, found.total, found.share) == (300, 300, 1), "more than the count said"
    run.cursor = "target|"
    found = eta.progress_of(run, run.heartbeat_at)
    assert (found.done, found.total, found.share, found.seconds_left) == (0, None, None, None)


def test_a_run_without_stages_tells_what_it_counted() -> None:
    run = JobRun(kind=RunKind.PREVIEW, state=RunState.RUNNING, seen=30, total=120)
    assert eta.progress_of(run).share == 0.25
    run.total = None
    assert eta.progress_of(run).share is None
    run.state = RunState.DONE
    assert (eta.progress_of(run).share, eta.progress_of(run).total) == (1, 30)


@pytest.mark.django_db
def test_a_real_run_notes_its_pace_and_ends_with_everything_read(twin: TwinKit) -> None:
    twin.people(6)
    run = twin.run(RunKind.BACKFILL)
    assert run.scope["read"] == {"hubspot": 6, "target": 6}
    assert run.scope["totals"] == {"hubspot": 6}
    assert run.scope["pace"][1] == 12
    assert eta.progress_of(run).share == 1
