"""The tenant's keys to the REST API: made, shown once, revoked."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from integrations.forms.tokens import TokenForm
from integrations.models import ApiToken
from integrations.services import tokens as service
from integrations.views.access import Seat, manager, member
from integrations.views.actions import done, may_change, post_only, posted
from integrations.views.pages import show


@sensitive_variables("plain")
@member
def tokens(request: HttpRequest, seat: Seat) -> HttpResponse:
    """List the tokens; a new one's text is on the answer to its own form and nowhere else."""
    form, plain = TokenForm(posted(request)), ""
    if request.method == "POST":
        may_change(seat)
        plain = _issue(seat, form) if form.is_valid() else ""
    context = {
        "tokens": _rows(seat),
        "form": TokenForm() if plain else form,
        "plain": plain,
        "now": timezone.now(),
    }
    return show(request, seat, "tokens.html", context, tab="tokens")


@post_only
@manager
def revoke(request: HttpRequest, seat: Seat, pk: UUID) -> HttpResponse:
    """End a token at once."""
    row = get_object_or_404(ApiToken, pk=pk, tenant=seat.tenant)
    service.revoke(row, seat.user)
    messages.success(request, _("“%(name)s” does not work any more.") % {"name": row.name})
    return done(request, seat, "tokens")


def _issue(seat: Seat, form: TokenForm) -> str:
    given = form.cleaned_data
    try:
        _row, plain = service.issue(
            seat.tenant, seat.user, given["name"], given["scopes"], given["days"]
        )
    except service.TokenInvalid as invalid:
        for name, sentence in invalid.errors.items():
            form.add_error(name, sentence)
        return ""
    return plain


def _rows(seat: Seat) -> list[ApiToken]:
    rows = ApiToken.objects.filter(tenant=seat.tenant).select_related("created_by")
    return list(rows.order_by("-created_at")[:100])
