"""Connecting HubSpot by a pasted service key, as the first step of the wizard."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from integrations.engine.errors import SyncError
from integrations.forms.connect import CredentialsForm
from integrations.services import connections, connectors, key_scopes, service_keys
from integrations.services.service_keys import Imported
from integrations.views.access import Seat, manager
from integrations.views.actions import done, posted, refusal_text
from integrations.views.connect import target_spec
from integrations.views.pages import show


@never_cache
@sensitive_post_parameters()
@manager
def connect(request: HttpRequest, seat: Seat, system: str) -> HttpResponse:
    """Take a key, check it with HubSpot, and go on to the other system."""
    spec = target_spec(system)
    if connectors.needs_notices(spec):
        raise Http404
    form = CredentialsForm(connectors.hubspot_spec(), posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            row, imported = service_keys.connect(seat.tenant, seat.user, system, form.cleaned_data)
        except connections.Refused as refusal:
            form.add_error(None, str(refusal))
        except SyncError as error:
            form.add_error(None, refusal_text(error))
        else:
            messages.success(request, key_words(imported))
            return done(request, seat, "credentials", system, row.pk)
    context = {"system": spec, "step": 1, "form": form, "place": key_scopes.PLACE}
    return show(request, seat, "connect/key.html", context, tab="tenant")


def key_words(imported: Imported) -> str:
    """Say that a key was taken, and what was read with it at once."""
    words = [_("The service key for HubSpot has been updated.")]
    if (count := imported.stages) is not None:
        words.append(
            ngettext(
                "%(count)s deal stage was imported.", "%(count)s deal stages were imported.", count
            )
            % {"count": count}
        )
    if (count := imported.statuses) is not None:
        words.append(
            ngettext(
                "%(count)s lead status was imported.",
                "%(count)s lead statuses were imported.",
                count,
            )
            % {"count": count}
        )
    return " ".join(words)
