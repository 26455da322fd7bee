"""Which fields travel and how: the list, the picker, the editor of one pair, repairs."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrations.engine import edits
from integrations.engine.checks import place
from integrations.engine.edits import EditRefused
from integrations.engine.errors import SyncError
from integrations.engine.mapping import FieldRule
from integrations.engine.records import Side
from integrations.engine.selecting import select_fields
from integrations.engine.transforms.tables import TABLE
from integrations.forms import posted_rules
from integrations.forms.rules import RuleEditor
from integrations.services import drafts, lookup, schemas, tryouts
from integrations.services.tryouts import TryOut
from integrations.views.access import Seat, manager, member
from integrations.views.actions import error_text, may_change, post_only, told
from integrations.views.desk import Desk, anchor, open_desk, refused
from integrations.views.rows import Row, available, row_of, rows_of, unplaced

MOST_CHARACTERS = 200


@member
def fields(request: HttpRequest, seat: Seat, pk: UUID, key: str) -> HttpResponse:
    """List the selected fields and, below, those that can be added; `?q=` searches them."""
    desk = open_desk(seat, pk, key)
    query = request.GET.get("q", "")[:MOST_CHARACTERS]
    context: dict[str, Any] = {
        "rows": rows_of(desk),
        "groups": available(desk, query),
        "query": query,
    }
    context |= {"rule_address": desk.address("rule"), "changed": unplaced(desk)}
    context["lacks"] = desk.lacks
    return desk.show(request, "setup/fields.html", context, tab="fields")


@post_only
@manager
def add(request: HttpRequest, seat: Seat, pk: UUID, key: str) -> HttpResponse:
    """Select more HubSpot fields; each gets the mapping that suits it best."""
    desk = open_desk(seat, pk, key)
    chosen = request.POST.getlist("field")
    names = dict.fromkeys([*(rule.hubspot for rule in desk.config.rules), *chosen])
    try:
        config = select_fields(desk.config, tuple(names), desk.ground)
    except EditRefused as refusal:
        refused(request, refusal)
    else:
        if chosen and desk.save(request, config):
            text = ngettext("%d field is added.", "%d fields are added.", len(chosen))
            messages.success(request, text % len(chosen))
    return HttpResponseRedirect(desk.address("fields"))


@post_only
@manager
def drop(request: HttpRequest, seat: Seat, pk: UUID, key: str) -> HttpResponse:
    """Deselect a field."""
    desk = open_desk(seat, pk, key)
    found = _rule(desk, request.POST.get("hubspot", ""), request.POST.get("target", ""))
    try:
        config = edits.remove_rule(desk.config, edits.key_of(found), desk.ground)
    except EditRefused as refusal:
        refused(request, refusal)
    else:
        if desk.save(request, config):
            name = found.label or found.hubspot
            messages.success(request, _("“%(name)s” is no longer synced.") % {"name": name})
    return HttpResponseRedirect(desk.address("fields"))


@post_only
@manager
def refresh(request: HttpRequest, seat: Seat, pk: UUID, key: str) -> HttpResponse:
    """Read both systems' field lists again, and import new options of picklists."""
    desk = open_desk(seat, pk, key)
    with told(request, _("Both field lists are read again.")):
        brought = schemas.refresh_sync(desk.object_sync, seat.user)
        for added in brought.added:
            text = _("New options are imported. %(fields)s")
            messages.success(request, text % {"fields": added.shown})
        for step in brought.steps:
            messages.warning(request, step)
    return HttpResponseRedirect(desk.address("fields"))


@post_only
@manager
def repair(request: HttpRequest, seat: Seat, pk: UUID, key: str) -> HttpResponse:
    """Accept the repair that is proposed for a field whose definition changed."""
    desk = open_desk(seat, pk, key)
    asked = request.POST.get("drift", "")
    found = next((drift for drift in desk.drifts if drift.key == asked and drift.repairs), None)
    if found is None:
        raise Http404
    try:
        drafts.repair(desk.draft, found, seat.user, desk.revision(request))
    except drafts.DraftChanged as changed:
        messages.error(request, str(changed))
    except SyncError as error:
        messages.error(request, error.detail)
    else:
        messages.success(request, _("The repair is in the draft. Preview and publish it."))
    return HttpResponseRedirect(desk.address("fields"))


@member
def rule(request: HttpRequest, seat: Seat, pk: UUID, key: str) -> HttpResponse:
    """Edit one pair; `step` says whether to save it, draw it anew or try it."""
    desk = open_desk(seat, pk, key)
    stored = _rule(desk, request.GET.get("hubspot", ""), request.GET.get("target", ""))
    if stored.transform == TABLE:
        raise Http404
    wanted, tried = stored, None
    if request.method == "POST":
        may_change(seat)
        wanted = posted_rules.read(
            request.POST, posted_rules.shown(request.POST, stored, desk.ground), desk.ground
        )
        step = request.POST.get("step", "")
        if step == "try":
            tried = _try(request, desk, wanted)
        elif step != "reshape" and _store(request, desk, stored, wanted):
            return HttpResponseRedirect(f"{desk.address('fields')}#{anchor(place(wanted))}")
    row = _judged(desk, stored, wanted)
    context = {
        "row": row,
        "form": RuleEditor(wanted, desk.config, desk.ground, desk.system, row.anchor),
        "address": f"{desk.address('rule')}?{_query(stored)}",
        "tried": tried,
        "record": request.POST.get("record", "") or lookup.example(desk.object_sync),
        "on_target": request.POST.get("try-side") == Side.TARGET,
    }
    return desk.show(request, "setup/rule.html", context, tab="fields")


def _store(request: HttpRequest, desk: Desk, stored: FieldRule, wanted: FieldRule) -> bool:
    try:
        config = edits.set_rule(desk.config, edits.key_of(stored), wanted, desk.ground)
    except EditRefused as refusal:
        refused(request, refusal)
        return False
    if not desk.save(request, config):
        return False
    messages.success(
        request, _("“%(name)s” is saved in the draft.") % {"name": wanted.label or wanted.hubspot}
    )
    return True


def _judged(desk: Desk, stored: FieldRule, wanted: FieldRule) -> Row:
    """Return the pair as it would be, with its problems."""
    try:
        config = edits.set_rule(desk.config, edits.key_of(stored), wanted, desk.ground)
    except EditRefused:
        config = desk.config
    return row_of(desk, wanted, desk.judged(config))


def _try(request: HttpRequest, desk: Desk, wanted: FieldRule) -> TryOut:
    record_id = request.POST.get("record", "").strip()[:MOST_CHARACTERS]
    side = Side.TARGET if request.POST.get("try-side") == Side.TARGET else Side.HUBSPOT
    if not record_id:
        return TryOut(problem=_("Enter the id of a record to try it on."))
    try:
        return tryouts.try_out(desk.object_sync, wanted, record_id, side)
    except SyncError as error:
        return TryOut(problem=error_text(error))


def _rule(desk: Desk, hubspot: str, target: str) -> FieldRule:
    for found in desk.config.rules:
        if edits.key_of(found) == (hubspot, target):
            return found
    raise Http404


def _query(found: FieldRule) -> str:
    return urlencode({"hubspot": found.hubspot, "target": found.target})
