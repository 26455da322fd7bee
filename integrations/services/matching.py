"""How many HubSpot records a filter lets through, for people who set it up. Decides nothing."""

from __future__ import annotations

from dataclasses import dataclass

from integrations.engine.errors import SyncError
from integrations.engine.extras import Counting
from integrations.engine.filters import Filter
from integrations.engine.ports import Priority
from integrations.models import ObjectSync
from integrations.services import connectors


@dataclass(frozen=True, slots=True)
class Matches:
    """HubSpot's own counts, by its search: some seconds behind. `passing` None: it cannot say."""

    passing: int | None
    total: int | None


def of_filter(object_sync: ObjectSync, wanted: Filter) -> Matches | None:
    """Ask HubSpot how many live records pass; None when it cannot be asked now."""
    hubspot = connectors.open_connector(object_sync.integration.hubspot, priority=Priority.PERSON)
    if not isinstance(hubspot, Counting):
        return None
    try:
        total = hubspot.count(object_sync.hubspot_object)
        passing = hubspot.count(object_sync.hubspot_object, wanted) if wanted.groups else total
    except SyncError:
        return None
    return Matches(passing, total)
