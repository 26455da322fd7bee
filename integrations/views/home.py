"""The way in: the person's tenants, and a tenant's integrations with their health."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from integrations.models import Membership, SyncState
from integrations.services import connectors, status
from integrations.views.access import Seat, member
from integrations.views.pages import show


@never_cache
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """List the person's tenants; with one only, go there."""
    found = list(Membership.objects.filter(user=request.user.pk).select_related("tenant"))
    if len(found) == 1:
        return redirect("tenant", found[0].tenant.slug)
    found.sort(key=lambda membership: membership.tenant.name)
    return render(request, "home.html", {"memberships": found})


@member
def tenant(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Show the tenant's integrations with their health, and what else can be connected."""
    rows = seat.integrations().order_by("created_at")
    cards = [
        {
            "integration": row,
            "spec": connectors.spec_of(row.system),
            "status": None if row.state == SyncState.UNINSTALLED else status.of(row, samples=0),
        }
        for row in rows
    ]
    context = {"cards": cards, "systems": connectors.target_specs()}
    return show(request, seat, "tenant.html", context, tab="tenant")
