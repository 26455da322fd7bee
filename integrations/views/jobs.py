"""Scheduled jobs of an integration: how often, on or off, run now, how the last start went."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrations.engine.errors import ConfigInvalid
from integrations.forms.jobs import PeriodForm
from integrations.models import Integration, Job, SyncState
from integrations.services import jobs as service
from integrations.services.jobs import JobView
from integrations.views.access import Seat, manager, member
from integrations.views.actions import done, post_only
from integrations.views.pages import show


@member
def jobs(request: HttpRequest, seat: Seat, pk: UUID) -> HttpResponse:
    """List the jobs."""
    integration = seat.integration(pk)
    context = {
        "integration": integration,
        "rows": [(view, PeriodForm(view)) for view in service.of(integration)],
        "is_live": integration.state != SyncState.UNINSTALLED,
    }
    return show(request, seat, "integration/jobs.html", context, tab="jobs")


@post_only
@manager
def period(request: HttpRequest, seat: Seat, pk: UUID, key: str) -> HttpResponse:
    """Choose how often a job starts."""
    integration = seat.live_integration(pk)
    form = PeriodForm(_one(integration, key), request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose one of the periods that are offered."))
        return done(request, seat, "jobs", pk)
    try:
        view = service.change(integration, key, seat.user, minutes=form.cleaned_data["minutes"])
    except ConfigInvalid as error:
        messages.error(request, error.detail)
        return done(request, seat, "jobs", pk)
    messages.success(request, _("The period of “%(job)s” is saved.") % {"job": view.label})
    if view.warning:
        messages.warning(request, view.warning)
    return done(request, seat, "jobs", pk)


@post_only
@manager
def switch(request: HttpRequest, seat: Seat, pk: UUID, key: str) -> HttpResponse:
    """Switch a job on or off."""
    integration = seat.live_integration(pk)
    _one(integration, key)
    on = request.POST.get("on") == "1"
    view = service.change(integration, key, seat.user, enabled=on)
    if on:
        text = _("“%(job)s” is switched on. What waited for it goes on now.")
    elif view.spec.carries:
        text = _("“%(job)s” is switched off. What it would carry waits until it is on again.")
    else:
        text = _("“%(job)s” is switched off.")
    messages.success(request, text % {"job": view.label})
    return done(request, seat, "jobs", pk)


@post_only
@manager
def run(request: HttpRequest, seat: Seat, pk: UUID, key: str) -> HttpResponse:
    """Start a job at once."""
    integration = seat.live_integration(pk)
    view = _one(integration, key)
    try:
        start = service.run_now(integration, key, seat.user)
    except ConfigInvalid as error:
        messages.error(request, error.detail)
        return done(request, seat, "jobs", pk)
    if start.opened:
        count = len(start.opened)
        text = ngettext("“%(job)s” started.", "“%(job)s” started %(count)d runs.", count)
        messages.success(request, text % {"job": view.label, "count": count})
    if start.skipped:
        messages.warning(request, _("Skipped where an earlier run is not over yet."))
    elif not start.opened:
        messages.warning(request, _("Nothing started: no kind of record of this job is active."))
    return done(request, seat, "jobs", pk)


def _one(integration: Integration, key: str) -> JobView:
    try:
        return service.one(integration, key)
    except Job.DoesNotExist:
        raise Http404 from None
