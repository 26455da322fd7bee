"""When what runs by itself: the portal's own tasks, and the scheduled jobs of every integration.

Rows of django-q2 that are kept in step with the code and with each `Job`; they only start jobs.
Only superusers may edit the rows, and every start of a worker puts them right.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID
from zlib import crc32

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django_q.models import Schedule
from django_q.tasks import async_task

from integrations.engine.specs import JobSpec
from integrations.models import Integration, Job, JobRun, ObjectSync, RunKind, RunState, SyncState
from integrations.services import job_specs
from integrations.services.job_specs import DAILY

MINUTES: Final = {
    "sweep": 1,
    "seal_audit": 5,
    "refresh_totals": 10,
    "refresh_fields": 60,
    "prune": DAILY,
    "check_connections": DAILY,
}
"""Task of `integrations.tasks` to the minutes between two calls."""
LONGEST: Final = 14 * DAILY
"""The longest period in minutes that need not be one of django-q2's own (it counts to 32,767)."""
TASK: Final = "integrations.tasks.start_job"
_PREFIX: Final = "job: "
_FORMER: Final = "sync: "
"""What the rows of passes were called before there were jobs."""
_OWN: Final = {DAILY: Schedule.DAILY, 7 * DAILY: Schedule.WEEKLY, 30 * DAILY: Schedule.MONTHLY}
_PASSES: Final = (RunKind.INCREMENTAL, RunKind.SETTLED, RunKind.RECONCILE)
OPEN: Final = (RunState.QUEUED, RunState.RUNNING, RunState.HELD)
_WORKING: Final = (SyncState.ACTIVE, SyncState.HELD)
"""States in which an object sync works by itself; one that is held may go on at any time."""


@dataclass(frozen=True, slots=True)
class _Start:
    """A job that starts by itself, as its row says it."""

    job: UUID
    minutes: int

    @property
    def name(self) -> str:
        return f"{_PREFIX}{self.job}"

    def row(self) -> dict[str, Any]:
        """Return the columns of the row, without when it runs next."""
        own = _OWN.get(self.minutes)
        return {
            "func": TASK,
            "args": repr((str(self.job),)),
            "schedule_type": own or Schedule.MINUTES,
            "minutes": None if own else self.minutes,
            "repeats": -1,
        }

    def first(self, now: datetime) -> datetime:
        """Return when it runs first: spread over the period, so that not all start together."""
        return now + timedelta(minutes=self.minutes) * (crc32(self.name.encode()) / 2**32)


def ensure() -> int:
    """Create or correct all jobs and schedules; returns how many schedules had to be created.

    Safe to repeat. The next worker sweeps as soon as it starts: the scheduler looks only every
    half minute.
    """
    made = 0
    with transaction.atomic():
        for name, minutes in MINUTES.items():
            _row, created = Schedule.objects.update_or_create(
                name=f"portal: {name}",
                defaults={
                    "func": f"integrations.tasks.{name}",
                    "schedule_type": Schedule.MINUTES,
                    "minutes": minutes,
                    "repeats": -1,
                },
            )
            made += created
        ours = Q(name__startswith=_PREFIX) | Q(name__startswith=_FORMER)
        live = Integration.objects.exclude(state=SyncState.UNINSTALLED).select_related("hubspot")
        made += _keep(list(live), Schedule.objects.filter(ours))
        async_task("integrations.tasks.sweep")
    return made


def follow(*object_syncs: ObjectSync) -> None:
    """Bring jobs and schedules in line with the state of these object syncs.

    To be called, in the same transaction, wherever one of these changes. What is paused, being set
    up or uninstalled has no schedules.
    """
    follow_integrations({row.integration_id for row in object_syncs})


def follow_integrations(keys: Iterable[UUID]) -> None:
    """Do the same for everything of some integrations: their jobs were changed."""
    with transaction.atomic():
        rows = Integration.objects.filter(pk__in=list(keys)).select_related("hubspot")
        _keep(list(rows), None)


def next_starts(jobs: Iterable[Job]) -> dict[UUID, datetime]:
    """Return when jobs start next, by job, with one query; those that never do are left out."""
    names = {f"{_PREFIX}{job.pk}": job.pk for job in jobs}
    rows = Schedule.objects.filter(name__in=names).values_list("name", "next_run")
    return {names[name]: at for name, at in rows}


