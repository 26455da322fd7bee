"""One search for any record id: why it is where it is, and the buttons that act on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrations.engine.errors import SyncError
from integrations.engine.reasons import Reason
from integrations.engine.records import Side
from integrations.models import Integration, ObjectSync, RecordLink
from integrations.services import addresses, explain, lookup, merge_rows, restoring, retries
from integrations.services.lookup import Found
from integrations.services.restoring import Restorable
from integrations.views.access import Seat, manager, member
from integrations.views.actions import done, error_text, post_only, told
from integrations.views.pages import show
from integrations.views.timeline import timeline

MOST_CHARACTERS = 200
MOST_LOOKS = 5
"""How often the page looks again by itself after "Sync now"; each look reads both systems."""


@member
def why(request: HttpRequest, seat: Seat, pk: UUID) -> HttpResponse:
    """Explain the record whose id is in `?id=`: a HubSpot id, a target id or an external key."""
    integration = seat.integration(pk)
    text = request.GET.get("id", "").strip()[:MOST_CHARACTERS]
    side = request.GET.get("side", "")
    key = request.GET.get("sync", "")
    found = lookup.find(integration, text, Side(side) if side in set(Side) else None, key)
    context: dict[str, Any] = {"integration": integration, "text": text}
    if text and found:
        context |= _explained(found[0], integration) | {"others": found[1:]}
        looks = request.GET.get("looks", "")
        if context.get("waiting") and looks.isdecimal() and int(looks) < MOST_LOOKS:
            context["again"] = _address(
                seat, pk, {"id": text, "side": side, "sync": key}, int(looks) + 1
            )
    return show(request, seat, "integration/why.html", context, tab="why")


@post_only
@manager
def sync_now(request: HttpRequest, seat: Seat, pk: UUID) -> HttpResponse:
    """Let a record go first, as if it had just entered the trigger."""
    row = _object_sync(request, seat, pk)
    side, record_id = request.POST.get("side", ""), request.POST.get("id", "")
    if side not in set(Side) or not 0 < len(record_id) <= MOST_CHARACTERS:
        raise Http404
    with told(request, _("It is synced now. This page shows the outcome in a moment.")):
        explain.sync_now(row, Side(side), record_id, seat.user)
    return redirect(_address(seat, pk, {"id": record_id, "side": side, "sync": row.key}, 0))


@post_only
@manager
def retry(request: HttpRequest, seat: Seat, pk: UUID) -> HttpResponse:
    """Try all records of an object sync again that ended with one reason."""
    row = _object_sync(request, seat, pk)
    reason = request.POST.get("group", "").partition("/")[2]
    with told(request):
        count = retries.retry(row, seat.user, reason=reason)
        text = ngettext("%d record is tried again.", "%d records are tried again.", count) % count
        messages.success(request, text)
    return done(request, seat, "status", pk)


def _address(seat: Seat, pk: UUID, record: Mapping[str, str], looks: int) -> str:
    address = reverse("why", args=[seat.tenant.slug, pk])
    return f"{address}?{urlencode({**record, 'looks': looks})}"


def _object_sync(request: HttpRequest, seat: Seat, pk: UUID) -> ObjectSync:
    key = request.POST.get("group", "").partition("/")[0]
    return get_object_or_404(seat.live_integration(pk).object_syncs, key=key)


def _explained(found: Found, integration: Integration) -> dict[str, Any]:
    """Return the engine's answer, or what is stored when a system cannot be read now.

    While a record waits for its trigger, the answer to "what would Sync now do?" comes along.
    """
    row = found.object_sync
    row.integration = integration
    context: dict[str, Any] = {"found": found}
    try:
        answer = explain.why(row, found.side, found.record_id)
        asked = None
        if answer.reason is Reason.WAITING_FOR_TRIGGER:
            asked = explain.why(row, found.side, found.record_id, fired=True)
    except SyncError as error:
        stored = explain.stored_link(row, found.side, found.record_id)
        context |= {"problem": error_text(error), "stored": stored}
    else:
        stored = answer.stored
        context |= {"answer": answer, "asked": asked, "waiting": answer.waiting}
        context |= {"stored": stored, "fields": (asked or answer).fields}
    if stored is not None:
        context["restorable"] = _restorable(row, stored)
    ids = _ids(found, stored)
    context["ids"] = ids
    context["addresses"] = {
        side.value: address for side, address in addresses.both(row, *ids).items()
    }
    context["merge"] = merge_rows.newest_of(stored) if stored else None
    context["timeline"] = timeline(stored, integration.tenant_id, found.record_id)
    return context


def _restorable(row: ObjectSync, stored: RecordLink) -> tuple[Restorable, ...]:
    """Return what HubSpot did not take; nothing when a system cannot be read now."""
    stored.object_sync = row
    try:
        return restoring.fields_of(stored)
    except SyncError:
        return ()


def _ids(found: Found, stored: RecordLink | None) -> tuple[str, str]:
    if stored is not None:
        return stored.hubspot_id, stored.target_id
    on_hubspot = found.side is Side.HUBSPOT
    return (found.record_id, "") if on_hubspot else ("", found.record_id)
