"""HubSpot's owners and the people of the other system: the report, and assigning by hand."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrations.engine.errors import SyncError
from integrations.models import Integration
from integrations.services import owners as service
from integrations.services.owner_report import Line, Report
from integrations.views.access import Seat, manager, member
from integrations.views.actions import done, error_text, post_only, told
from integrations.views.pages import show

SHOWN = ("all", "unmatched", "conflicts", "archived")
PER_PAGE = 50


@member
def owners(request: HttpRequest, seat: Seat, pk: UUID) -> HttpResponse:
    """Show who is joined with whom as both systems are now; `?show=` narrows the list."""
    integration = _with_owners(seat, pk)
    problem = ""
    try:
        report = service.report(integration)
    except SyncError as error:
        report, problem = service.stored(integration), error_text(error)
    chosen = request.GET.get("show", "all")
    chosen = chosen if chosen in SHOWN else "all"
    pages = Paginator(_lines(report, chosen), PER_PAGE)
    context = {
        "integration": integration,
        "report": report,
        "problem": problem,
        "chosen": chosen,
        "page": pages.get_page(request.GET.get("page", "1")),
        "connected": service.is_connected(integration),
    }
    return show(request, seat, "integration/owners.html", context, tab="owners")


@post_only
@manager
def connect(request: HttpRequest, seat: Seat, pk: UUID) -> HttpResponse:
    """Match owners with people again; nothing that a person chose changes."""
    integration = _with_owners(seat, pk)
    try:
        report = service.connect(integration, seat.user)
    except SyncError as error:
        messages.error(request, error_text(error))
        return done(request, seat, "owners", pk)
    text = ngettext("%d owner is matched.", "%d owners are matched.", report.matched)
    messages.success(request, text % report.matched)
    for person, sentence in report.failed:
        said = _("%(name)s was not marked in the other system: %(sentence)s")
        messages.warning(request, said % {"name": person.name or person.id, "sentence": sentence})
    return done(request, seat, "owners", pk)


@post_only
@manager
def assign(request: HttpRequest, seat: Seat, pk: UUID) -> HttpResponse:
    """Join an owner with a person, or with nobody."""
    integration = _with_owners(seat, pk)
    owner, person = request.POST.get("owner", "")[:200], request.POST.get("person", "")[:200]
    with told(request, _("Saved. Records that fell back to the default owner are corrected.")):
        service.assign(integration, owner, person, seat.user)
    return done(request, seat, "owners", pk)


def _with_owners(seat: Seat, pk: UUID) -> Integration:
    integration = seat.live_integration(pk)
    if not service.has_owners(integration):
        raise Http404
    return integration


def _lines(report: Report, chosen: str) -> tuple[Line, ...]:
    if chosen == "unmatched":
        return report.unmatched
    if chosen == "conflicts":
        return report.conflicts
    if chosen == "archived":
        return tuple(line for line in report.lines if line.archived)
    return report.lines
