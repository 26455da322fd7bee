"""Changing an integration: settings, pause and resume, repair of fields, disconnecting."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrations.engine.errors import SyncError
from integrations.engine.ports import Ensured
from integrations.forms.settings import SettingsForm
from integrations.models import Connection, Endpoint, Integration
from integrations.services import (
    activation,
    hooks,
    hubspot_fields,
    setting_values,
    syncs,
    uninstalls,
)
from integrations.views.access import Seat, manager, member
from integrations.views.actions import done, error_text, may_change, post_only, posted, told
from integrations.views.pages import show


@member
def settings(request: HttpRequest, seat: Seat, pk: UUID) -> HttpResponse:
    """Show and change the settings; the choices are HubSpot's as it is now."""
    integration = seat.live_integration(pk)
    form, problem = settings_form(integration, posted(request))
    if request.method == "POST":
        may_change(seat)
        if form is not None and form.is_valid() and publish_settings(integration, seat, form):
            messages.success(request, _("The settings are saved and used from now on."))
            return done(request, seat, "settings", pk)
    return settings_page(request, seat, integration, {"form": form, "problem": problem})


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


def settings_page(
    request: HttpRequest, seat: Seat, integration: Integration, more: Mapping[str, Any]
) -> HttpResponse:
    """Render the settings with what the caller adds: a form with errors, a secret shown once."""
    context: dict[str, Any] = {"integration": integration, **more}
    if "form" not in context:
        context["form"], context["problem"] = settings_form(integration, None)
    spec = syncs.connector_spec_of(integration)
    context["tells"] = any(pair.synced_event for pair in spec.syncs)
    context["endpoint"] = Endpoint.objects.filter(integration=integration).first()
    if seat.can_change and spec.hooks and integration.target is not None:
        context |= _addresses(integration.target)
    return show(request, seat, "integration/settings.html", context, tab="settings")


def _addresses(target: Connection) -> dict[str, Any]:
    """Return the addresses the system calls; they hold a secret, so only for who may change."""
    try:
        return {
            "hooks": [(kind.value, hooks.address(target, kind)) for kind in hooks.HookKind],
            "manifest": json.dumps(hooks.manifest(target), indent=2, ensure_ascii=False),
        }
    except SyncError:
        return {}


def settings_form(
    integration: Integration, given: QueryDict | None
) -> tuple[SettingsForm | None, str]:
    """Return the form, or why the choices cannot be read now; neither without settings."""
    asked = setting_values.asked(integration)
    if not asked:
        return None, ""
    try:
        fields = [(each, setting_values.options_of(integration, each)) for each in asked]
    except SyncError as error:
        return None, error_text(error)
    return SettingsForm(fields, integration.settings, given), ""


def publish_settings(integration: Integration, seat: Seat, form: SettingsForm) -> bool:
    """Store what a valid form says; what cannot run is told at its inputs."""
    try:
        activation.update_settings(integration, form.cleaned_data, seat.user)
    except setting_values.SettingsInvalid as invalid:
        for key, sentence in invalid.errors.items():
            form.add_error(key if key in form.fields else None, sentence)
    except SyncError as error:
        form.add_error(None, error_text(error))
    return form.is_valid()
