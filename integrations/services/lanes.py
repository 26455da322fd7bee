"""Lanes: one worker per object sync, the most urgent work first, in slices, then the next lane.

The lease is in `leases.py`, a slice in `slices.py` and `pages.py`, trouble in `failures.py`.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from typing import Final
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from integrations.engine import stored
from integrations.engine.config import SyncConfig
from integrations.engine.errors import SyncError
from integrations.engine.ports import Priority
from integrations.logs import noted
from integrations.models import (
    ConnectionState,
    Hint,
    JobRun,
    ObjectSync,
    Preview,
    RunKind,
    SyncState,
)
from integrations.services import (
    carriage,
    failures,
    health,
    hints,
    inbox,
    leases,
    merging,
    notices,
    pages,
    refreshing,
    requirements,
    runs,
    sending,
    slices,
    syncs,
)
from integrations.services.carriage import NOTHING, Off
from integrations.services.hints import Taken

log = logging.getLogger(__name__)

HOLD: Final = 30.0
"""Seconds after which a lane hands its worker back, between two slices."""


def work(object_sync_id: UUID, *, seconds: float = HOLD) -> None:
    """Work on a lane until nothing is due or the time is over; then others have their turn.

    Does nothing while the lane is held by another worker, paused, held or backing off: what waits
    there goes on waiting.
    """
    if not workable().filter(pk=object_sync_id).exists():
        leases.forget_wake(object_sync_id)
        return
    lease = leases.acquire(object_sync_id)
    if lease is None:
        return
    more = False
    try:
        with noted(object_sync=object_sync_id), leases.kept(lease):
            until = time.monotonic() + seconds
            more = True
            while more and time.monotonic() < until:
                more = _slice(object_sync_id, lease.fence)
    finally:
        wanted = leases.release(lease)
    if wanted or more:
        hints.wake([object_sync_id])


def sweep() -> None:
    """Find what lost wake-ups left lying: events, due hints, open runs, mails, deliveries."""
    health.beat()
    inbox.route()
    notices.resend()
    sending.sweep()
    hints.wake([*idle_with_work(), *(row.pk for row in carriage.reopened())])


def work_woken(object_sync_ids: Iterable[UUID], *, seconds: float) -> None:
    """Work on lanes that were just woken, while time is left; their wake-ups stay queued."""
    until = time.monotonic() + seconds
    for object_sync_id in object_sync_ids:
        left = until - time.monotonic()
        if left > 0:
            work(object_sync_id, seconds=left)


def workable() -> QuerySet[ObjectSync]:
    """Return the object syncs that may work now: nothing paused, held or backing off.

    A preview writes nothing, so it may be worked on in any state.
    """
    active = SyncState.ACTIVE
    preview = JobRun.objects.filter(
        object_sync=OuterRef("pk"), kind=RunKind.PREVIEW, state__in=runs.WORKABLE
    )
    return ObjectSync.objects.filter(
        Q(not_before=None) | Q(not_before__lte=timezone.now()),
        Q(state=active, integration__state=active) | Exists(preview),
        integration__hubspot__state=ConnectionState.ACTIVE,
        integration__target__state=ConnectionState.ACTIVE,
    )


def idle_with_work() -> list[UUID]:
    """Return the lanes that nobody holds although something is due."""
    due = Hint.objects.filter(object_sync=OuterRef("pk"), due_at__lte=Now())
    due = carriage.without_waiting(due)
    running = JobRun.objects.filter(object_sync=OuterRef("pk"), state__in=runs.WORKABLE)
    merges = merging.due(timezone.now()).filter(object_sync=OuterRef("pk"))
    rows = workable().filter(
        Q(lane__expires_at=None) | Q(lane__expires_at__lt=Now()),
        Exists(due) | Exists(merges) | Exists(running.exclude(kind=RunKind.WEBHOOK)),
    )
    return list(rows.values_list("pk", flat=True))


def _slice(object_sync_id: UUID, fence: int) -> bool:
    """Do the most urgent slice; tells whether there may be more to do."""
    object_sync = (
        workable()
        .select_related("integration__hubspot", "integration__target", "version")
        .filter(pk=object_sync_id)
        .first()
    )
    if object_sync is None:
        return False
    taken: list[Taken] = []
    try:
        if not _is_active(object_sync):
            return _page(object_sync, fence, NOTHING)
        requirements.check(object_sync, syncs.config_of(object_sync))
        off = carriage.enter(object_sync, fence)
        taken = hints.take(object_sync_id, slices.SIZE, off.sides)
        if taken:
            slices.work_hints(object_sync, fence, taken, off)
        elif not merging.work(object_sync, fence) and not _page(object_sync, fence, off):
            return False
    except SyncError as error:
        failures.stop(object_sync, fence, error, taken)
        return False
    except Exception as error:
        log.error("A slice failed: %s", failures.trace(error))
        if not taken:
            raise
        if len(taken) == 1:
            _put_off(object_sync, fence, taken[0])
        return True
    failures.recovered(object_sync)
    return True


def _put_off(object_sync: ObjectSync, fence: int, taken: Taken) -> None:
    """Let a record wait on which this portal fails; its hint at least, if even that fails."""
    try:
        slices.give_way(object_sync, fence, taken)
    except Exception:
        hints.postpone(taken)
        raise


def _is_active(object_sync: ObjectSync) -> bool:
    states = {object_sync.state, object_sync.integration.state}
    return states == {SyncState.ACTIVE}


def _page(object_sync: ObjectSync, fence: int, off: Off) -> bool:
    run = runs.next_open(object_sync, harmless=not _is_active(object_sync), shut=off.sides)
    if run is None:
        return False
    with noted(run=run.pk):
        session = slices.Session.of(
            object_sync, fence, Priority.BACKFILL, config=_draft_of(run), off=off
        )
        work = refreshing.work if run.kind == RunKind.REFRESH else pages.work_page
        work(session, run)
    return True


def _draft_of(run: JobRun) -> SyncConfig | None:
    """Return what a preview tries out, None for every other run."""
    if run.kind != RunKind.PREVIEW:
        return None
    return stored.from_json(Preview.objects.values_list("config", flat=True).get(run=run))
