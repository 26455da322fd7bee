"""Merges in HubSpot and what became of the extra records; deciding about one, and undoing it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.models import AbstractBaseUser
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.engine.errors import SyncError
from integrations.forms.merges import UnmergeForm
from integrations.models import Integration, Merge, SyncState
from integrations.services import addresses, merge_choices, unmerging
from integrations.services.merge_rows import UNDECIDED, MergeRefused
from integrations.views.access import Seat, manager, member
from integrations.views.actions import done, error_text, post_only
from integrations.views.pages import show
from integrations.views.paging import newest_first

PAGE_SIZE: Final = 30
Decide = Callable[[Merge, AbstractBaseUser], None]
DECISIONS: Final[Mapping[str, tuple[Decide, object]]] = {
    "remove": (
        merge_choices.remove,
        gettext_lazy("The extra record is removed as soon as nothing points to it any more."),
    ),
    "keep": (merge_choices.keep, gettext_lazy("The extra record stays as it is.")),
    "by_hand": (merge_choices.done_by_hand, gettext_lazy("Noted: it is merged there.")),
    "retry": (merge_choices.retry, gettext_lazy("It is tried again now.")),
}


@member
def merges(request: HttpRequest, seat: Seat, pk: UUID) -> HttpResponse:
    """List merges, newest first; `?open=1` only those about which something is to be done."""
    integration = seat.integration(pk)
    rows, waiting = _rows(seat, integration), request.GET.get("open") == "1"
    rows = rows.filter(state__in=UNDECIDED) if waiting else rows
    page = newest_first(request, rows, PAGE_SIZE)
    context = {"integration": integration, "page": page, "waiting": waiting}
    return show(request, seat, "integration/merges.html", context, tab="merges")


@member
def merge(request: HttpRequest, seat: Seat, pk: UUID, number: int) -> HttpResponse:
    """Show one merge: both pairs before and now, the steps, and what can be decided."""
    integration, row = _find(seat, pk, number)
    return _page(request, seat, integration, row)


@post_only
@manager
def decide(request: HttpRequest, seat: Seat, pk: UUID, number: int) -> HttpResponse:
    """Do what the pressed button says."""
    integration, row = _find(seat, pk, number)
    if request.POST.get("action") not in DECISIONS or _is_closed(integration):
        raise Http404
    act, told = DECISIONS[request.POST["action"]]
    try:
        act(row, seat.user)
    except MergeRefused as refused:
        messages.error(request, str(refused))
    except SyncError as error:
        messages.error(request, error_text(error))
    else:
        messages.success(request, str(told))
    return done(request, seat, "merge", pk, number)


@post_only
@manager
def undo(request: HttpRequest, seat: Seat, pk: UUID, number: int) -> HttpResponse:
    """Give the extra record a HubSpot record of its own again."""
    integration, row = _find(seat, pk, number)
    if _is_closed(integration):
        raise Http404
    form = UnmergeForm(True, request.POST)
    if not form.is_valid():
        return _page(request, seat, integration, row, request.POST)
    try:
        unmerging.unmerge(row, seat.user, form.record_id)
    except MergeRefused as refused:
        messages.error(request, str(refused))
    except SyncError as error:
        messages.error(request, error_text(error))
    else:
        messages.success(request, _("The merge is undone; both pairs are synced on their own."))
    return done(request, seat, "merge", pk, number)


def _page(
    request: HttpRequest,
    seat: Seat,
    integration: Integration,
    row: Merge,
    given: Mapping[str, Any] | None = None,
) -> HttpResponse:
    context: dict[str, Any] = {"integration": integration, "row": row, "object_sync": None}
    context["undecided"] = row.state in merge_choices.WAITING
    context["steps"] = [{**each, "at": datetime.fromisoformat(each["at"])} for each in row.steps]
    context["kept_addresses"] = _addresses(row, row.kept.hubspot_id, row.kept.target_id)
    context["loser_addresses"] = _addresses(row, row.loser.hubspot_id, row.loser.target_id)
    if not _is_closed(integration):
        try:
            context["outlook"] = outlook = unmerging.outlook(row)
            context["not_removable"] = merge_choices.why_not_removable(row)
            context["form"] = UnmergeForm(outlook.can_create, given)
        except SyncError as error:
            context["problem"] = error_text(error)
    return show(request, seat, "integration/merge.html", context, tab="merges")


def _addresses(row: Merge, hubspot_id: str, target_id: str) -> dict[str, str]:
    found = addresses.both(row.object_sync, hubspot_id, target_id)
    return {side.value: address for side, address in found.items()}


def _find(seat: Seat, pk: UUID, number: int) -> tuple[Integration, Merge]:
    integration = seat.integration(pk)
    row = get_object_or_404(_rows(seat, integration), pk=number)
    row.object_sync.integration = integration
    return integration, row


def _rows(seat: Seat, integration: Integration) -> QuerySet[Merge]:
    rows = Merge.objects.filter(tenant=seat.tenant, object_sync__integration=integration)
    return rows.select_related("kept", "loser", "ended_by", "object_sync__version", "tenant")


def _is_closed(integration: Integration) -> bool:
    return integration.state == SyncState.UNINSTALLED
