"""Held decisions of an integration that wait for a person."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse

from integrations.models import Review
from integrations.views.access import Seat, member
from integrations.views.pages import show
from integrations.views.paging import newest_first


@member
def reviews(request: HttpRequest, seat: Seat, pk: UUID) -> HttpResponse:
    """List what waits, newest first; with `?all=1` also what was closed."""
    integration = seat.integration(pk)
    rows = Review.objects.filter(tenant=seat.tenant, object_sync__integration=integration)
    everything = request.GET.get("all") == "1"
    if not everything:
        rows = rows.filter(closed_at__isnull=True)
    page = newest_first(request, rows.select_related("link", "closed_by", "object_sync"))
    context = {"integration": integration, "page": page, "everything": everything}
    return show(request, seat, "integration/reviews.html", context, tab="reviews")
