"""Who may see a page: every page of a tenant goes through here. A stranger gets 404, not 403."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo
from functools import wraps
from typing import Any, cast
from urllib.parse import unquote
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.cache import never_cache

from integrations.models import Integration, Membership, SyncState, Tenant

View = Callable[..., HttpResponse]


@dataclass(frozen=True, slots=True)
class Seat:
    """A logged-in person in one tenant."""

    user: User
    membership: Membership

    @property
    def tenant(self) -> Tenant:
        """The organisation whose page is open."""
        return self.membership.tenant

    @property
    def can_change(self) -> bool:
        """Whether buttons that change something are shown and work."""
        return self.membership.can_change

    def integrations(self) -> QuerySet[Integration]:
        """Return the tenant's integrations with their connections."""
        rows = Integration.objects.filter(tenant=self.tenant)
        return rows.select_related("hubspot", "target", "tenant")

    def integration(self, pk: UUID) -> Integration:
        """Return one of the tenant's integrations; raises Http404 for any other."""
        return get_object_or_404(self.integrations(), pk=pk)

    def live_integration(self, pk: UUID) -> Integration:
        """Return one that is still installed: what was uninstalled cannot be changed."""
        return get_object_or_404(self.integrations().exclude(state=SyncState.UNINSTALLED), pk=pk)


def member(view: View) -> View:
    """Hand the view a `Seat` for the tenant in the address, in the person's time zone.

    No page is kept by a browser or proxy: after logging out, "back" must not show a record.
    """

    @wraps(view)
    def inner(request: HttpRequest, slug: str, *args: Any, **kwargs: Any) -> HttpResponse:
        seat = seat_of(request, slug)
        _refuse_nul(request.GET, request.POST)
        with timezone.override(zone_of(request, seat.tenant)):
            return view(request, seat, *args, **kwargs)

    return cast(View, never_cache(login_required(inner)))


def manager(view: View) -> View:
    """Like `member`, for pages that change something: viewers get 403."""

    @wraps(view)
    def inner(request: HttpRequest, seat: Seat, *args: Any, **kwargs: Any) -> HttpResponse:
        if not seat.can_change:
            raise PermissionDenied
        return view(request, seat, *args, **kwargs)

    return member(inner)


def seat_of(request: HttpRequest, slug: str) -> Seat:
    """Return the person's seat in a tenant; raises Http404 when there is none."""
    user = cast(User, request.user)
    found = Membership.objects.filter(user=user, tenant__slug=slug).select_related("tenant")
    membership = found.first()
    if membership is None:
        raise Http404
    return Seat(user, membership)


def _refuse_nul(*given: QueryDict) -> None:
    """Refuse a character that the database cannot even look for; raises BadRequest."""
    if any("\0" in value for query in given for _key, values in query.lists() for value in values):
        raise BadRequest("A value holds a NUL character.")


def zone_of(request: HttpRequest, tenant: Tenant | None = None) -> tzinfo:
    """Return the browser's time zone (a cookie set by `theme.js`), else the tenant's."""
    for name in (unquote(request.COOKIES.get("tz", "")), tenant.time_zone if tenant else "UTC"):
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            continue
    return ZoneInfo("UTC")
