"""The life of runs: opening, finishing, holding, approving, cancelling. Pages are in `pages.py`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from integrations.engine.errors import ConfigInvalid, SyncError
from integrations.engine.reasons import Reason
from integrations.engine.records import Side
from integrations.models import (
    Integration,
    Job,
    JobRun,
    ObjectSync,
    RunKind,
    RunState,
    SyncState,
)
from integrations.services import audit, hints, ledger_sql, schedules, syncs, tenants, totals, usage

OPEN: Final = schedules.OPEN
WORKABLE: Final = (RunState.QUEUED, RunState.RUNNING)
PLAN: Final = "plan:"
"""What a run's cursor begins with while nothing is written yet; the stage's side follows."""
WHOLE: Final = (RunKind.BACKFILL, RunKind.RECONCILE, RunKind.MANUAL)
"""Kinds that look at everything there is."""
ASKED: Final = ("since", "sides", "fired")
"""What whoever opens a run says in its scope; the rest is how far it has come."""
ROUTINE: Final = (RunKind.INCREMENTAL, RunKind.SETTLED, RunKind.REFRESH)
"""Kinds that come by so often that their opening is no history."""
NOTICES_SPAN: Final = timedelta(hours=1)
"""Notices and retries of this long are counted in one run, so that the list stays readable."""


def open_run(
    object_sync: ObjectSync,
    kind: RunKind,
    *,
    requested_by: AbstractBaseUser | None = None,
    scope: Mapping[str, Any] | None = None,
    job: Job | None = None,
) -> JobRun:
    """Open a run and wake its lane; a run of the kind that is open already is returned instead.

    `scope` {"fired": true} starts a triggered sync for every record that is in the trigger's
    value now. `job` is the scheduled job that opens it: each has runs of its own, since two of
    one kind may read different sides. Raises ConfigInvalid for the kind that only the portal opens.
    """
    if kind is RunKind.WEBHOOK:
        raise ConfigInvalid("Notices open their run by themselves.")
    with transaction.atomic():
        run, created = JobRun.objects.get_or_create(
            object_sync=object_sync,
            kind=kind,
            job=job,
            state__in=OPEN,
            defaults={
                "tenant_id": object_sync.tenant_id,
                "state": RunState.QUEUED,
                "scope": dict(scope or {}),
                "requested_by_id": requested_by.pk if requested_by else None,
                "version_number": object_sync.version.number if object_sync.version else 0,
            },
        )
        if created and (requested_by or kind not in ROUTINE):
            _record(run, "run.opened", requested_by)
        hints.wake([object_sync.pk])
    return run


def sync_all(what: Integration | ObjectSync, user: AbstractBaseUser) -> list[JobRun]:
    """Open a full pass that a person asks for; of an integration, parents before children.

    What is being set up, paused or held is left out. Raises PermissionDenied.
    """
    tenants.require(user, what.tenant, change=True)
    rows = [what] if isinstance(what, ObjectSync) else list(what.object_syncs.all())
    ready = [row for row in rows if row.state == SyncState.ACTIVE and row.version_id]
    ready.sort(key=lambda row: any(rule.reference for rule in syncs.config_of(row).rules))
    return [open_run(row, RunKind.MANUAL, requested_by=user) for row in ready]


def next_open(
    object_sync: ObjectSync, *, harmless: bool = False, shut: Collection[Side] = ()
) -> JobRun | None:
    """Return the run whose turn it is: the one that waits longest since its last page.

    `harmless`: only one that writes nothing, for a sync that is not active. Runs whose next page is
    of a side in `shut` wait.
    """
    rows = JobRun.objects.filter(object_sync=object_sync, state__in=WORKABLE)
    rows = rows.filter(kind=RunKind.PREVIEW) if harmless else rows
    rows = rows.exclude(waiting(shut)) if shut else rows
    return (
        rows.exclude(kind=RunKind.WEBHOOK)
        .order_by(F("heartbeat_at").asc(nulls_first=True), "id")
        .first()
    )


def waiting(shut: Collection[Side]) -> Q:
    """Return the condition of runs whose next page is of one of these sides: name one at least."""
    stages = Q()
    for side in shut:
        stages |= Q(cursor__startswith=f"{side.value}|")
        stages |= Q(cursor__startswith=f"{PLAN}{side.value}|")
    return stages & ~Q(kind=RunKind.PREVIEW)


def of_notices(object_sync: ObjectSync, now: datetime) -> JobRun:
    """Return the run in which hints are counted now."""
    recent = JobRun.objects.filter(
        object_sync=object_sync, kind=RunKind.WEBHOOK, created_at__gt=now - NOTICES_SPAN
    )
    run = recent.order_by("-id").first()
    if run is not None and run.state != RunState.CANCELLED:
        return run
    return JobRun.objects.create(
        tenant_id=object_sync.tenant_id,
        object_sync=object_sync,
        kind=RunKind.WEBHOOK,
        state=RunState.DONE,
        started_at=now,
        ended_at=now,
        version_number=object_sync.version.number if object_sync.version else 0,
    )


def start(run: JobRun, version: int, scope: Mapping[str, Any], now: datetime) -> None:
    """Let a queued run begin; one that was cancelled meanwhile stays so."""
    run.scope = {**run.scope, **scope}
    run.started_at, run.version_number = now, version
    _turn(
        run,
        (RunState.QUEUED,),
        RunState.RUNNING,
        started_at=now,
        version_number=version,
        scope=run.scope,
    )


def start_over(run: JobRun) -> None:
    """Let a run begin again, as it was asked for: it goes by one version from start to end.

    What a person approved was the plan of the version before.
    """
    fresh = {
        "scope": {name: run.scope[name] for name in ASKED if name in run.scope},
        "cursor": "",
        "seen": 0,
        "failed": 0,
        "counts": {},
    }
    for name, value in fresh.items():
        setattr(run, name, value)
    _turn(run, (RunState.RUNNING,), RunState.QUEUED, **fresh)


def _turn(run: JobRun, before: Collection[RunState], state: RunState, **columns: Any) -> bool:
    """Change a run's state unless somebody else did meanwhile; tells whether it is changed."""
    done = JobRun.objects.filter(pk=run.pk, state__in=before).update(state=state, **columns)
    if done:
        run.state = state
    else:
        run.refresh_from_db(fields=["state"])
    return bool(done)


