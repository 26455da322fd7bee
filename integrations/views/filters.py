"""Which records are in, by direction, and the general rules of a sync."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from integrations.engine import edits
from integrations.engine.edits import EditRefused
from integrations.engine.filters import Filter
from integrations.engine.records import Side
from integrations.engine.specs import FieldSpec
from integrations.forms import conditions
from integrations.forms.conditions import FilterEditor
from integrations.forms.policies import PolicyForm
from integrations.services import matching
from integrations.views.access import Seat, manager, member
from integrations.views.actions import may_change, post_only
from integrations.views.desk import Desk, open_desk, refused


@member
def filters(request: HttpRequest, seat: Seat, pk: UUID, key: str) -> HttpResponse:
    """Show both directions' conditions; a button draws them anew or saves one direction."""
    desk = open_desk(seat, pk, key)
    wanted = {side: desk.config.filter_for(side) for side in Side}
    asked = request.POST.get("step") == "save"
    if request.method == "POST":
        may_change(seat)
        side = Side.TARGET if request.POST.get("side") == Side.TARGET else Side.HUBSPOT
        wanted[side], saved = _posted(request, desk, side)
        if saved:
            return HttpResponseRedirect(f"{desk.address('filters')}#{side.value}")
    context = {
        "ways": [_way(desk, side, wanted[side], tell=asked) for side in Side],
        "policies": PolicyForm(desk.config, desk.system),
    }
    return desk.show(request, "setup/filters.html", context, tab="filters")


@post_only
@member
def count(request: HttpRequest, seat: Seat, pk: UUID, key: str) -> HttpResponse:
    """Say how many HubSpot records pass the conditions as they are on the screen."""
    desk = open_desk(seat, pk, key)
    fields = fields_of(desk, Side.HUBSPOT)
    wanted = conditions.read(request.POST, fields)
    complete = not FilterEditor(fields, wanted).problems
    found = matching.of_filter(desk.object_sync, wanted) if complete else None
    context = {"found": found, "complete": complete}
    return desk.show(request, "setup/count.html", context, tab="filters")


@post_only
@manager
def policies(request: HttpRequest, seat: Seat, pk: UUID, key: str) -> HttpResponse:
    """Save the general rules in the draft."""
    desk = open_desk(seat, pk, key)
    form = PolicyForm(desk.config, desk.system, request.POST)
    if form.is_valid():
        if desk.save(request, edits.set_policies(desk.config, **form.policies())):
            messages.success(request, _("The rules are saved in the draft."))
    else:
        messages.error(request, _("Choose one of the options that are offered."))
    return HttpResponseRedirect(f"{desk.address('filters')}#rules")


def fields_of(desk: Desk, side: Side) -> dict[str, FieldSpec]:
    """Return the selected fields of one side that can be asked about, by name."""
    known = desk.ground.of(side)
    names = [rule.hubspot if side is Side.HUBSPOT else rule.target for rule in desk.config.rules]
    return {name: known[name] for name in dict.fromkeys(names) if name in known}


def _posted(request: HttpRequest, desk: Desk, side: Side) -> tuple[Filter, bool]:
    """Return the filter on the screen after its button, and whether it is saved."""
    fields = fields_of(desk, side)
    wanted = conditions.read(request.POST, fields)
    step = request.POST.get("step", "")
    if step != "save":
        return conditions.edited(wanted, step, next(iter(fields), "")), False
    if FilterEditor(fields, wanted).problems:
        messages.error(request, _("Not saved: a condition needs a correction."))
        return wanted, False
    try:
        config = edits.set_filter(desk.config, side, wanted)
    except EditRefused as refusal:
        refused(request, refusal)
        return wanted, False
    saved = desk.save(request, config)
    if saved:
        messages.success(request, _("The filter is saved in the draft."))
    return wanted, saved


def _way(desk: Desk, side: Side, wanted: Filter, *, tell: bool) -> dict[str, object]:
    """Return what the page shows of one direction."""
    fields = fields_of(desk, side)
    editor = FilterEditor(fields, wanted, side.value)
    if tell:
        editor.tell()
    return {
        "side": side.value,
        "editor": editor,
        "is_saved": wanted == desk.config.filter_for(side),
        "can_add": bool(fields),
        "counts": side is Side.HUBSPOT,
    }
