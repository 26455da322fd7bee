"""What a draft would do, and putting it into force: progress, outcomes, records, publishing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy

from integrations.engine.errors import SyncError
from integrations.engine.explanations import Tone
from integrations.engine.pairs import Action
from integrations.forms.publish import PublishForm
from integrations.models import JobRun, Preview, PreviewState, RunKind
from integrations.services import drafts, eta, previews, publishing
from integrations.views.access import Seat, manager, member
from integrations.views.actions import done, error_text, post_only, posted
from integrations.views.desk import Desk, open_desk
from integrations.views.pages import live

PAGE_SIZE: Final = 20
OUTCOMES: Final = {
    Action.CREATE: (ngettext_lazy("would be created", "would be created"), Tone.GOOD),
    Action.UPDATE: (ngettext_lazy("would be updated", "would be updated"), Tone.GOOD),
    Action.LINK: (ngettext_lazy("would be linked", "would be linked"), Tone.GOOD),
    Action.SETTLE: (ngettext_lazy("is the same already", "are the same already"), Tone.QUIET),
    Action.NOTHING: (ngettext_lazy("stays as it is", "stay as they are"), Tone.QUIET),
    Action.EXCLUDE: (ngettext_lazy("is left out", "are left out"), Tone.QUIET),
    Action.FREEZE: (
        ngettext_lazy("would no longer be updated", "would no longer be updated"),
        Tone.WAITING,
    ),
    Action.UNLINK: (ngettext_lazy("would be unlinked", "would be unlinked"), Tone.WAITING),
    Action.WAIT: (
        ngettext_lazy("waits for another record", "wait for another record"),
        Tone.WAITING,
    ),
    Action.HOLD: (ngettext_lazy("needs a decision", "need a decision"), Tone.ACTION),
    Action.FAIL: (ngettext_lazy("cannot be sent", "cannot be sent"), Tone.ACTION),
    Action.ARCHIVE: (ngettext_lazy("would be archived", "would be archived"), Tone.WAITING),
    Action.GONE: (ngettext_lazy("is gone", "are gone"), Tone.QUIET),
}
"""What becomes of a record, in the words of "12 records …", in the order they are shown."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many records end in one way."""

    action: str
    words: object
    tone: str
    count: int


@post_only
@manager
def start(request: HttpRequest, seat: Seat, pk: UUID, key: str) -> HttpResponse:
    """Check the draft and let the preview begin."""
    desk = open_desk(seat, pk, key)
    try:
        previews.start(desk.object_sync, seat.user)
    except drafts.DraftInvalid:
        messages.error(request, _("Correct the draft first: see what is listed above the fields."))
        return HttpResponseRedirect(desk.address("fields"))
    except SyncError as error:
        messages.error(request, error_text(error))
        return HttpResponseRedirect(desk.address("fields"))
    return HttpResponseRedirect(desk.address("preview"))


@member
def preview(request: HttpRequest, seat: Seat, pk: UUID, key: str) -> HttpResponse:
    """Show the newest preview; htmx asks for the moving part while it runs."""
    desk = open_desk(seat, pk, key)
    found = previews.latest(desk.object_sync)
    context = _context(request, desk, found)
    if request.headers.get("HX-Request") and "mark" in request.GET:
        frame = {"integration": desk.integration, "object_sync": desk.object_sync, "desk": desk}
        frame |= {"system": desk.system}
        ended = found is None or found.state != PreviewState.RUNNING
        answer = live(request, seat, "setup/preview_live.html", frame | context, last=ended)
        if ended:
            answer.headers["HX-Refresh"] = "true"  # the publish form comes with the whole page
        return answer
    context["form"] = PublishForm(is_first=desk.object_sync.version is None, system=desk.system)
    return desk.show(request, "setup/preview.html", context, tab="fields")


@post_only
@manager
def publish(request: HttpRequest, seat: Seat, pk: UUID, key: str) -> HttpResponse:
    """Put what was previewed into force and go to the run that carries it out."""
    desk = open_desk(seat, pk, key)
    found = previews.latest(desk.object_sync)
    is_first = desk.object_sync.version is None
    form = PublishForm(posted(request), is_first=is_first, system=desk.system)
    if found is None or str(found.pk) != request.POST.get("preview", ""):
        messages.error(request, _("This preview was replaced by a newer one. Look at it first."))
    elif form.is_valid():
        try:
            version = publishing.publish(found, seat.user, **form.choices())
        except (publishing.PublishRefused, drafts.DraftInvalid) as refusal:
            messages.error(request, str(refusal))
        except SyncError as error:
            messages.error(request, error_text(error))
        else:
            text = _("Version %(number)d is in force. This run carries it out.")
            messages.success(request, text % {"number": version.number})
            return _to_run(request, desk)
    else:
        messages.error(request, _("Not published: the date or the sides make no sense."))
    return HttpResponseRedirect(desk.address("preview"))


def _to_run(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Go to the newest run that applies a version."""
    kinds = (RunKind.BACKFILL, RunKind.RECONCILE)
    rows = JobRun.objects.filter(object_sync=desk.object_sync, kind__in=kinds)
    run = rows.order_by("-pk").first()
    pk = desk.integration.pk
    return (
        done(request, desk.seat, "run", pk, run.pk)
        if run
        else done(request, desk.seat, "status", pk)
    )


def _context(request: HttpRequest, desk: Desk, found: Preview | None) -> dict[str, Any]:
    context: dict[str, Any] = {"preview": found}
    if found is None:
        return context
    outcomes = _outcomes(found)
    context |= {
        "outcomes": outcomes,
        "is_running": found.state == PreviewState.RUNNING,
        "progress": eta.progress_of(found.run) if found.run else None,
        "is_current": previews.is_current(found),
    }
    if found.state == PreviewState.DONE:
        context |= _records(request, found, outcomes)
    return context


def _outcomes(found: Preview) -> list[Outcome]:
    return [
        Outcome(action.value, words % count, tone.value, count)
        for action, (words, tone) in OUTCOMES.items()
        if (count := found.actions.get(action.value))
    ]


def _records(request: HttpRequest, found: Preview, outcomes: list[Outcome]) -> dict[str, Any]:
    """Return the records of one outcome, the first unless another is asked for."""
    known = [outcome.action for outcome in outcomes]
    asked = request.GET.get("outcome", "")
    action = asked if asked in known else next(iter(known), "")
    after = request.GET.get("after", "")
    start = int(after[:18]) if after.isdecimal() else 0
    items = previews.items(found, action=action, after=start, limit=PAGE_SIZE + 1)
    more = items[PAGE_SIZE - 1].item.pk if len(items) > PAGE_SIZE else 0
    return {"outcome": action, "items": items[:PAGE_SIZE], "more": more, "is_later": start > 0}
