"""The buttons that decide what becomes of records whose other side was deleted. No decisions."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrations.engine.pairs import Verdict
from integrations.engine.reasons import Reason
from integrations.models import Review
from integrations.services import deletions
from integrations.views.access import Seat, manager
from integrations.views.actions import done, post_only


@post_only
@manager
def decide(request: HttpRequest, seat: Seat, pk: UUID) -> HttpResponse:
    """Archive or keep what deletions have left over: chosen records, or all that wait."""
    integration = seat.live_integration(pk)
    rows = Review.objects.filter(tenant=seat.tenant, object_sync__integration=integration)
    rows = rows.filter(reason=Reason.DELETE_HELD, closed_at=None)
    if key := request.POST.get("sync", ""):
        rows = rows.filter(object_sync__key=key)
    if request.POST.get("scope") != "all":
        asked = [n for n in request.POST.getlist("review") if n.isdecimal() and len(n) < 19]
        rows = rows.filter(pk__in=asked)
    chosen = list(rows.select_related("object_sync", "tenant"))
    verdict = request.POST.get("verdict", "")
    if verdict not in set(Verdict) or not chosen:
        messages.error(request, _("Nothing is chosen."))
    else:
        count = deletions.decide(chosen, Verdict(verdict), seat.user)
        text = ngettext("%d deletion is decided.", "%d deletions are decided.", count) % count
        messages.success(request, text)
    return done(request, seat, "reviews", pk)
