"""The tenant's audit log, newest first, with before and after; health values stay masked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import cast

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import timezone

from integrations.forms.history import HistoryForm
from integrations.models import AuditEntry, ObjectSync
from integrations.services import audit as history
from integrations.services import audit_log, connectors, exports
from integrations.services.audit_log import Wanted
from integrations.views.access import Seat, member
from integrations.views.pages import show
from integrations.views.paging import newest_first

PAGE_SIZE = 25
Changed = tuple[str, object, object]


@member
def audit(request: HttpRequest, seat: Seat) -> HttpResponse:
    """List entries, narrowed by object, reason, failure, record id and dates; or hand out CSV."""
    form = HistoryForm(_objects(seat), request.GET)
    wanted = form.wanted() if form.is_valid() else Wanted()
    if request.GET.get("as") == "csv" and form.is_valid():
        lines = exports.history(seat.tenant, seat.user, wanted)
        return csv_of(lines, "history")
    page = newest_first(request, audit_log.entries(seat.tenant, wanted), PAGE_SIZE)
    query = request.GET.copy()
    query.pop("before", None)
    query["as"] = "csv"
    context = {
        "page": page,
        "entries": with_changes(page.rows),
        "form": form,
        "csv": query.urlencode(),
        "is_narrowed": wanted != Wanted(),
    }
    return show(request, seat, "audit.html", context, tab="audit")


def csv_of(lines: Iterable[str], name: str) -> HttpResponse:
    """Return lines as a file that the browser stores, while they are still being read."""
    answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    named = f"{name}-{timezone.localtime():%Y-%m-%d}.csv"
    answer["Content-Disposition"] = f'attachment; filename="{named}"'
    return cast(HttpResponse, answer)


def _objects(seat: Seat) -> list[tuple[str, str]]:
    rows = ObjectSync.objects.filter(tenant=seat.tenant).select_related("integration")
    named = ((row, connectors.spec_of(row.integration.system).label) for row in rows)
    return [(str(row.pk), f"{label}: {row.hubspot_object}") for row, label in named]


def with_changes(entries: Sequence[AuditEntry]) -> list[tuple[AuditEntry, list[Changed]]]:
    """Return each entry with (field, before, after) by field."""
    read = history.changes_of_all(entries)
    return [
        (entry, [(name, before.get(name), after.get(name)) for name in sorted({*before, *after})])
        for entry, (before, after) in zip(entries, read, strict=True)
    ]
