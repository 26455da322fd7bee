"""Rendering a page inside its frame: the tenant, the tabs, what the person may do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from integrations.models import Integration
from integrations.services import connectors
from integrations.views.access import Seat

TABS = (
    ("status", _("Overview")),
    ("why", _("Why?")),
    ("records", _("Records")),
    ("runs", _("Runs")),
    ("reviews", _("Reviews")),
    ("settings", _("Settings")),
)
TENANT_TABS = (
    ("tenant", _("Integrations")),
    ("audit", _("Audit log")),
    ("tokens", _("API tokens")),
)
MARK = "mark-of-this-part"
STOP_POLLING = 286
"""htmx ends polling at this status (htmx docs, attributes/hx-trigger, read 2026-11-20)."""


@dataclass(frozen=True, slots=True)
class Tab:
    """One entry of the second row of the header."""

    url: str
    label: object
    current: bool


def show(
    request: HttpRequest,
    seat: Seat,
    template: str,
    context: Mapping[str, Any],
    *,
    tab: str = "",
    status: int = 200,
) -> HttpResponse:
    """Render a page of a tenant; with an `integration` in the context, one of the integration."""
    integration: Integration | None = context.get("integration")
    frame: dict[str, Any] = {
        "tenant": seat.tenant,
        "can_change": seat.can_change,
        "tabs": _tabs(seat, integration, tab),
    }
    if integration:
        frame["spec"] = connectors.spec_of(integration.system)
    return render(request, template, frame | dict(context), status=status)


def live(
    request: HttpRequest,
    seat: Seat,
    template: str,
    context: Mapping[str, Any],
    *,
    last: bool = False,
) -> HttpResponse:
    """Answer a poll with the moving part, or with nothing when it has not changed.

    The page sends back the mark of what it shows; an unchanged part is not swapped, so screen
    readers stay silent and the keyboard stays where it is. `last` ends the polling.
    """
    frame = {"tenant": seat.tenant, "can_change": seat.can_change, "polled": True, "mark": MARK}
    body = render_to_string(template, frame | dict(context), request)
    mark = blake2b(body.encode(), digest_size=8).hexdigest()
    if not last and request.GET.get("mark") == mark:
        return HttpResponse(status=204)
    return HttpResponse(body.replace(MARK, mark), status=STOP_POLLING if last else 200)


def _tabs(seat: Seat, integration: Integration | None, current: str) -> list[Tab]:
    entries = TABS if integration else TENANT_TABS
    args = [seat.tenant.slug, integration.pk] if integration else [seat.tenant.slug]
    return [Tab(reverse(name, args=args), label, name == current) for name, label in entries]
