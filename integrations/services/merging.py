"""Carrying merges through in the target, inside the lane: what is due, and how attempts end.

The single steps are in `merge_steps.py`; what a person decides is in `merge_choices.py`.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from integrations.engine.config import MergePolicy
from integrations.engine.errors import Scope, SyncError
from integrations.engine.explanations import explain
from integrations.engine.ports import Priority
from integrations.engine.reasons import Reason
from integrations.engine.records import Side
from integrations.models import Merge, MergeState, ObjectSync
from integrations.services import failures, ledger_sql, merge_rows, notices, runs, syncs
from integrations.services.merge_journal import StepFailed, Stopped
from integrations.services.merge_steps import Carrier
from integrations.services.progress import Progress
from integrations.services.slices import Session

log = logging.getLogger(__name__)

CLOSED_AGAIN: Final = timedelta(minutes=5)
"""How long a merge waits while a scheduled job keeps the target closed."""


def due(now: datetime) -> QuerySet[Merge]:
    """Return the merges of all lanes whose next step is due."""
    return Merge.objects.filter(state__in=merge_rows.AUTOMATIC, due_at__lte=now)


def work(object_sync: ObjectSync, fence: int) -> bool:
    """Carry one merge on as far as it goes; tells whether there was one.

    Raises sync-wide errors with the merge due again; any other failure is stored with it.
    """
    merge = _take(object_sync, fence)
    if merge is None:
        return False
    try:
        _carry(object_sync, fence, merge)
    except Stopped:
        log.info("Merge %s was decided meanwhile", merge.pk)
    except StepFailed as failed:
        _fail(merge, fence, failed.reason, failed.detail)
    except SyncError as error:
        if error.scope is not Scope.RECORD:
            _give_back(merge, fence, error)
            raise
        _fail(merge, fence, error.reason, error.detail)
    except Exception as error:
        log.error("Merge %s failed: %s", merge.pk, failures.trace(error))
        _fail(merge, fence, Reason.INTERNAL_ERROR, "")
    return True


def _carry(object_sync: ObjectSync, fence: int, merge: Merge) -> None:
    session = Session.of(object_sync, fence, Priority.RETRY)
    if Side.TARGET in session.config.closed:
        again = timezone.now() + CLOSED_AGAIN
        tried = merge.attempts - 1
        _store(merge, fence, due_at=again, reason=Reason.JOB_OFF, attempts=tried)
        return
    progress = Progress(runs.of_notices(object_sync, timezone.now()), session.meter)
    carrier = Carrier(session, merge, progress)
    try:
        if carrier.removes:
            carrier.settle_kept()
            carrier.repoint()
        carrier.wake_children()
        if carrier.removes:
            carrier.remove()
        else:
            _rest(merge, fence, carrier.policy, carrier.obstacle)
    finally:
        carrier.journal.count_calls()


def _take(object_sync: ObjectSync, fence: int) -> Merge | None:
    """Take the merge that is due longest, its attempt counted before any work."""
    now = timezone.now()
    with transaction.atomic():
        ledger_sql.check_fence(object_sync.pk, fence)
        rows = due(now).filter(object_sync=object_sync)
        merge = rows.select_related("kept", "loser").order_by("due_at", "pk").first()
        if merge is not None:
            merge.attempts += 1
            merge.due_at = now + _wait(object_sync, merge.attempts)
            merge.save(update_fields=["attempts", "due_at"])
    if merge is not None:
        merge.object_sync = object_sync
    return merge


def _wait(object_sync: ObjectSync, attempts: int) -> timedelta:
    ladder = syncs.spec_of(object_sync).retry_minutes
    return timedelta(minutes=ladder[min(attempts, len(ladder)) - 1])


def _rest(merge: Merge, fence: int, policy: MergePolicy, detail: str) -> None:
    """End what goes by itself: the extra record stays, or waits for a person."""
    now = timezone.now()
    held = policy is not MergePolicy.KEEP
    state = MergeState.HELD if held else MergeState.DONE
    reason = Reason.MERGE_CONFLICT if held else ""
    with transaction.atomic():
        ended = None if held else now
        columns = {"state": state, "reason": reason, "detail": detail, "ended_at": ended}
        if _store(merge, fence, **columns, due_at=None) and held:
            told = f"{merge.kept.target_id} is kept up to date, {merge.loser.target_id} no longer."
            merge_rows.ask(merge, f"{told} {detail}".strip(), now)


def _fail(merge: Merge, fence: int, reason: Reason, detail: str) -> None:
    """Store why a step failed; after the last attempt a person is told and asked."""
    with transaction.atomic():
        columns: dict[str, object] = {"state": MergeState.FAILING, "reason": reason}
        columns["detail"] = detail[:1000]
        if merge.attempts > len(syncs.spec_of(merge.object_sync).retry_minutes):
            columns["due_at"] = None
        if not _store(merge, fence, **columns) or merge.due_at is not None:
            return
        told = explain(reason, detail)
        merge_rows.ask(merge, told, timezone.now())
        notices.record_failed(
            merge.loser,
            reason=Reason.MERGE_CONFLICT,
            detail=told,
            label="",
            attempt_key=f"merge:{merge.pk}:{merge.attempts}",
        )


def _give_back(merge: Merge, fence: int, error: SyncError) -> None:
    """Let a merge be due again whose attempt ended by no fault of its own."""
    with transaction.atomic():
        _store(
            merge,
            fence,
            attempts=merge.attempts - 1,
            due_at=timezone.now(),
            reason=error.reason,
            detail=error.detail[:1000],
        )


def _store(merge: Merge, fence: int, **columns: object) -> bool:
    """Store how far a merge is unless somebody decided otherwise; raises LeaseLost."""
    with transaction.atomic():
        ledger_sql.check_fence(merge.object_sync_id, fence)
        rows = Merge.objects.filter(pk=merge.pk, state__in=merge_rows.AUTOMATIC)
        done = rows.update(**columns)
    for name, value in columns.items():
        setattr(merge, name, value)
    return bool(done)
