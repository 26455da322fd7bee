"""Letting history go when its time is over. Nothing else deletes audit entries or events."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection as database
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django_q.models import Failure, Success

from integrations.models import (
    AuditEntry,
    AuditSeal,
    Delivery,
    DeliveryState,
    Event,
    EventOutcome,
    Intent,
    JobRun,
    Merge,
    Notice,
    OAuthState,
    Preview,
    RunState,
)
from integrations.services import stages

CHUNK = 5_000
PREVIEWS = timedelta(days=7)
"""How long a preview is kept: it holds values of records, and is soon out of date anyway."""


@dataclass(frozen=True, slots=True)
class Pruned:
    """How many rows went, by kind."""

    audit_entries: int
    events: int
    intents: int
    runs: int
    other: int


def prune() -> Pruned:
    """Delete what is older than the settings allow. Safe to stop and to run at any time."""
    now = timezone.now()
    events = now - timedelta(days=settings.EVENT_RETENTION_DAYS)
    runs = now - timedelta(days=settings.RUN_RETENTION_DAYS)
    other = _delete(OAuthState.objects.filter(created_at__lt=now - timedelta(days=1)))
    other += _delete(Notice.objects.filter(occurred_at__lt=runs))
    other += _delete(Preview.objects.filter(created_at__lt=now - PREVIEWS))
    old = now - timedelta(days=settings.AUDIT_RETENTION_DAYS)
    other += _delete(Merge.objects.filter(ended_at__lt=old))
    ended = Delivery.objects.exclude(state=DeliveryState.WAITING)
    other += _delete(ended.filter(created_at__lt=events))
    other += _delete(Success.objects.filter(stopped__lt=now - timedelta(days=1)))
    other += _delete(Failure.objects.filter(stopped__lt=now - timedelta(days=14)))
    return Pruned(
        audit_entries=_prune_audit(now - timedelta(days=settings.AUDIT_RETENTION_DAYS)),
        events=_prune_events(events),
        intents=_delete(Intent.objects.filter(settled_at__lt=events)),
        runs=_delete(_old_runs(runs)),
        other=other,
    )


def _old_runs(before: datetime) -> QuerySet[JobRun]:
    """Return old runs, without those that hold the cursors from which a job goes on one day."""
    passes = JobRun.objects.filter(kind__in=stages.TRAILING, state=RunState.DONE)
    newest = passes.order_by("object_sync", "kind", "job", "-id")
    holders = newest.distinct("object_sync", "kind", "job").values("pk")
    return JobRun.objects.filter(ended_at__lt=before).exclude(pk__in=holders)


def _prune_events(before: datetime) -> int:
    """Delete old events; one with an open outcome stays, whatever its age."""
    open_outcome = EventOutcome.objects.filter(event=OuterRef("pk"), outcome="")
    old = Event.objects.filter(
        ~Exists(open_outcome), received_at__lt=before, routed_at__isnull=False
    )
    return _delete(old)


def _prune_audit(before: datetime) -> int:
    """Delete whole sealed batches, so that the chain of seals still proves the rest."""
    count = 0
    for seal in AuditSeal.objects.filter(pruned_at__isnull=True).order_by("id"):
        entries = AuditEntry.objects.filter(id__gte=seal.first_id, id__lte=seal.last_id)
        if entries.filter(at__gte=before).exists():
            break
        with transaction.atomic(), database.cursor() as cursor:
            cursor.execute("SET LOCAL portal.audit_retention = 'on'")
            count += entries._raw_delete("default")
            seal.pruned_at = timezone.now()
            seal.save(update_fields=["pruned_at"])
    return count


def _delete(rows: QuerySet[Any]) -> int:
    """Delete in chunks, so that no transaction holds many locks for long."""
    count = 0
    while keys := list(rows.values_list("pk", flat=True)[:CHUNK]):
        rows.model._default_manager.filter(pk__in=keys).delete()
        count += len(keys)
    return count