def finish(run: JobRun, now: datetime) -> None:
    """End a run that has come to its end; one that was cancelled meanwhile stays so."""
    rows = JobRun.objects.filter(pk=run.pk, state__in=WORKABLE)
    done = rows.update(state=RunState.DONE, ended_at=now, heartbeat_at=now)
    if done and run.kind == RunKind.INCREMENTAL:
        _forget_empty(run)
    elif done and run.kind in WHOLE:
        totals.queue(run.object_sync_id)


def _forget_empty(run: JobRun) -> None:
    """Delete earlier polls that found nothing: this one holds the cursors of their sides.

    Their calls are kept with their job, so that the figures of a day stay right.
    """
    read = set(run.scope.get("cursors", ()))
    earlier = JobRun.objects.filter(
        object_sync=run.object_sync_id, kind=run.kind, job=run.job_id, pk__lt=run.pk
    )
    empty = earlier.filter(state=RunState.DONE, seen=0, requested_by=None)
    found = empty.values_list("pk", "scope__cursors", "ended_at", "calls")
    spare = [(pk, at, calls) for pk, cursors, at, calls in found if read.issuperset(cursors or ())]
    if not spare:
        return
    with transaction.atomic():
        if run.job_id is not None:
            usage.keep(run.job_id, [(at, calls) for _pk, at, calls in spare if at])
        JobRun.objects.filter(pk__in=[pk for pk, _at, _calls in spare]).delete()


