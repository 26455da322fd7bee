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

from integrations.models import Integration, ObjectSync, SyncState
from integrations.services import connectors, job_specs, owners, pipelines
from integrations.services.readiness import lack_of
from integrations.views.access import Seat

TABS = (
    ("status", _("Overview")),
    ("activation", _("Activation")),
    ("fields", _("Fields")),
    ("filters", _("Filters")),
    ("versions", _("Versions")),
    ("owners", _("Owners")),
    ("stages", _("Stages")),
    ("why", _("Why?")),
    ("records", _("Records")),
    ("runs", _("Runs")),
    ("reviews", _("Reviews")),
    ("jobs", _("Jobs")),
    ("merges", _("Merges")),
    ("settings", _("Settings")),
)
OF_A_DRAFT = ("fields", "filters", "versions")
"""Tabs of systems whose mapping people edit; each leads to a page per object pair."""
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
        "tabs": _tabs(seat, integration, tab, context.get("object_sync")),
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


def _tabs(
    seat: Seat, integration: Integration | None, current: str, chosen: ObjectSync | None
) -> list[Tab]:
    if integration is None:
        return [
            Tab(reverse(name, args=[seat.tenant.slug]), label, name == current)
            for name, label in TENANT_TABS
        ]
    one = [seat.tenant.slug, integration.pk]
    specs = connectors.spec_of(integration.system).syncs
    keys = [spec.key for spec in specs if spec.configurable]
    closed = integration.state == SyncState.UNINSTALLED
    key = chosen.key if chosen is not None else next(iter(keys), "")
    tables = [table.key for table in pipelines.kept(integration)]
    after = {**dict.fromkeys(OF_A_DRAFT, [key]), "stages": tables[:1]}
    shown = {
        **dict.fromkeys(OF_A_DRAFT, bool(keys) and not closed),
        "activation": not closed and (current == "activation" or bool(lack_of(integration))),
        "owners": owners.has_owners(integration) and not closed,
        "stages": bool(tables) and not closed,
        "jobs": bool(job_specs.of(integration)),
    }
    return [
        Tab(reverse(name, args=[*one, *after.get(name, ())]), label, name == current)
        for name, label in TABS
        if shown.get(name, True)
    ]
