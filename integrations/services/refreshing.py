"""What a refresh reads anew: field lists, picklists, tables. Reads no records.

A refresh is a run of its object sync's lane. Each step is given the object sync and may be repeated
at any time; add a step here.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Final

from django.utils import timezone

from integrations.engine.errors import Scope, SyncError
from integrations.engine.ports import Priority
from integrations.models import JobRun, ObjectSync, RunState
from integrations.services import (
    connectors,
    ledger_sql,
    owners,
    pipelines,
    runs,
    schemas,
    syncs,
)
from integrations.services.failures import trace
from integrations.services.progress import Meter
from integrations.services.slices import Session
from integrations.services.tables import used as tables_used

log = logging.getLogger(__name__)

Step = Callable[[ObjectSync], None]


def fields(object_sync: ObjectSync) -> None:
    """Read both sides' field lists and judge what changed in them; raises a SyncError."""
    integration = object_sync.integration
    schemas.refresh(integration.hubspot, object_sync.hubspot_object)
    if integration.target is not None:
        schemas.refresh(integration.target, object_sync.target_object)


def tables(object_sync: ObjectSync) -> None:
    """Fill the tables that hold values of the sync's HubSpot object anew; people's choices stay."""
    integration = object_sync.integration
    for table in pipelines.kept(integration):
        if table.hubspot_field.partition(".")[0] == object_sync.hubspot_object:
            pipelines.refresh(integration, table.key)
    if owners.TABLE in tables_used(syncs.config_of(object_sync)):
        owners.connect(integration)


STEPS: Final[Sequence[Step]] = (fields, tables)
"""In this order; the first that fails for good ends the refresh."""


def work(session: Session, run: JobRun) -> None:
    """Carry out a refresh; raises only what is worth another try.

    An error that another try would not mend ends the refresh and is shown with it: it never stops
    the sync.
    """
    if run.state == RunState.QUEUED:
        runs.start(run, session.config.version, {}, timezone.now())
    if run.state != RunState.RUNNING:
        return
    row, error = session.object_sync, None
    pair = [connectors.open_pair(row, each) for each in (Priority.PERSON, Priority.BACKFILL)]
    meter = Meter([connector for each in pair for connector in each.values()])
    try:
        for step in STEPS:
            step(row)
    except SyncError as met:
        if met.retryable or met.scope in (Scope.CONNECTION, Scope.INSTALLATION):
            _count(run, meter)
            raise
        error = met
    except Exception as met:
        log.error("Refresh %s met an error: %s", run.pk, trace(met))
        error = SyncError("This portal met an error of its own. It was written down.")
    ledger_sql.check_fence(row.pk, session.fence)
    if error is not None:
        run.reason, run.reason_detail = error.reason, error.detail[:500]
        run.save(update_fields=["reason", "reason_detail"])
    _count(run, meter)
    runs.finish(run, timezone.now())


def _count(run: JobRun, meter: Meter) -> None:
    run.calls += meter.reading()
    run.heartbeat_at = timezone.now()
    run.save(update_fields=["calls", "heartbeat_at"])
