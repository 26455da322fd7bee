"""Changing an integration: settings, pause and resume, repair of fields, disconnecting."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrations.engine.errors import SyncError
from integrations.engine.ports import Ensured
from integrations.forms.settings import SettingsForm
from integrations.models import Integration
from integrations.services import hubspot_fields, syncs, uninstalls
from integrations.views.access import Seat, manager, member
from integrations.views.actions import done, error_text, may_change, post_only, posted, told
from integrations.views.pages import show


@member
def settings(request: HttpRequest, seat: Seat, pk: UUID) -> HttpResponse:
    """Show and change the settings; the choices are HubSpot's as it is now."""
    integration = seat.live_integration(pk)
    form, problem = _form(request, integration)
    if request.method == "POST":
        may_change(seat)
        if form is not None and form.is_valid() and _publish(integration, seat, form):
            messages.success(request, _("The settings are saved and used from now on."))
            return done(request, seat, "settings", pk)
    context = {"integration": integration, "form": form, "problem": problem}
    return show(request, seat, "integration/settings.html", context, tab="settings")


@post_only
@manager
def pause(request: HttpRequest, seat: Seat, pk: UUID) -> HttpResponse:
    """Park the integration's work."""
    with told(request, _("Paused. Changes in HubSpot are kept and synced after you resume.")):
        syncs.pause(seat.live_integration(pk), seat.user)
    return done(request, seat, "status", pk)


@post_only
@manager
def resume(request: HttpRequest, seat: Seat, pk: UUID) -> HttpResponse:
    """Go on with everything that was parked."""
    with told(request, _("Resumed. What waited is synced now.")):
        syncs.resume(seat.live_integration(pk), seat.user)
    return done(request, seat, "status", pk)


@post_only
@manager
def repair(request: HttpRequest, seat: Seat, pk: UUID) -> HttpResponse:
    """Make missing properties in HubSpot again."""
    with told(request):
        ensured = hubspot_fields.repair(seat.live_integration(pk), seat.user)
        made = [field.spec.label for field in ensured if field.outcome is Ensured.CREATED]
        text = _("All properties were there already.")
        if made:
            text = ngettext(
                "Made again in HubSpot: %(names)s.", "Made again in HubSpot: %(names)s.", len(made)
            ) % {"names": ", ".join(made)}
        messages.success(request, text)
    return done(request, seat, "settings", pk)


@manager
def disconnect(request: HttpRequest, seat: Seat, pk: UUID) -> HttpResponse:
    """Ask, saying exactly what stays; then end the integration or the whole HubSpot app."""
    integration = seat.live_integration(pk)
    others = seat.integrations().filter(hubspot=integration.hubspot).exclude(pk=integration.pk)
    if request.method == "POST":
        left = ""
        if request.POST.get("app") == "1":
            left = uninstalls.uninstall(integration.hubspot, seat.user)
        else:
            uninstalls.disconnect(integration, seat.user)
        messages.success(request, _("Disconnected. Records, links and the audit log are kept."))
        if left:
            messages.warning(request, left)
        return done(request, seat, "tenant")
    context = {"integration": integration, "others": others}
    return show(request, seat, "integration/disconnect.html", context, tab="settings")


def _form(request: HttpRequest, integration: Integration) -> tuple[SettingsForm | None, str]:
    """Return the form, or why HubSpot's choices cannot be read now."""
    spec = syncs.connector_spec_of(integration)
    try:
        fields = [(field, syncs.setting_options(integration, field)) for field in spec.settings]
    except SyncError as error:
        return None, error_text(error)
    return SettingsForm(fields, integration.settings, posted(request)), ""


def _publish(integration: Integration, seat: Seat, form: SettingsForm) -> bool:
    try:
        syncs.update_settings(integration, form.cleaned_data, seat.user)
    except syncs.SettingsInvalid as invalid:
        for key, sentence in invalid.errors.items():
            form.add_error(key if key in form.fields else None, sentence)
    except SyncError as error:
        form.add_error(None, error_text(error))
    return form.is_valid()
