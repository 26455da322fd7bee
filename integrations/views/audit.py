"""The tenant's audit log, newest first, with before and after; health values stay masked."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse

from integrations.engine.reasons import Reason
from integrations.models import AuditEntry
from integrations.services import audit as history
from integrations.views.access import Seat, member
from integrations.views.pages import show
from integrations.views.paging import newest_first

PAGE_SIZE = 25
Changed = tuple[str, object, object]


@member
def audit(request: HttpRequest, seat: Seat) -> HttpResponse:
    """List entries; `?id=` takes a HubSpot or target id, `?reason=` a reason code."""
    rows = AuditEntry.objects.filter(tenant=seat.tenant).select_related("actor")
    record, reason = request.GET.get("id", "").strip(), request.GET.get("reason", "")
    if record:
        on_hubspot = rows.filter(hubspot_id=record)
        rows = on_hubspot if on_hubspot.exists() else rows.filter(target_id=record)
    if reason in set(Reason):
        rows = rows.filter(reason=reason)
    page = newest_first(request, rows, PAGE_SIZE)
    context = {
        "page": page,
        "entries": with_changes(page.rows),
        "record": record,
        "reason": reason,
        "reasons": [code.value for code in Reason],
    }
    return show(request, seat, "audit.html", context, tab="audit")


def with_changes(entries: Sequence[AuditEntry]) -> list[tuple[AuditEntry, list[Changed]]]:
    """Return each entry with (field, before, after) by field."""
    read = history.changes_of_all(entries)
    return [
        (entry, [(name, before.get(name), after.get(name)) for name in sorted({*before, *after})])
        for entry, (before, after) in zip(entries, read, strict=True)
    ]
