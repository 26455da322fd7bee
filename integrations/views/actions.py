"""What follows a button: where the browser goes, and how an error of a service is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from integrations.engine.errors import SyncError
from integrations.engine.explanations import EXPLANATIONS
from integrations.views.access import Seat

post_only = cast(Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]], require_POST)


def done(request: HttpRequest, seat: Seat, name: str, *args: Any) -> HttpResponse:
    """Go to a page of the tenant after a change, so that reloading does not repeat it."""
    return redirect(name, seat.tenant.slug, *args)


@contextmanager
def told(request: HttpRequest, success: str = "") -> Iterator[None]:
    """Run a service; tell the person that it worked, or what the system answered."""
    try:
        yield
    except SyncError as error:
        messages.error(request, error_text(error))
    else:
        if success:
            messages.success(request, success)


def error_text(error: SyncError) -> str:
    """Return the system's own sentence with what the person can do about it."""
    remedy = _(EXPLANATIONS[error.reason].remedy)
    if error.retryable:  # the remedies speak of syncing, which repeats by itself
        remedy = _("Try again in a moment.")
    return f"{error.detail} {remedy}".strip()


def refusal_text(error: SyncError) -> str:
    """Return why credentials just entered are refused; the form itself is the remedy."""
    return error_text(error) if error.retryable else error.detail


def may_change(seat: Seat) -> None:
    """Refuse a viewer's POST on a page that viewers may read."""
    if not seat.can_change:
        raise PermissionDenied


def posted(request: HttpRequest) -> QueryDict | None:
    """Return what a form is bound to: an empty POST is one, too."""
    return request.POST if request.method == "POST" else None
