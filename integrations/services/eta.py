"""How far a run is and how long it still takes, from what its pages noted. Reads no rows.

The speed is that of the pages themselves: time in which nobody worked on the run (a killed worker,
a pause) counts for little, and what a page did before it was lost counts for nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.utils import timezone

from integrations.models import JobRun, RunState
from integrations.services.stages import PLAN, phase_of, side_of

IDLE: Final = timedelta(seconds=30)
"""How much of a gap between two pages counts: others had their turn on the lane."""
STALLED: Final = timedelta(minutes=2)
"""Without a page for so long a run's time left is not known."""
WINDOW: Final = 120.0
"""Seconds after which older pages count for half."""


@dataclass(frozen=True, slots=True)
class RunProgress:
    """Records read of those to read in the present phase; `rate` is records per second.

    `total`, `share` (0 to 1) and `seconds_left` are None while they are not known. `planning`: the
    phase decides everything before anything is written.
    """

    done: int
    total: int | None = None
    share: float | None = None
    seconds_left: float | None = None
    rate: float = 0.0
    planning: bool = False


def paced(run: JobRun, stage: str, records: int, began: datetime, now: datetime) -> dict[str, Any]:
    """Return what a run's scope notes of a page that began after `run.heartbeat_at` and ends."""
    read = dict(run.scope.get("read", {}))
    read[stage] = read.get(stage, 0) + records
    seconds, count = run.scope.get("pace", (0.0, 0))
    if seconds > WINDOW:
        seconds, count = seconds / 2, count / 2
    seconds += max((now - began).total_seconds(), 0.0)
    return {"read": read, "pace": [round(seconds, 3), count + records]}


def idle(run: JobRun, began: datetime) -> timedelta:
    """Return how much of the gap since the run's last page counts as its own time."""
    gap = began - (run.heartbeat_at or run.started_at or began)
    return min(max(gap, timedelta(0)), IDLE)


def progress_of(run: JobRun, now: datetime | None = None) -> RunProgress:
    """Return how far a run is."""
    stage = run.cursor.partition("|")[0]
    stages, totals = phase_of(run, stage), run.scope.get("totals", {})
    read = run.scope.get("read", {})
    if stage not in stages:
        return _whole(run)
    if any(side_of(each).value not in totals for each in stages):
        stages = [stage]
    known = [totals.get(side_of(each).value) for each in stages]
    done = sum(read.get(each, 0) for each in stages)
    total = None if None in known else max(sum(known), done)
    seconds, records = run.scope.get("pace", (0.0, 0))
    rate = records / seconds if seconds > 0 else 0.0
    left = None
    fresh = run.heartbeat_at and (now or timezone.now()) - run.heartbeat_at < STALLED
    if total is not None and rate > 0 and fresh and run.state == RunState.RUNNING:
        left = (total - done) / rate
    share = done / total if total else None
    return RunProgress(done, total, share, left, rate, stage.startswith(PLAN))


def _whole(run: JobRun) -> RunProgress:
    """Return the progress of a run that has ended or has no stages: what it counted."""
    if run.state == RunState.DONE:
        return RunProgress(run.seen, run.seen, 1.0)
    share = min(run.seen / run.total, 1.0) if run.total else None
    return RunProgress(run.seen, run.total, share)
