"""Scheduled jobs as people see and change them: period, switch, run now, what they cost.

Starting is in `starts`, django-q2's rows are in `schedules`, what a job that is off keeps back in
`carriage`.
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
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_q.tasks import async_task

from integrations.engine.errors import ConfigInvalid
from integrations.engine.specs import JobSpec
from integrations.models import Integration, Job, JobRun, ObjectSync, RunState, SyncState
from integrations.services import audit, hints, job_specs, schedules, starts, tenants, usage
from integrations.services.job_specs import DAILY
from integrations.services.starts import Start

_DONE: Final = (RunState.DONE, RunState.CANCELLED)


@dataclass(frozen=True, slots=True)
class JobView:
    """One job with what came of its last start.

    `runs` are the newest run of each of its object syncs; `calls_last` and `calls_day` are requests
    to both systems, of these runs and of the last 24 hours. `warning` is a sentence, "" for none.
    """

    job: Job
    spec: JobSpec
    object_syncs: tuple[ObjectSync, ...]
    runs: tuple[JobRun, ...] = ()
    next_run: datetime | None = None
    calls_last: int = 0
    calls_day: int = 0
    warning: str = ""

    @property
    def label(self) -> str:
        """What people call it."""
        return _(self.spec.label)

    @property
    def help_text(self) -> str:
        """What it does, "" where nobody says."""
        return _(self.spec.help_text) if self.spec.help_text else ""

    @property
    def is_off(self) -> bool:
        """Whether it never starts by itself."""
        return job_specs.is_off(self.job)

    @property
    def is_open(self) -> bool:
        """Whether a run of its is not over yet."""
        return any(run.state not in _DONE for run in self.runs)


def of(integration: Integration) -> tuple[JobView, ...]:
    """Return an integration's jobs in their order: a fixed number of queries, no HTTP."""
    specs = {spec.key: spec for spec in job_specs.of(integration)}
    if not specs:
        return ()
    rows = {row.key: row for row in Job.objects.filter(integration=integration, key__in=specs)}
    syncs = {row.key: row for row in integration.object_syncs.order_by("created_at")}
    for row in syncs.values():
        row.integration = integration
    now, starting = timezone.now(), schedules.next_starts(rows.values())
    newest = JobRun.objects.filter(job__in=list(rows.values())).order_by(
        "job", "object_sync", "-id"
    )
    runs: dict[UUID | None, list[JobRun]] = {}
    for run in newest.distinct("job", "object_sync"):
        runs.setdefault(run.job_id, []).append(run)
    spent = usage.of_day(rows.values(), now)
    views = []
    for key, spec in specs.items():
        if (job := rows.get(key)) is not None:
            mine = tuple(runs.get(job.pk, ()))
            views.append(
                JobView(
                    job,
                    spec,
                    tuple(syncs[name] for name in spec.syncs if name in syncs),
                    mine,
                    starting.get(job.pk),
                    sum(run.calls for run in mine),
                    spent[job.pk],
                    _warning(job, mine),
                )
            )
    return tuple(views)


def one(integration: Integration, key: str) -> JobView:
    """Return one job; raises Job.DoesNotExist for a key the integration does not have."""
    found = next((view for view in of(integration) if view.job.key == key), None)
    if found is None:
        raise Job.DoesNotExist
    return found


def change(
    integration: Integration,
    key: str,
    user: AbstractBaseUser,
    *,
    minutes: int | None = None,
    enabled: bool | None = None,
) -> JobView:
    """Choose how often a job starts, or switch it on or off; None keeps either.

    A period that its last run exceeded is taken, with a warning: one long run may have been an
    exception, and starts never overlap. Raises ConfigInvalid for a period that is not possible,
    Job.DoesNotExist, PermissionDenied.
    """
    tenants.require(user, integration.tenant, change=True)
    spec = _spec(integration, key)
    if minutes is not None:
        _check(spec, minutes)
    with transaction.atomic():
        job = Job.objects.select_for_update(no_key=True).get(integration=integration, key=key)
        was_off = job_specs.is_off(job)
        said = _apply(job, minutes, enabled)
        if said:
            job.save(update_fields=["minutes", "enabled"])
            schedules.follow_integrations([integration.pk])
            audit.record(
                integration.tenant,
                "job.changed",
                user=user,
                integration=integration,
                detail=f"{spec.label} ({key}): {', '.join(said)}",
            )
        if spec.carries and was_off and not job_specs.is_off(job):
            _let_go(integration, job, spec)
    return one(integration, key)


