"""The list of an integration's records by state and reason. Never counted, paged by key."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from integrations.engine.pairs import LinkState
from integrations.engine.reasons import Reason
from integrations.models import ObjectSync, RecordLink, SyncState
from integrations.services import addresses, restoring
from integrations.views.access import Seat, member
from integrations.views.pages import show
from integrations.views.paging import newest_first


@member
def records(request: HttpRequest, seat: Seat, pk: UUID) -> HttpResponse:
    """List records; `?state=`, `?reason=` and `?sync=` narrow the list."""
    integration = seat.integration(pk)
    object_syncs = list(integration.object_syncs.order_by("created_at"))
    for row in object_syncs:
        row.integration = integration
    chosen = _chosen(object_syncs, request.GET.get("sync", ""))
    state, reason = request.GET.get("state", ""), request.GET.get("reason", "")
    page = newest_first(request, _links(chosen, state, reason))
    if chosen is not None:
        for link in page.rows:
            link.object_sync = chosen  # each row names it: no query for each
    context = {
        "integration": integration,
        "object_syncs": object_syncs,
        "chosen": chosen,
        "states": list(LinkState),
        "reasons": [code.value for code in Reason],
        "state": state,
        "reason": reason,
        "page": page,
        "rows": [
            (link, _addresses(chosen, link), restoring.is_offered(link)) for link in page.rows
        ],
        "is_live": integration.state != SyncState.UNINSTALLED,
    }
    return show(request, seat, "integration/records.html", context, tab="records")


def _chosen(object_syncs: list[ObjectSync], key: str) -> ObjectSync | None:
    for row in object_syncs:
        if row.key == key:
            return row
    return object_syncs[0] if object_syncs else None


def _addresses(chosen: ObjectSync | None, link: RecordLink) -> dict[str, str]:
    if chosen is None:
        return {}
    found = addresses.both(chosen, link.hubspot_id, link.target_id)
    return {side.value: address for side, address in found.items()}


def _links(chosen: ObjectSync | None, state: str, reason: str) -> QuerySet[RecordLink]:
    """Name object sync, state and reason whenever one is asked, so that the index is used."""
    rows = RecordLink.objects.filter(object_sync=chosen).defer("base")
    if state in set(LinkState):
        rows = rows.filter(state=state)
    if reason in set(Reason):
        rows = rows.filter(state__in=[state] if state else list(LinkState), reason=reason)
    return rows
