"""Held decisions that wait for a person, and the buttons that end a conflict."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrations.engine.errors import SyncError
from integrations.engine.reasons import Reason
from integrations.engine.records import Side
from integrations.models import Integration, Review
from integrations.services import addresses, conflicts
from integrations.views.access import Seat, manager, member
from integrations.views.actions import done, error_text, post_only
from integrations.views.pages import show
from integrations.views.paging import newest_first

PAGE_SIZE = 20
MOST_AT_ONCE = 500
"""How many conflicts one press decides: each is read in both systems first."""


@member
def reviews(request: HttpRequest, seat: Seat, pk: UUID) -> HttpResponse:
    """List what waits, newest first; `?all=1` also what was closed, `?sync=` one kind of record."""
    integration = seat.integration(pk)
    everything, key = request.GET.get("all") == "1", request.GET.get("sync", "")
    rows = _rows(seat, integration, key)
    if not everything:
        rows = rows.filter(closed_at__isnull=True)
    page = newest_first(request, rows, PAGE_SIZE)
    context = {
        "integration": integration,
        "page": page,
        "everything": everything,
        "object_syncs": list(integration.object_syncs.order_by("created_at")),
        "key": key,
        "deletions": [row for row in page.rows if _is_open_deletion(row)],
        "conflicts": [row for row in page.rows if _is_open_conflict(row)],
    }
    return show(request, seat, "integration/reviews.html", context, tab="reviews")


@member
def review(request: HttpRequest, seat: Seat, pk: UUID, number: int) -> HttpResponse:
    """Show one conflict with both values as they are now; the list asks for its middle part."""
    integration = seat.integration(pk)
    row = get_object_or_404(_rows(seat, integration, ""), pk=number)
    row.object_sync.integration = integration
    context = {"integration": integration, "row": row, "addresses": {}}
    if row.link is not None:
        ids = row.link.hubspot_id, row.link.target_id
        found = addresses.both(row.object_sync, *ids)
        context["addresses"] = {side.value: address for side, address in found.items()}
    if _is_open_conflict(row):
        try:
            context["details"] = conflicts.details(row)
        except SyncError as error:
            context["problem"] = error_text(error)
    return show(request, seat, "integration/review.html", context, tab="reviews")


@post_only
@manager
def resolve(request: HttpRequest, seat: Seat, pk: UUID) -> HttpResponse:
    """Let one side win: in one field of one record, in chosen records, or in all of a kind."""
    integration = seat.live_integration(pk)
    side = request.POST.get("side", "")
    rows = _chosen(request, seat, integration)
    names = tuple(request.POST.get("field", "").split("|"))
    if side not in set(Side) or not rows:
        messages.error(request, _("Nothing is chosen."))
        return done(request, seat, "reviews", pk)
    try:
        count = conflicts.resolve(
            rows,
            Side(side),
            seat.user,
            fields=[(names[0], names[1])] if len(names) == 2 else None,
            seen=request.POST.getlist("seen") or None,
        )
    except conflicts.ChangedSince as changed:
        messages.warning(request, str(changed))
    except SyncError as error:
        messages.error(request, error_text(error))
    else:
        text = ngettext("%d conflict is decided.", "%d conflicts are decided.", count) % count
        messages.success(request, f"{text} {_('The chosen values are written now.')}")
    return done(request, seat, "reviews", pk)


def _rows(seat: Seat, integration: Integration, key: str) -> QuerySet[Review]:
    rows = Review.objects.filter(tenant=seat.tenant, object_sync__integration=integration)
    rows = rows.filter(object_sync__key=key) if key else rows
    return rows.select_related("link", "closed_by", "object_sync__version")


def asked_for(
    request: HttpRequest, seat: Seat, integration: Integration, reason: Reason
) -> QuerySet[Review]:
    """Return the open reviews of one reason that were chosen, or all there are."""
    rows = _rows(seat, integration, request.POST.get("sync", ""))
    rows = rows.filter(reason=reason, closed_at__isnull=True)
    if request.POST.get("scope") != "all":
        asked = [n for n in request.POST.getlist("review") if n.isdecimal() and len(n) < 19]
        rows = rows.filter(pk__in=asked)
    return rows


def _chosen(request: HttpRequest, seat: Seat, integration: Integration) -> list[Review]:
    rows = asked_for(request, seat, integration, Reason.CONFLICT)
    found = list(rows.order_by("pk")[:MOST_AT_ONCE])
    for row in found:
        row.object_sync.integration = integration
    return found


def _is_open_deletion(row: Review) -> bool:
    waits = row.closed_at is None and row.link is not None
    return waits and row.reason == Reason.DELETE_HELD


def _is_open_conflict(row: Review) -> bool:
    return row.reason == Reason.CONFLICT and row.closed_at is None and row.link is not None