def hold(run: JobRun, fence: int, error: SyncError, plan: Mapping[str, Any]) -> None:
    """Stop a run and its object sync before the first write, with the plan for a person.

    One that was cancelled meanwhile stays so, and holds nothing. Raises LeaseLost.
    """
    run.reason, run.reason_detail = error.reason, error.detail[:500]
    run.scope = {**run.scope, "plan": dict(plan)}
    why = {"reason": run.reason, "reason_detail": run.reason_detail, "scope": run.scope}
    with transaction.atomic():
        lock_lane(run.object_sync_id, fence)
        if _turn(run, WORKABLE, RunState.HELD, **why):
            hold_sync(run.object_sync, error)


def lock_lane(object_sync_id: UUID, fence: int) -> None:
    """Let nobody else hold or resume an object sync in this transaction; raises LeaseLost.

    The object sync comes before its lane: so do approving and cancelling, which wake it.
    """
    _lock_sync(object_sync_id)
    ledger_sql.check_fence(object_sync_id, fence)


def hold_sync(object_sync: ObjectSync, error: SyncError) -> None:
    """Stop an object sync until a person has looked at it; its hints wait."""
    rows = ObjectSync.objects.filter(pk=object_sync.pk, state=SyncState.ACTIVE)
    with transaction.atomic():
        held = rows.update(
            state=SyncState.HELD, reason=error.reason, reason_detail=error.detail[:500]
        )
        if held:
            audit.record(
                object_sync.tenant,
                "sync.held",
                object_sync=object_sync,
                reason=error.reason,
                detail=error.detail,
            )


def approve(run: JobRun, user: AbstractBaseUser | None = None) -> None:
    """Let a held run carry out its plan."""
    with transaction.atomic():
        _lock_sync(run.object_sync_id)
        row = JobRun.objects.select_for_update().get(pk=run.pk)
        if row.state == RunState.HELD:
            row.state, row.reason, row.reason_detail = RunState.RUNNING, "", ""
            if row.kind == RunKind.DELETIONS:  # a question and no work of its own: it is answered
                row.state, row.ended_at = RunState.DONE, timezone.now()
            row.scope = {**row.scope, "approved": True}
            row.save(update_fields=["state", "reason", "reason_detail", "scope", "ended_at"])
            _record(row, "run.approved", user)
            _let_go(row)


def cancel(run: JobRun, user: AbstractBaseUser | None = None) -> None:
    """End an open run after its present slice; what it wrote stays."""
    with transaction.atomic():
        _lock_sync(run.object_sync_id)
        row = JobRun.objects.select_for_update().get(pk=run.pk)
        if row.state in OPEN:
            was_held = row.state == RunState.HELD
            row.state, row.ended_at = RunState.CANCELLED, timezone.now()
            row.save(update_fields=["state", "ended_at"])
            _record(row, "run.cancelled", user)
            if was_held:
                _let_go(row)


def _lock_sync(object_sync_id: UUID) -> None:
    """Keep others off a run's object sync, before the run itself: so does publishing."""
    ObjectSync.objects.select_for_update(no_key=True).get(pk=object_sync_id)


def _let_go(run: JobRun) -> None:
    """Resume an object sync that was held for its run's plan."""
    rows = ObjectSync.objects.filter(
        pk=run.object_sync_id,
        state=SyncState.HELD,
        reason__in=(Reason.PLAN_UNSAFE, Reason.MASS_DELETE),
    )
    rows.update(state=SyncState.ACTIVE, reason="", reason_detail="")
    hints.wake([run.object_sync_id])


def _record(run: JobRun, action: str, user: AbstractBaseUser | None) -> None:
    audit.record(
        run.tenant,
        action,
        user=user,
        object_sync=run.object_sync,
        detail=f"#{run.pk} {run.kind}",
    )
