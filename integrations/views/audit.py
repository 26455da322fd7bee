"""The tenant's audit log, newest first, with before and after; health values stay masked."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from integrations.engine.reasons import Reason
from integrations.models import AuditEntry
from integrations.services import audit as history
from integrations.views.access import Seat, member
from integrations.views.pages import show
from integrations.views.paging import newest_first

PAGE_SIZE = 25


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
    entries = [{"entry": entry, "changes": changes(entry)} for entry in page.rows]
    context = {
        "page": page,
        "entries": entries,
        "record": record,
        "reason": reason,
        "reasons": [code.value for code in Reason],
    }
    return show(request, seat, "audit.html", context, tab="audit")


def changes(entry: AuditEntry) -> list[tuple[str, object, object]]:
    """Return (field, before, after) of an entry, by field."""
    if not (entry.before or entry.after):
        return []
    before, after = history.changes_of(entry)
    return [(name, before.get(name), after.get(name)) for name in sorted({*before, *after})]
