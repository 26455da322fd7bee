"""How an integration hears and tells: the system's address, the tenant's own one."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from integrations.engine.errors import SyncError
from integrations.models import Endpoint
from integrations.services import endpoints, hooks
from integrations.services.outbound import AddressRefused
from integrations.views.access import Seat, manager
from integrations.views.actions import done, error_text, post_only, told
from integrations.views.manage import settings_page


@post_only
@manager
def renew_hook(request: HttpRequest, seat: Seat, pk: UUID) -> HttpResponse:
    """Replace the address that the system calls."""
    integration = seat.live_integration(pk)
    text = _("The address is replaced. Enter the new one in %(system)s now.")
    with told(request):
        if integration.target is not None:
            hooks.renew(integration.target, seat.user)
            label = integration.target.label or integration.system
            messages.warning(request, text % {"system": label})
    return done(request, seat, "settings", pk)


@sensitive_variables("shown")
@post_only
@manager
def endpoint(request: HttpRequest, seat: Seat, pk: UUID) -> HttpResponse:
    """Set the tenant's own address; the answer shows a new secret, this once."""
    integration = seat.live_integration(pk)
    try:
        shown = endpoints.set_endpoint(integration, request.POST.get("url", "")[:500], seat.user)
    except AddressRefused as refusal:
        messages.error(request, str(refusal))
        return done(request, seat, "settings", pk)
    messages.success(request, _("Synced-events are sent to this address from now on."))
    if shown.secret:
        return settings_page(request, seat, integration, {"secret": shown.secret})
    return done(request, seat, "settings", pk)


@sensitive_variables("shown")
@post_only
@manager
def change_endpoint(request: HttpRequest, seat: Seat, pk: UUID) -> HttpResponse:
    """Test the address, give it a new secret, or switch it on or off."""
    integration = seat.live_integration(pk)
    row = get_object_or_404(Endpoint.objects.select_related("tenant"), integration=integration)
    step = request.POST.get("step", "")
    if step == "rotate":
        shown = endpoints.rotate(row, seat.user)
        messages.success(request, _("The old secret signs nothing any more."))
        return settings_page(request, seat, integration, {"secret": shown.secret})
    if step in ("on", "off"):
        endpoints.switch(row, seat.user, on=step == "on")
        messages.success(request, _("Switched on.") if step == "on" else _("Switched off."))
    elif step == "test":
        _test(request, seat, row)
    return done(request, seat, "settings", pk)


def _test(request: HttpRequest, seat: Seat, row: Endpoint) -> None:
    try:
        trial = endpoints.test(row, seat.user)
    except SyncError as error:
        messages.error(request, error_text(error))
        return
    if trial.ok:
        messages.success(request, _("The address took the ping."))
    else:
        text = _("The ping did not arrive. %(detail)s") % {"detail": trial.detail}
        messages.error(request, text)
