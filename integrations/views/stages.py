"""Tables of stages: what each HubSpot stage is in the other system, automatically or by people."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from integrations.engine.errors import SyncError
from integrations.forms.stages import StageForm
from integrations.models import Integration
from integrations.services import activation, pipelines, setting_values
from integrations.views.access import Seat, manager, member
from integrations.views.actions import error_text, may_change, post_only, posted, told
from integrations.views.pages import show


@member
def stages(request: HttpRequest, seat: Seat, pk: UUID, key: str) -> HttpResponse:
    """Show one table; a stage that the system does not list can be typed in, and is used at once.

    In automatic mode it belongs to the HubSpot stage of its name.
    """
    integration = _with_table(seat, pk, key)
    form = StageForm(posted(request))
    if request.method == "POST":
        may_change(seat)
        if form.is_valid():
            with told(request, _("The stage is on the list.")):
                pipelines.type_stage(integration, key, form.stage, seat.user)
                pipelines.refresh(integration, key, seat.user)
            return _back(seat, integration, key)
    problem = ""
    try:
        report = pipelines.report(integration, key)
    except SyncError as error:
        report, problem = pipelines.stored(integration, key), error_text(error)
    context = {
        "integration": integration,
        "report": report,
        "problem": problem,
        "form": form,
        "tables": pipelines.kept(integration),
        "modes": [
            (pipelines.AUTOMATIC, _("Automatic: one to one")),
            (pipelines.MANUAL, _("User-defined: chosen here")),
        ],
    }
    return show(request, seat, "integration/stages.html", context, tab="stages")


@post_only
@manager
def refresh(request: HttpRequest, seat: Seat, pk: UUID, key: str) -> HttpResponse:
    """Fetch HubSpot's stages again; choices of people stay."""
    integration = _with_table(seat, pk, key)
    with told(request, _("The list is up to date.")):
        report = pipelines.refresh(integration, key, seat.user)
        if report.making.steps:
            messages.warning(request, report.making.steps)
    return _back(seat, integration, key)


@post_only
@manager
def assign(request: HttpRequest, seat: Seat, pk: UUID, key: str) -> HttpResponse:
    """Let a HubSpot stage mean a stage of the other system, or none."""
    integration = _with_table(seat, pk, key)
    value, target = request.POST.get("value", "")[:200], request.POST.get("target", "")[:200]
    with told(request, _("Saved. Records of this stage are looked at again.")):
        pipelines.assign(integration, key, value, target, seat.user)
    return _back(seat, integration, key)


@post_only
@manager
def mode(request: HttpRequest, seat: Seat, pk: UUID, key: str) -> HttpResponse:
    """Change between automatic and user-defined; each keeps its assignments for the way back."""
    integration = _with_table(seat, pk, key)
    wanted = request.POST.get("mode", "")
    table = pipelines.spec_of(integration, key)
    if table.mode and wanted in (pipelines.AUTOMATIC, pipelines.MANUAL):
        try:
            activation.update_settings(integration, {table.mode: wanted}, seat.user)
        except (SyncError, setting_values.SettingsInvalid) as error:
            said = error_text(error) if isinstance(error, SyncError) else str(error)
            messages.error(request, said)
        else:
            messages.success(request, _("The way of assigning is changed."))
    return _back(seat, integration, key)


@post_only
@manager
def forget(request: HttpRequest, seat: Seat, pk: UUID, key: str) -> HttpResponse:
    """Take a typed stage off the list."""
    integration = _with_table(seat, pk, key)
    with told(request, _("The stage is off the list.")):
        stage = request.POST.get("stage", "")[:200]
        pipelines.forget_stage(integration, key, stage, seat.user)
    return _back(seat, integration, key)


def _with_table(seat: Seat, pk: UUID, key: str) -> Integration:
    integration = seat.live_integration(pk)
    if key not in {table.key for table in pipelines.kept(integration)}:
        raise Http404
    return integration


def _back(seat: Seat, integration: Integration, key: str) -> HttpResponse:
    return HttpResponseRedirect(reverse("stages", args=[seat.tenant.slug, integration.pk, key]))
