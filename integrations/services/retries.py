"""Trying records again, by number or by reason: a few at once, many by a task."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Final
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django_q.tasks import async_task

from integrations.engine.pairs import LinkState
from integrations.engine.ports import Priority
from integrations.engine.records import Side
from integrations.models import ObjectSync, RecordLink
from integrations.services import audit, hints, tenants
from integrations.services.hints import NewHint

TASK: Final = "integrations.tasks.retry_records"
URGENT: Final = 100
"""More records than this go behind notices, which would have to wait for all of them."""
AT_ONCE: Final = 1_000
"""More records than this are too many for the request that asks (100,000: 13 s)."""
CHUNK: Final = 2_000
"""Records whose hints are stored in one transaction."""
LIVE: Final = tuple(state for state in LinkState if state is not LinkState.SUPERSEDED)


def retry(
    object_sync: ObjectSync,
    user: AbstractBaseUser,
    *,
    link_ids: Sequence[int] = (),
    reason: str = "",
) -> int:
    """Let links try again, chosen by id or by reason; returns how many.

    Many of one reason are asked for in the background. Raises PermissionDenied.
    """
    tenants.require(user, object_sync.tenant, change=True)
    rows = _links(object_sync, link_ids, reason)
    with transaction.atomic():
        count = rows.count()
        audit.record(
            object_sync.tenant,
            "records.retried",
            user=user,
            object_sync=object_sync,
            reason=reason,
            detail=f"{count} records",
        )
        if reason and count > AT_ONCE:
            async_task(TASK, str(object_sync.pk), reason)
        else:
            urgency = Priority.PERSON if count <= URGENT else Priority.RETRY
            _ask(object_sync, list(rows.values_list("hubspot_id", "target_id")), urgency)
    return count


def retry_reason(object_sync_id: UUID, reason: str) -> None:
    """Let all links of a reason try again, chunk by chunk; doing it twice changes nothing."""
    object_sync = ObjectSync.objects.filter(pk=object_sync_id).first()
    if object_sync is None:
        return
    rows = _links(object_sync, (), reason).order_by("pk")
    found = rows.values_list("hubspot_id", "target_id").iterator(CHUNK)
    while ids := list(islice(found, CHUNK)):
        with transaction.atomic():
            _ask(object_sync, ids, Priority.RETRY)


def look_again(object_sync: ObjectSync, reason: str) -> None:
    """Let all links of a reason be decided anew, chunk by chunk; nobody asked for another try."""
    rows = _links(object_sync, (), reason).order_by("pk")
    found = rows.values_list("hubspot_id", "target_id").iterator(CHUNK)
    while ids := list(islice(found, CHUNK)):
        with transaction.atomic():
            _ask(object_sync, ids, Priority.RETRY, asked=False)


def _links(object_sync: ObjectSync, link_ids: Sequence[int], reason: str) -> QuerySet[RecordLink]:
    """Return the chosen links; states are named, so that the index finds a reason."""
    rows = RecordLink.objects.filter(object_sync=object_sync, state__in=LIVE)
    return rows.filter(pk__in=link_ids) if link_ids else rows.filter(reason=reason)


def _ask(
    object_sync: ObjectSync,
    ids: Sequence[tuple[str, str]],
    priority: Priority,
    *,
    asked: bool = True,
) -> None:
    """Raise hints for pairs (HubSpot id, target id), in the caller's transaction."""
    now = timezone.now()
    sides = [(Side.HUBSPOT, one) if one else (Side.TARGET, other) for one, other in ids]
    wanted = [NewHint(side, id_, priority, asked=asked, due_at=now) for side, id_ in sides]
    hints.raise_hints(object_sync.pk, wanted)
    hints.wake([object_sync.pk])
