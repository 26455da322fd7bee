"""The published versions of a sync: listed, compared, brought back as a draft."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from integrations.engine.errors import SyncError
from integrations.engine.versions import differences
from integrations.models import SyncVersion
from integrations.services import drafts, publishing, syncs
from integrations.views.access import Seat, manager, member
from integrations.views.actions import error_text, post_only
from integrations.views.desk import Desk, open_desk
from integrations.views.wording import named


@member
def versions(request: HttpRequest, seat: Seat, pk: UUID, key: str) -> HttpResponse:
    """List the versions; `?old=` and `?new=` compare two, the newest two to begin with."""
    desk = open_desk(seat, pk, key)
    rows = publishing.versions(desk.object_sync)
    old, new = _pair(request, rows)
    context: dict[str, Any] = {"versions": rows, "old": old, "new": new}
    if old and new:
        context["compared"] = _compared(request, desk, old, new)
    return desk.show(request, "setup/versions.html", context, tab="versions")


@post_only
@manager
def roll_back(request: HttpRequest, seat: Seat, pk: UUID, key: str) -> HttpResponse:
    """Make an earlier version the draft; it comes into force like any other, after a preview."""
    desk = open_desk(seat, pk, key)
    number = request.POST.get("number", "")
    try:
        drafts.refuse_stale(desk.draft, desk.revision(request))
        publishing.roll_back(
            desk.object_sync, int(number[:9]) if number.isdecimal() else 0, seat.user
        )
    except SyncVersion.DoesNotExist:
        raise Http404 from None
    except drafts.DraftChanged as changed:
        messages.error(request, str(changed))
    except SyncError as error:
        messages.error(request, error_text(error))
    else:
        text = _("Version %(number)s is in the draft now. Preview and publish it.")
        messages.success(request, text % {"number": number})
        return HttpResponseRedirect(desk.address("fields"))
    return HttpResponseRedirect(desk.address("versions"))


@post_only
@manager
def discard(request: HttpRequest, seat: Seat, pk: UUID, key: str) -> HttpResponse:
    """Throw the draft away."""
    desk = open_desk(seat, pk, key)
    try:
        drafts.refuse_stale(desk.draft, desk.revision(request))
    except drafts.DraftChanged as changed:
        messages.error(request, str(changed))
    else:
        drafts.discard(desk.draft, seat.user)
        messages.success(request, _("The draft is discarded. What is published stays."))
    return HttpResponseRedirect(desk.address("fields"))


def _pair(
    request: HttpRequest, rows: Sequence[SyncVersion]
) -> tuple[SyncVersion | None, SyncVersion | None]:
    by_number = {str(row.number): row for row in rows}
    new = by_number.get(request.GET.get("new", ""), rows[0] if rows else None)
    old = by_number.get(request.GET.get("old", ""), rows[1] if len(rows) > 1 else None)
    return old, new


def _compared(
    request: HttpRequest, desk: Desk, old: SyncVersion, new: SyncVersion
) -> Sequence[object]:
    try:
        before, after = (syncs.config_of_version(desk.object_sync, row) for row in (old, new))
    except SyncError as error:
        messages.error(request, error_text(error))
        return ()
    return named(differences(before, after), desk.ground.target)
