"""One queued task for a burst of reasons to run it. The sweep is the net below lost tasks."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q
from django_q.tasks import async_task

from integrations.models import Wake

LIFE: Final = timedelta(seconds=5)
"""A queued wake-up older than this may be lost: the next call queues another."""


def call(task: str, now: datetime) -> None:
    """Queue `integrations.tasks.<task>` unless it was queued just now and has not started."""
    idle = Q(queued_at__isnull=True) | Q(queued_at__lt=now - LIFE)
    if not Wake.objects.filter(idle, name=task).exists():
        _, created = Wake.objects.get_or_create(name=task, defaults={"queued_at": now})
        if not created:
            return
    elif not Wake.objects.filter(idle, name=task).update(queued_at=now):
        return
    async_task(f"integrations.tasks.{task}")


def started(task: str) -> None:
    """Note that a queued task has begun: whatever comes from now on needs another."""
    Wake.objects.filter(name=task).update(queued_at=None)
