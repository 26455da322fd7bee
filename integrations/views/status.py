"""An integration at a glance, with a part that keeps itself up to date."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from integrations.models import AuditEntry, Connection, ConnectionState, Integration, SyncState
from integrations.services import connectors, pipelines, readiness
from integrations.services import status as service
from integrations.views.access import Seat, member
from integrations.views.pages import live, show

RECENT = 8
LOOK_BACK = 100


@member
def status(request: HttpRequest, seat: Seat, pk: UUID) -> HttpResponse:
    """Show the whole page; htmx asks for the moving part every four seconds."""
    integration = seat.integration(pk)
    context = _context(integration)
    if request.headers.get("HX-Request"):
        return live(request, seat, "integration/status_live.html", context)
    return show(request, seat, "integration/status.html", context, tab="status")


def _context(integration: Integration) -> dict[str, Any]:
    found = service.of(integration)
    states = {each.object_sync.state for each in found.objects}
    return {
        "integration": integration,
        "spec": connectors.spec_of(integration.system),
        "status": found,
        "in_setup": states == {SyncState.SETUP},
        "lack": readiness.lack_of(integration),
        "unmapped": pipelines.unmapped(integration),
        "tables": pipelines.kept(integration),
        "outages": _outages(integration),
        "recent": _recent(integration),
        "is_live": integration.state != SyncState.UNINSTALLED,
    }


def _outages(integration: Integration) -> list[Connection]:
    sides = [integration.hubspot, integration.target]
    return [side for side in sides if side and side.state == ConnectionState.PAUSED]


def _recent(integration: Integration) -> list[AuditEntry]:
    """Return the newest entries of this integration among the tenant's newest."""
    syncs = {row.pk for row in integration.object_syncs.all()}
    sides = {integration.hubspot_id, integration.target_id}
    rows = AuditEntry.objects.filter(tenant=integration.tenant_id).select_related("actor")
    newest = rows.order_by("-pk").defer("before", "after", "sealed")[:LOOK_BACK]
    mine = [
        row
        for row in newest
        if row.object_sync_id in syncs or (not row.object_sync_id and row.connection_id in sides)
    ]
    return mine[:RECENT]
