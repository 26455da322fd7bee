"""The page that asks before a person is erased, and the buttons that do it. No decisions."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from integrations.models import RecordLink, Review
from integrations.services import erasure
from integrations.views.access import Seat, manager
from integrations.views.actions import done, post_only
from integrations.views.pages import show


@manager
def erase(request: HttpRequest, seat: Seat, pk: UUID, number: int) -> HttpResponse:
    """Say what goes and what stays; erase once the record's id was typed in."""
    integration = seat.integration(pk)
    rows = RecordLink.objects.filter(object_sync__integration=integration)
    link = get_object_or_404(rows.select_related("tenant"), pk=number)
    record_id = link.hubspot_id or link.target_id
    context: dict[str, object] = {"integration": integration, "link": link, "record_id": record_id}
    if request.method != "POST":
        return show(request, seat, "integration/erase.html", context, tab="why")
    if request.POST.get("confirm", "").strip() != record_id:
        context["problem"] = _("Enter the record's id exactly as it is shown.")
        return show(request, seat, "integration/erase.html", context, tab="why")
    erasure.erase(link, seat.user)
    messages.success(request, _("The person is erased here. Only the ids are kept."))
    side = "hubspot" if link.hubspot_id else "target"
    query = urlencode({"id": record_id, "side": side})
    return redirect(f"{reverse('why', args=[seat.tenant.slug, pk])}?{query}")


@post_only
@manager
def erased_there(request: HttpRequest, seat: Seat, pk: UUID, number: int) -> HttpResponse:
    """Note that the record was erased in the other system."""
    rows = Review.objects.filter(tenant=seat.tenant, object_sync__integration=seat.integration(pk))
    row = get_object_or_404(rows.select_related("tenant", "object_sync"), pk=number)
    if erasure.done_there(row, seat.user):
        messages.success(request, _("Noted: it is erased there."))
    return done(request, seat, "reviews", pk)
