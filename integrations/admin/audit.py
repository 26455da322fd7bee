"""The audit log with before and after. Health values stay masked here for everybody."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from integrations.admin.base import ReadOnlyAdmin, ReasonFilter, moment, reason_chip
from integrations.models import AuditEntry
from integrations.services import audit
from integrations.templatetags import portal

SHOWN = 3


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin[AuditEntry]):
    """Search by HubSpot id, target id or reason code, exactly."""

    hidden = ("sealed", "before", "after")
    search_fields = ("hubspot_id", "target_id", "reason")
    search_help_text = "HubSpot id, target id or reason code, exactly"
    list_display = (
        "id", moment("at", "time"), "tenant", "what", reason_chip, "hubspot_id", "target_id",
        "fields_changed", "actor",
    )  # fmt: skip
    list_filter = (ReasonFilter,)
    list_select_related = ("tenant", "actor")
    readonly_fields = ("explanation", "changes")
    fields = (
        "at", "tenant", "actor", "action", "reason", "explanation", "changes", "side",
        "hubspot_id", "target_id", "link_id", "object_sync_id", "connection_id", "run_id",
        "version_number", "duration_ms",
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEntry]:
        """The list needs the field names of `after`, never the sealed values."""
        return super().get_queryset(request).defer(None).defer("sealed", "before")

    @admin.display(description="action")
    def what(self, row: AuditEntry) -> str:
        """Return the action as words."""
        return portal.title_of(row.action)

    @admin.display(description="fields")
    def fields_changed(self, row: AuditEntry) -> str:
        """Name a few fields of the entry."""
        names = sorted(row.after)
        more = f" +{len(names) - SHOWN}" if len(names) > SHOWN else ""
        return ", ".join(names[:SHOWN]) + more or "–"

    @admin.display(description="explanation")
    def explanation(self, row: AuditEntry) -> str:
        """Return the reason's sentence."""
        return portal.sentence(row.reason, row.detail) or row.detail or "–"

    @admin.display(description="before and after")
    def changes(self, row: AuditEntry) -> SafeString | str:
        """Show each field's values, health values masked."""
        before, after = audit.changes_of(row)
        lines = [(name, before.get(name), after.get(name)) for name in sorted({*before, *after})]
        if not lines:
            return "–"
        cells = (
            (name, "–" if old is None else old, "–" if new is None else new)
            for name, old, new in lines
        )
        body = format_html_join(
            "",
            '<tr><th scope="row">{}</th><td><del>{}</del></td><td><ins>{}</ins></td></tr>',
            cells,
        )
        return format_html(
            '<table class="changes"><tr><th scope="col">Field</th><th scope="col">Before</th>'
            '<th scope="col">After</th></tr>{}</table>',
            body,
        )