def next_runs(*object_syncs: ObjectSync) -> dict[UUID, dict[RunKind, datetime]]:
    """Return when the passes of each object sync start next, of each kind the first."""
    found: dict[UUID, dict[RunKind, datetime]] = {row.pk: {} for row in object_syncs}
    integrations = {row.integration_id: row.integration for row in object_syncs}
    jobs = list(Job.objects.filter(integration__in=list(integrations)))
    starts = next_starts(jobs)
    for job in jobs:
        spec = job_specs.find(integrations[job.integration_id], job.key)
        if spec is None or spec.kind not in _PASSES or job.pk not in starts:
            continue
        kind, at = RunKind(spec.kind), starts[job.pk]
        for row in object_syncs:
            if row.integration_id == job.integration_id and row.key in spec.syncs:
                found[row.pk][kind] = min(at, found[row.pk].get(kind, at))
    return found


def _keep(integrations: list[Integration], stored: Iterable[Schedule] | None) -> int:
    """Create, correct and delete rows until they say what the jobs want.

    `stored` None: only the rows of these integrations' jobs are looked at.
    """
    jobs = _jobs(integrations)
    if stored is None:
        stored = Schedule.objects.filter(name__in=[f"{_PREFIX}{job.pk}" for job, _spec in jobs])
    known = {row.name: row for row in stored}
    wanted = {start.name: start for start in _wanted(integrations, jobs)}
    now, missing = timezone.now(), []
    for name, start in wanted.items():
        row, columns = known.get(name), start.row()
        if row is None:
            missing.append(Schedule(name=name, next_run=start.first(now), **columns))
        elif any(getattr(row, column) != value for column, value in columns.items()):
            Schedule.objects.filter(pk=row.pk).update(**columns, next_run=start.first(now))
    if missing:
        Schedule.objects.bulk_create(missing)
    stale = [row.pk for name, row in known.items() if name not in wanted]
    if stale:
        Schedule.objects.filter(pk__in=stale).delete()
    return len(missing)


def _jobs(integrations: list[Integration]) -> list[tuple[Job, JobSpec]]:
    """Return the jobs of integrations with what they are; those that are missing are made.

    A job that its connector does not know any more goes, and with it what it had begun.
    """
    specs = {each.pk: {spec.key: spec for spec in job_specs.of(each)} for each in integrations}
    rows = {(row.integration_id, row.key): row for row in _rows(integrations)}
    missing = [
        Job(tenant_id=each.tenant_id, integration=each, key=key, minutes=spec.minutes)
        for each in integrations
        for key, spec in specs[each.pk].items()
        if (each.pk, key) not in rows
    ]
    if missing:
        Job.objects.bulk_create(missing, ignore_conflicts=True)
        rows = {(row.integration_id, row.key): row for row in _rows(integrations)}
    unknown = [row.pk for (owner, key), row in rows.items() if key not in specs[owner]]
    if unknown:
        open_runs = JobRun.objects.filter(job__in=unknown, state__in=OPEN)
        open_runs.update(state=RunState.CANCELLED, ended_at=timezone.now())
        Job.objects.filter(pk__in=unknown).delete()
    return [(row, specs[owner][key]) for (owner, key), row in rows.items() if key in specs[owner]]


def _rows(integrations: list[Integration]) -> Iterable[Job]:
    return Job.objects.filter(integration__in=integrations)


def _wanted(integrations: list[Integration], jobs: list[tuple[Job, JobSpec]]) -> Iterable[_Start]:
    """Yield the jobs that start by themselves: an object sync of theirs works."""
    live = [each.pk for each in integrations if each.state == SyncState.ACTIVE]
    rows = ObjectSync.objects.filter(integration__in=live, state__in=_WORKING)
    working = set(rows.exclude(version=None).values_list("integration_id", "key"))
    for job, spec in jobs:
        if not job_specs.is_off(job) and any(
            (job.integration_id, key) in working for key in spec.syncs
        ):
            yield _Start(job.pk, job.minutes)
