"""The buttons that decide what becomes of records whose other side was deleted. No decisions."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrations.engine.pairs import Verdict
from integrations.engine.reasons import Reason
from integrations.services import deletions
from integrations.views.access import Seat, manager
from integrations.views.actions import done, post_only
from integrations.views.reviews import MOST_AT_ONCE, asked_for


@post_only
@manager
def decide(request: HttpRequest, seat: Seat, pk: UUID) -> HttpResponse:
    """Archive or keep what deletions have left over: chosen records, or all that wait."""
    integration = seat.live_integration(pk)
    rows = asked_for(request, seat, integration, Reason.DELETE_HELD).select_related("tenant")
    undecided_first = rows.order_by(F("closed_by").asc(nulls_first=True), "pk")
    chosen = list(undecided_first[:MOST_AT_ONCE])
    verdict = request.POST.get("verdict", "")
    if verdict not in set(Verdict) or not chosen:
        messages.error(request, _("Nothing is chosen."))
    else:
        decided = deletions.decide(chosen, Verdict(verdict), seat.user)
        _tell(request, decided)
    return done(request, seat, "reviews", pk)


def _tell(request: HttpRequest, decided: deletions.Decided) -> None:
    count, already = decided
    if count or not already:
        text = ngettext("%d deletion is decided.", "%d deletions are decided.", count) % count
        messages.success(request, text)
    if already:
        text = ngettext(
            "%d deletion was decided before and is left as it is.",
            "%d deletions were decided before and are left as they are.",
            already,
        )
        messages.warning(request, text % already)
