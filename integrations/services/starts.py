"""Starting scheduled jobs: the runs they open, and starts that are skipped because one is open.

When a job starts is in `schedules`, what people change about it in `jobs`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from integrations.engine.reasons import Reason
from integrations.engine.records import Side
from integrations.engine.specs import JobSpec
from integrations.models import (
    ConnectionState,
    Job,
    JobRun,
    ObjectSync,
    RunKind,
    RunState,
    SyncState,
)
from integrations.services import audit, carriage, job_specs, runs

STALE: Final = timedelta(hours=6)
"""After so long without a sign of life (and two periods) a run gives way to a new one."""
COVERED: Final = (RunKind.SETTLED, RunKind.RECONCILE)
"""Kinds that a pass over everything, whoever opened it, makes superfluous."""


@dataclass(frozen=True, slots=True)
class Start:
    """What came of a start: the runs it opened, and whether an earlier one was still open."""

    opened: tuple[JobRun, ...] = ()
    skipped: bool = False


def start(job_id: UUID, user: AbstractBaseUser | None = None) -> Start:
    """Open the runs of a job, one per object sync that works; those with an open one are skipped.

    A job that is off starts only when a person asks. Safe to repeat: delivery is at least once.
    """
    with transaction.atomic():
        rows = Job.objects.select_for_update(no_key=True, of=("self",)).select_related(
            "tenant", "integration__hubspot", "integration__target"
        )
        job = rows.filter(pk=job_id, integration__state=SyncState.ACTIVE).first()
        spec = job_specs.find(job.integration, job.key) if job else None
        if job is None or spec is None or (user is None and job_specs.is_off(job)):
            return Start()
        now = timezone.now()
        opened, skipped = [], False
        for row in _working(job, spec):
            if _is_busy(job, spec, row, now):
                skipped = True
            else:
                opened.append(_open(job, spec, row, user))
        _note(job, spec, bool(opened), skipped, now)
    return Start(tuple(opened), skipped)


def _working(job: Job, spec: JobSpec) -> list[ObjectSync]:
    """Return the job's object syncs that work, in the job's order: parents come first."""
    rows = ObjectSync.objects.filter(
        integration=job.integration_id, key__in=spec.syncs, state=SyncState.ACTIVE
    ).exclude(version=None)
    found = list(rows.select_related("tenant", "version"))
    for row in found:
        row.integration = job.integration
    return sorted(found, key=lambda row: spec.syncs.index(row.key))


def _open(job: Job, spec: JobSpec, row: ObjectSync, user: AbstractBaseUser | None) -> JobRun:
    sides = [side.value for side in Side if side in spec.sides]
    scope = {"sides": sides} if len(sides) < len(Side) else {}
    return runs.open_run(row, RunKind(spec.kind), requested_by=user, scope=scope, job=job)


def _is_busy(job: Job, spec: JobSpec, row: ObjectSync, now: datetime) -> bool:
    """Tell whether a run is still at what this start would do; one that is dead gives way."""
    shut = carriage.of(row).sides
    for run in JobRun.objects.filter(object_sync=row, job=job, state__in=runs.OPEN):
        if not _is_stale(run, job, row, now) or _waits(run, shut):
            return True
        runs.cancel(run)
    if spec.kind not in COVERED:
        return False
    whole = JobRun.objects.filter(object_sync=row, kind__in=runs.WHOLE, state__in=runs.OPEN)
    return (whole.exclude(runs.waiting(shut)) if shut else whole).exists()


def _is_stale(run: JobRun, job: Job, row: ObjectSync, now: datetime) -> bool:
    """Tell whether a run shows no sign of life although nothing keeps it from working."""
    sides = (job.integration.hubspot, job.integration.target)
    if any(side is None or side.state != ConnectionState.ACTIVE for side in sides):
        return False
    if run.state == RunState.HELD or (row.not_before and row.not_before > now):
        return False
    alive = run.heartbeat_at or run.started_at or run.created_at
    return now - alive > max(STALE, 2 * timedelta(minutes=job.minutes))


def _waits(run: JobRun, shut: Sequence[Side]) -> bool:
    return bool(shut) and JobRun.objects.filter(runs.waiting(shut), pk=run.pk).exists()


def _note(job: Job, spec: JobSpec, opened: bool, skipped: bool, now: datetime) -> None:
    """Remember how a start went; what is skipped in a row is one entry of the audit log."""
    changes: dict[str, object] = {}
    if opened:
        changes |= {"started_at": now, "note": "", "skipped": 0}
    if skipped:
        changes |= {"skipped_at": now, "note": Reason.STILL_RUNNING.value}
        changes |= {"skipped": job.skipped + 1}
        if job.skipped == 0:
            audit.record(
                job.tenant,
                "job.skipped",
                integration=job.integration,
                reason=Reason.STILL_RUNNING,
                detail=spec.label,
            )
    if changes:
        Job.objects.filter(pk=job.pk).update(**changes)
