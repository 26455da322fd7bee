"""The wizard that connects a system: HubSpot's consent, the other system's credentials, done."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from integrations.engine.errors import SyncError
from integrations.engine.specs import ConnectorSpec
from integrations.forms.connect import CredentialsForm
from integrations.models import Connection, ConnectionState, Integration, SyncState
from integrations.services import connections, connectors, installs, syncs
from integrations.views.access import Seat, manager, member
from integrations.views.actions import done, error_text, posted, refusal_text
from integrations.views.pages import show


@manager
def connect(request: HttpRequest, seat: Seat, system: str) -> HttpResponse:
    """Step 1: say what is needed; the button leads to HubSpot's consent page."""
    spec = target_spec(system)
    if request.method == "POST":
        return HttpResponseRedirect(installs.start(seat.tenant, seat.user, system))
    ready = Connection.objects.filter(
        tenant=seat.tenant, system="hubspot", state=ConnectionState.ACTIVE
    )
    taken = Integration.objects.filter(system=system).exclude(state=SyncState.UNINSTALLED)
    hubspots = ready.exclude(pk__in=taken.values("hubspot"))
    by_key = not connectors.needs_notices(spec)
    if not by_key:
        hubspots = hubspots.filter(by_key=False)
    context = {"system": spec, "step": 1, "hubspots": hubspots, "by_key": by_key}
    return show(request, seat, "connect/start.html", context, tab="tenant")


@never_cache
@login_required
def callback(request: HttpRequest) -> HttpResponse:
    """Finish the install when HubSpot sends the browser back, or say why it cannot be."""
    user, state = cast(User, request.user), request.GET.get("state", "")
    if request.GET.get("error") or not request.GET.get("code"):
        # Anybody can make up a link with a sentence in it: only a real answer is quoted.
        real = installs.decline(user, state)
        said = request.GET.get("error_description", "")[:300] if real else ""
        return _refused(request, _("HubSpot was not connected: the request was declined."), said)
    try:
        found, system = installs.finish(user, state, request.GET["code"])
    except PermissionDenied:
        return _refused(request, _("You may no longer change this organisation's connections."))
    except connections.Refused as refusal:
        return _refused(request, str(refusal))
    except SyncError as error:
        return _refused(request, error_text(error))
    joined = found.hubspot_integrations.filter(system=system, state=SyncState.ACTIVE).first()
    if joined is not None:
        return redirect("status", found.tenant.slug, joined.pk)
    return redirect("credentials", found.tenant.slug, system, found.pk)


@never_cache
@sensitive_post_parameters()
@manager
def credentials(request: HttpRequest, seat: Seat, system: str, pk: UUID) -> HttpResponse:
    """Step 2: ask for the credentials and check them with the system itself."""
    spec = target_spec(system)
    rows = Connection.objects.filter(tenant=seat.tenant, system="hubspot")
    hubspot = get_object_or_404(rows, pk=pk, state=ConnectionState.ACTIVE)
    form = CredentialsForm(spec, posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            made = connections.connect_target(seat.user, hubspot, system, form.cleaned_data)
            return done(request, seat, "activation" if spec.activates else "ready", made.pk)
        except (connections.AccountTaken, connections.WrongAccount) as refusal:
            form.add_error(None, str(refusal))
        except SyncError as error:
            form.add_error(None, refusal_text(error))
    context = {"system": spec, "step": 2, "form": form, "hubspot": hubspot}
    return show(request, seat, "connect/credentials.html", context, tab="tenant")


@member
def ready(request: HttpRequest, seat: Seat, pk: UUID) -> HttpResponse:
    """Step 3: say what was set up and how to try it."""
    integration = seat.integration(pk)
    rows = integration.object_syncs.select_related("integration", "version")
    pairs = [(row, syncs.spec_of(row)) for row in rows.order_by("created_at")]
    context = {
        "done_with": integration,
        "system": connectors.spec_of(integration.system),
        "step": 4 if connectors.spec_of(integration.system).activates else 3,
        "syncs": [(spec, syncs.config_of(row) if row.version else None) for row, spec in pairs],
        "to_set_up": [row for row, _spec in pairs if row.state == SyncState.SETUP],
    }
    return show(request, seat, "connect/ready.html", context, tab="tenant")


def target_spec(system: str) -> ConnectorSpec:
    """Return the spec of a system that can be joined with HubSpot; raises Http404."""
    for spec in connectors.target_specs():
        if spec.key == system:
            return spec
    raise Http404


def _refused(request: HttpRequest, sentence: str, said: str = "") -> HttpResponse:
    context = {"sentence": sentence, "said": said}
    return render(request, "connect/refused.html", context, status=400)
