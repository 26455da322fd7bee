"""Buttons of one object pair: sync now, pause, resume. And the list of its records as a file."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from integrations.engine.pairs import LinkState
from integrations.engine.reasons import Reason
from integrations.models import ObjectSync
from integrations.services import exports, runs, syncs
from integrations.views.access import Seat, manager, member
from integrations.views.actions import done, post_only, told
from integrations.views.audit import csv_of


@post_only
@manager
def sync_now(request: HttpRequest, seat: Seat, pk: UUID, key: str) -> HttpResponse:
    """Open a full pass of one object pair and show it."""
    row = _row(seat, pk, key)
    opened = runs.sync_all(row, seat.user)
    if opened:
        return done(request, seat, "run", pk, opened[0].pk)
    messages.warning(
        request, _("Not started: this sync is not active. Publish or resume it first.")
    )
    return done(request, seat, "status", pk)


@post_only
@manager
def pause(request: HttpRequest, seat: Seat, pk: UUID, key: str) -> HttpResponse:
    """Park the work of one object pair."""
    text = _("Paused. Changes are kept and synced after you resume.")
    return _switch(request, seat, _row(seat, pk, key), syncs.pause, text)


@post_only
@manager
def resume(request: HttpRequest, seat: Seat, pk: UUID, key: str) -> HttpResponse:
    """Go on with what was parked of one object pair."""
    text = _("Resumed. What waited is synced now.")
    return _switch(request, seat, _row(seat, pk, key), syncs.resume, text)


@member
def export(request: HttpRequest, seat: Seat, pk: UUID) -> HttpResponse:
    """Hand out records as CSV; `?sync=`, `?state=` and `?reason=` narrow them as in the list."""
    integration = seat.integration(pk)
    key, reason = request.GET.get("sync", ""), request.GET.get("reason", "")
    asked = request.GET.get("state", "")
    state = asked if asked in set(LinkState) else ""
    lines = exports.records(
        integration,
        seat.user,
        object_sync=get_object_or_404(integration.object_syncs, key=key) if key else None,
        states=[LinkState(state)] if state else (),
        reason=Reason(reason) if reason in set(Reason) else None,
    )
    return csv_of(lines, "-".join(filter(None, ("records", key, state))))


def _switch(
    request: HttpRequest,
    seat: Seat,
    row: ObjectSync,
    change: Callable[[ObjectSync, User], None],
    text: str,
) -> HttpResponse:
    with told(request, text):
        change(row, seat.user)
    return done(request, seat, "status", row.integration_id)


def _row(seat: Seat, pk: UUID, key: str) -> ObjectSync:
    integration = seat.live_integration(pk)
    row = get_object_or_404(integration.object_syncs.select_related("version"), key=key)
    row.integration = integration
    return row
