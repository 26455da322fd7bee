"""What happens when a lane cannot go on: it backs off, pauses a connection or is held."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from integrations.engine.errors import LeaseLost, Scope, SyncError
from integrations.engine.records import Side
from integrations.models import ObjectSync, SyncState
from integrations.services import connections, hints, ledger_sql, runs
from integrations.services.hints import Taken

log = logging.getLogger(__name__)

FIRST_WAIT: Final = 5.0
LONGEST_WAIT: Final = 600.0


def stop(object_sync: ObjectSync, fence: int, error: SyncError, taken: Sequence[Taken]) -> None:
    """Act on a sync-wide error; hints without an outcome keep their place and their attempts."""
    if isinstance(error, LeaseLost):
        log.warning("Another worker took over lane %s", object_sync.pk)
        return
    with transaction.atomic():
        ledger_sql.check_fence(object_sync.pk, fence)
        hints.refund(taken, error.reason)
    if error.scope is Scope.CONNECTION and error.side is not None:
        integration = object_sync.integration
        refused = integration.hubspot if error.side is Side.HUBSPOT else integration.target
        assert refused is not None  # noqa: S101  a lane without a target does not work
        connections.pause(refused.pk, error, as_of=refused.state_changed_at)
    elif error.scope is Scope.SYNC and not error.retryable:
        runs.hold_sync(object_sync, error)
    else:
        if error.scope is Scope.INSTALLATION:
            log.critical("The portal's own settings are refused: %s", error.detail)
        back_off(object_sync, error)


def back_off(object_sync: ObjectSync, error: SyncError) -> None:
    """Let the lane rest: as long as the system asked for, and longer each time."""
    growing = min(FIRST_WAIT * 2**object_sync.failures, LONGEST_WAIT)
    wait = max(getattr(error, "retry_after", 0.0), growing)
    ObjectSync.objects.filter(pk=object_sync.pk).update(
        not_before=timezone.now() + timedelta(seconds=wait),
        failures=F("failures") + 1,
        reason=error.reason,
        reason_detail=error.detail[:500],
    )


def recovered(object_sync: ObjectSync) -> None:
    """Forget earlier failures after a slice that went through."""
    if object_sync.failures:
        ObjectSync.objects.filter(pk=object_sync.pk, state=SyncState.ACTIVE).update(
            not_before=None, failures=0, reason="", reason_detail=""
        )


def trace(error: BaseException) -> str:
    """Return where an error happened, without its message: that may hold values."""
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    places = " < ".join(f"{f.filename.rpartition('/')[2]}:{f.lineno}" for f in reversed(frames))
    return f"{type(error).__name__} at {places}"
