"""A connection's page: its state, and new credentials when the old ones are refused."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from integrations.engine.errors import SyncError
from integrations.forms.connect import CredentialsForm
from integrations.models import Connection, ConnectionState, Integration
from integrations.services import connections, connectors, installs, service_keys
from integrations.views.access import Seat, member
from integrations.views.actions import done, may_change, posted, refusal_text
from integrations.views.pages import show
from integrations.views.service_keys import key_words


@never_cache
@sensitive_post_parameters()
@member
def reauthenticate(request: HttpRequest, seat: Seat, pk: UUID) -> HttpResponse:
    """Show the connection and take new credentials; HubSpot asks for consent again instead."""
    rows = Connection.objects.filter(tenant=seat.tenant).exclude(state=ConnectionState.UNINSTALLED)
    row = get_object_or_404(rows, pk=pk)
    spec = connectors.spec_of(row.system)
    users = Integration.objects.filter(Q(hubspot=row) | Q(target=row), tenant=seat.tenant)
    integration = users.select_related("hubspot", "target").first()
    form = CredentialsForm(spec, posted(request)) if service_keys.takes_form(row) else None
    if request.method == "POST":
        may_change(seat)
        if form is None:
            if integration is None:
                return done(request, seat, "tenant")
            system = integration.system
            return HttpResponseRedirect(
                installs.start(seat.tenant, seat.user, system, connection=row)
            )
        if form.is_valid() and (sentence := _renew(row, seat, form)):
            messages.success(request, sentence)
            if integration is None:
                return done(request, seat, "tenant")
            return done(request, seat, "status", integration.pk)
    context = {"connection": row, "system": spec, "form": form, "back": integration}
    return show(request, seat, "connect/connection.html", context, tab="tenant")


def _renew(row: Connection, seat: Seat, form: CredentialsForm) -> str:
    """Take the credentials; return what to tell, "" where the form says what is wrong."""
    given = form.cleaned_data
    try:
        if row.by_key:
            return key_words(service_keys.rotate(row, seat.user, given))
        connections.reauthenticate(row, seat.user, given)
    except connections.Refused as refusal:
        form.add_error(None, str(refusal))
        return ""
    except SyncError as error:
        form.add_error(None, refusal_text(error))
        return ""
    return _("The connection works again. What waited is synced now.")
