"""Choosing entries of the history for a list: by object, reason, action, failure, record, time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import QuerySet

from integrations.engine.explanations import EXPLANATIONS, Tone
from integrations.engine.reasons import Reason
from integrations.models import AuditEntry, Tenant

FAILED: Final = frozenset(
    {reason for reason, text in EXPLANATIONS.items() if text.tone is Tone.ACTION}
    | {
        Reason.RATE_LIMITED,
        Reason.UNAVAILABLE,
        Reason.WRITE_UNKNOWN,
        Reason.INTERNAL_ERROR,
        Reason.GAVE_UP,
    }
)
"""Reasons of what did not succeed, whether it needs a person or is tried again."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to show; empty members choose nothing. `record` is an id in either system.

    `since` is inclusive, `until` is not.
    """

    object_sync: UUID | None = None
    reason: Reason | None = None
    action: str = ""
    failed: bool = False
    record: str = ""
    run: int | None = None
    since: datetime | None = None
    until: datetime | None = None


def entries(tenant: Tenant, wanted: Wanted) -> QuerySet[AuditEntry]:
    """Return a tenant's entries as asked, in no order: lists page through them by id.

    Times become ids, which grow with them, so that each filter is answered by an index.
    """
    rows = AuditEntry.objects.filter(tenant=tenant).select_related("actor")
    if wanted.record:
        on_hubspot = rows.filter(hubspot_id=wanted.record)
        rows = on_hubspot if on_hubspot.exists() else rows.filter(target_id=wanted.record)
    if wanted.object_sync:
        rows = rows.filter(object_sync_id=wanted.object_sync)
    if wanted.reason:
        rows = rows.filter(reason=wanted.reason)
    elif wanted.failed:
        rows = rows.filter(reason__in=sorted(FAILED))
    if wanted.action:
        rows = rows.filter(action=wanted.action)
    if wanted.run:
        rows = rows.filter(run_id=wanted.run)
    if wanted.since:
        rows = rows.filter(pk__gte=_first_at(wanted.since))
    if wanted.until:
        rows = rows.filter(pk__lt=_first_at(wanted.until))
    return rows


def actions(tenant: Tenant) -> list[str]:
    """Return the actions that occur in a tenant's history, by skipping through the index."""
    found: list[str] = []
    rows = AuditEntry.objects.filter(tenant=tenant).order_by("action")
    while len(found) < 200:  # noqa: PLR2004  more would be no choice
        later = rows.filter(action__gt=found[-1]) if found else rows
        action = later.values_list("action", flat=True).first()
        if action is None:
            break
        found.append(action)
    return found


def _first_at(instant: datetime) -> int:
    """Return the least id from which on entries are not older than an instant, by halving."""
    ends = AuditEntry.objects.order_by("pk").values_list("pk", flat=True)
    first, last = ends.first(), ends.last()
    if first is None or last is None:
        return 0
    low, high = first, last + 1
    while low < high:
        middle = (low + high) // 2
        row = AuditEntry.objects.filter(pk__gte=middle, pk__lt=high).order_by("pk")
        found = row.values_list("pk", "at").first()
        if found is None or found[1] >= instant:
            high = middle
        else:
            low = found[0] + 1
    return low
