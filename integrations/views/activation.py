"""Making an integration ready: required settings, what the other system needs, checking again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from integrations.engine.errors import SyncError
from integrations.forms.settings import SettingsForm
from integrations.models import Integration, SyncState
from integrations.services import activation as service
from integrations.services import connectors, readiness
from integrations.views.access import Seat, manager, member
from integrations.views.actions import done, error_text, may_change, post_only, posted
from integrations.views.manage import publish_settings, settings_form
from integrations.views.pages import show


@member
def activation(request: HttpRequest, seat: Seat, pk: UUID) -> HttpResponse:
    """Show what is needed, and take the settings; saving prepares the other system at once."""
    integration = seat.live_integration(pk)
    form, problem = settings_form(integration, posted(request))
    if request.method == "POST":
        may_change(seat)
        if form is not None and form.is_valid() and publish_settings(integration, seat, form):
            _tell(request, integration)
            return done(request, seat, "activation", pk)
        if form is None:
            messages.error(request, problem)
    return _page(request, seat, integration, form, problem)


@post_only
@manager
def check(request: HttpRequest, seat: Seat, pk: UUID) -> HttpResponse:
    """Look at the other system again, after somebody did what was left to do."""
    integration = seat.live_integration(pk)
    try:
        service.prepare(integration, seat.user)
    except SyncError as error:
        messages.error(request, error_text(error))
    else:
        _tell(request, integration)
    return done(request, seat, "activation", pk)


def _page(
    request: HttpRequest,
    seat: Seat,
    integration: Integration,
    form: SettingsForm | None,
    problem: str,
) -> HttpResponse:
    rows = list(integration.object_syncs.order_by("created_at"))
    context: dict[str, Any] = {
        "integration": integration,
        "form": form,
        "problem": problem,
        "lack": readiness.lack_of(integration),
        "steps": readiness.steps_of(integration),
        "to_set_up": [row for row in rows if row.state == SyncState.SETUP],
        "rows": rows,
    }
    return show(request, seat, "connect/activation.html", context, tab="activation")


def _tell(request: HttpRequest, integration: Integration) -> None:
    """Say whether everything is ready now, and what comes next."""
    label = connectors.spec_of(integration.system).label
    if readiness.lack_of(integration):
        text = _("%(system)s answers, but something is left for you to do: see the steps below.")
        messages.warning(request, text % {"system": label})
    else:
        text = _("The connection to %(system)s works, and everything it needs is in place.")
        messages.success(request, text % {"system": label})