def run_now(integration: Integration, key: str, user: AbstractBaseUser) -> Start:
    """Start a job at once, whatever its period; nothing is opened while its last run is open.

    Raises ConfigInvalid for a job whose being off keeps everything back, Job.DoesNotExist,
    PermissionDenied.
    """
    tenants.require(user, integration.tenant, change=True)
    spec = _spec(integration, key)
    job = Job.objects.get(integration=integration, key=key)
    if integration.state != SyncState.ACTIVE:
        raise ConfigInvalid(_("The integration does not work now: resume it first."))
    if spec.carries and job_specs.is_off(job):
        raise ConfigInvalid(_("This job is switched off. Switch it on first."))
    return starts.start(job.pk, user)


def words(minutes: int) -> str:
    """Say a period: "5 minutes", "4 hours", "7 days", "never"."""
    if not minutes:
        return _("never")
    for unit, one_of, many in (
        (DAILY, "%d day", "%d days"),
        (60, "%d hour", "%d hours"),
        (1, "%d minute", "%d minutes"),
    ):
        if minutes % unit == 0 and minutes > unit or minutes == unit:
            return ngettext(one_of, many, minutes // unit) % (minutes // unit)
    return str(minutes)


def _spec(integration: Integration, key: str) -> JobSpec:
    spec = job_specs.find(integration, key)
    if spec is None:
        raise Job.DoesNotExist
    return spec


def _check(spec: JobSpec, minutes: int) -> None:
    """Refuse a period that makes no sense, saying what would."""
    names = {"job": _(spec.label), "least": words(spec.least), "most": words(schedules.LONGEST)}
    if 0 < minutes < spec.least:
        raise ConfigInvalid(
            _("“%(job)s” cannot start more often than every %(least)s. Choose a longer period.")
            % names
        )
    if spec.offered and minutes not in spec.offered:
        raise ConfigInvalid(_("This period is not offered. Choose one of the list."))
    if minutes < 0 or (not spec.offered and minutes > schedules.LONGEST):
        raise ConfigInvalid(_("“%(job)s” needs a period of at most %(most)s.") % names)


def _apply(job: Job, minutes: int | None, enabled: bool | None) -> list[str]:
    said = []
    if minutes is not None and minutes != job.minutes:
        said.append(f"{minutes} minutes" if minutes else "never")
        job.minutes = minutes
    if enabled is not None and enabled != job.enabled:
        said.append("switched on" if enabled else "switched off")
        job.enabled = enabled
    return said


def _let_go(integration: Integration, job: Job, spec: JobSpec) -> None:
    """Wake what a carrying job kept back, and read at once what changed meanwhile."""
    rows = ObjectSync.objects.filter(integration=integration, key__in=spec.syncs)
    hints.wake(rows.values_list("pk", flat=True))
    async_task(schedules.TASK, str(job.pk))


def _warning(job: Job, runs: Sequence[JobRun]) -> str:
    """Say that a job cannot keep its period."""
    began = [run.started_at for run in runs if run.started_at and run.ended_at]
    ended = [run.ended_at for run in runs if run.started_at and run.ended_at]
    if (
        began
        and job.minutes
        and max(filter(None, ended)) - min(began) > timedelta(minutes=job.minutes)
    ):
        return _("Its last run took longer than its period: starts meanwhile are skipped.")
    return ""
