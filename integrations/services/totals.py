"""How many records HubSpot holds per object sync: asked in the background, kept for the pages."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db.models import Q
from django.utils import timezone
from django_q.tasks import async_task

from integrations.engine.errors import SyncError
from integrations.engine.extras import Counting
from integrations.engine.ports import Priority
from integrations.models import ConnectionState, ObjectSync, SyncState
from integrations.services import connectors

log = logging.getLogger(__name__)

FRESH: Final = timedelta(minutes=10)
"""How long a count is good enough for a page."""


def refresh_all() -> int:
    """Queue one count per working object sync whose count is old; returns how many."""
    old = Q(hubspot_total_at=None) | Q(hubspot_total_at__lt=timezone.now() - FRESH)
    rows = ObjectSync.objects.filter(
        old, state=SyncState.ACTIVE, integration__hubspot__state=ConnectionState.ACTIVE
    )
    keys = list(rows.values_list("pk", flat=True))
    for key in keys:
        queue(key)
    return len(keys)


def queue(object_sync_id: UUID) -> None:
    """Queue a count, in the caller's transaction."""
    async_task("integrations.tasks.refresh_total", str(object_sync_id))


def refresh(object_sync_id: UUID) -> None:
    """Ask HubSpot and store the answer; where it cannot say now, the count before stays."""
    row = ObjectSync.objects.select_related("integration__hubspot").filter(pk=object_sync_id)
    object_sync = row.first()
    if object_sync is None:
        return
    hubspot = connectors.open_connector(object_sync.integration.hubspot, priority=Priority.BACKFILL)
    if not isinstance(hubspot, Counting):
        return
    try:
        count = hubspot.count(object_sync.hubspot_object)
    except SyncError as error:
        log.info("HubSpot was not counted for %s: %s", object_sync_id, error.reason)
        return
    if count is not None:
        ObjectSync.objects.filter(pk=object_sync_id).update(
            hubspot_total=count, hubspot_total_at=timezone.now()
        )
