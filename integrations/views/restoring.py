"""The button that restores HubSpot's value where HubSpot refused a change."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from integrations.engine.errors import SyncError
from integrations.models import RecordLink
from integrations.services import restoring
from integrations.services.choices import ChangedSince
from integrations.views.access import Seat, manager
from integrations.views.actions import error_text, post_only


@post_only
@manager
def restore(request: HttpRequest, seat: Seat, pk: UUID) -> HttpResponse:
    """Let HubSpot's values win in the fields of one record that HubSpot did not take."""
    integration = seat.live_integration(pk)
    number = request.POST.get("record", "")
    if not number.isdecimal() or len(number) > 18:
        raise Http404
    rows = RecordLink.objects.filter(object_sync__integration=integration)
    link = get_object_or_404(rows.select_related("object_sync__version", "tenant"), pk=number)
    link.object_sync.integration = integration
    try:
        count = restoring.restore([link], seat.user, seen=request.POST.getlist("seen") or None)
    except ChangedSince as changed:
        messages.error(request, str(changed))
    except SyncError as error:
        messages.error(request, error_text(error))
    else:
        if count:
            messages.success(request, _("HubSpot's value is restored. It is written in a moment."))
        else:
            messages.warning(request, _("There is nothing to restore: look at the record again."))
    address = reverse("why", args=[seat.tenant.slug, pk])
    key = link.object_sync.key
    return redirect(f"{address}?id={link.hubspot_id}&side=hubspot&sync={key}&looks=0")
