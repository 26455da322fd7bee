"""Runs of an integration and one run with its live progress."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from integrations.models import JobRun, RunState
from integrations.services import eta
from integrations.services import runs as service
from integrations.views.access import Seat, manager, member
from integrations.views.actions import done, post_only
from integrations.views.pages import live, show
from integrations.views.paging import newest_first

OPEN = (RunState.QUEUED, RunState.RUNNING, RunState.HELD)


@member
def runs(request: HttpRequest, seat: Seat, pk: UUID) -> HttpResponse:
    """List the integration's runs, newest first."""
    integration = seat.integration(pk)
    rows = JobRun.objects.filter(object_sync__in=list(integration.object_syncs.all()))
    page = newest_first(request, rows.select_related("object_sync", "requested_by"))
    context = {"integration": integration, "page": page}
    return show(request, seat, "integration/runs.html", context, tab="runs")


@member
def run(request: HttpRequest, seat: Seat, pk: UUID, number: int) -> HttpResponse:
    """Show one run; htmx asks for the moving part every two seconds while it is open."""
    found = _run(seat, pk, number)
    context = {
        "integration": found.object_sync.integration,
        "run": found,
        "progress": eta.progress_of(found),
        "counts": sorted(found.counts.items(), key=lambda item: -int(item[1])),
        "is_open": found.state in OPEN,
    }
    if request.headers.get("HX-Request"):
        return live(
            request, seat, "integration/run_live.html", context, last=not context["is_open"]
        )
    return show(request, seat, "integration/run.html", context, tab="runs")


@post_only
@manager
def cancel(request: HttpRequest, seat: Seat, pk: UUID, number: int) -> HttpResponse:
    """Stop a run after its current slice."""
    found = _run(seat, pk, number)
    service.cancel(found, seat.user)
    return done(request, seat, "run", pk, number)


@post_only
@manager
def approve(request: HttpRequest, seat: Seat, pk: UUID, number: int) -> HttpResponse:
    """Let a held run go on although its plan is unusual."""
    found = _run(seat, pk, number)
    service.approve(found, seat.user)
    return done(request, seat, "run", pk, number)


def _run(seat: Seat, pk: UUID, number: int) -> JobRun:
    rows = JobRun.objects.filter(tenant=seat.tenant, object_sync__integration=pk)
    return get_object_or_404(
        rows.select_related(
            "object_sync__integration__hubspot",
            "object_sync__integration__target",
            "object_sync__integration__tenant",
            "requested_by",
        ),
        pk=number,
    )
