"""Links and intents: what the portal knows of every record. Only the portal changes them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from integrations.admin.base import (
    ReadOnlyAdmin,
    ReadOnlyInline,
    ReasonFilter,
    moment,
    reason_chip,
    state_chip,
)
from integrations.engine.reasons import Reason
from integrations.models import Dependency, Intent, ObjectSync, RecordLink
from integrations.templatetags import portal


class LinkReasonFilter(ReasonFilter):
    """By reason through the index that begins with the object sync and the state."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any] | None:
        """Name every object sync and every state before the reason."""
        return by_reason(queryset, self.value()) if self.value() else None


class DependencyInline(ReadOnlyInline):
    """The records that a pair waits for."""

    model = Dependency
    fields = readonly_fields = ("parent_sync", "side", "record_id")


@admin.register(RecordLink)
class RecordLinkAdmin(ReadOnlyAdmin[RecordLink]):
    """Search by HubSpot id, target id or reason code, exactly."""

    hidden = ("base",)
    search_fields = ("hubspot_id", "target_id")
    search_help_text = "HubSpot id, target id or reason code, exactly"
    list_display = (
        "hubspot_id", "target_id", "object_sync", "tenant", state_chip, reason_chip, "detail",
        moment("decided_at", "decided"),
    )  # fmt: skip
    list_display_links = ("hubspot_id", "target_id")
    list_filter = (LinkReasonFilter,)
    list_select_related = ("tenant", "object_sync")
    readonly_fields = ("explanation", "why")
    inlines = (DependencyInline,)
    fields = (
        "tenant", "object_sync", "hubspot_id", "target_id", "external_key", "state", "reason",
        "explanation", "detail", "why", "generation", "version_number", "created_at", "decided_at",
    )  # fmt: skip

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[RecordLink], search_term: str
    ) -> tuple[QuerySet[RecordLink], bool]:
        """A reason code lists its links; anything else is an id."""
        if search_term.strip() in set(Reason):
            return by_reason(queryset, search_term.strip()), False
        return super().get_search_results(request, queryset, search_term)

    @admin.display(description="explanation")
    def explanation(self, row: RecordLink) -> str:
        """Return the reason's sentence and remedy."""
        return f"{portal.sentence(row.reason, row.detail)} {portal.remedy(row.reason)}"

    @admin.display(description="history")
    def why(self, row: RecordLink) -> str:
        """Lead to the record's audit entries."""
        address = reverse("admin:integrations_auditentry_changelist")
        return format_html(
            '<a href="{}?q={}">Audit entries</a>', address, row.hubspot_id or row.target_id
        )


@admin.register(Intent)
class IntentAdmin(ReadOnlyAdmin[Intent]):
    """Writes that were about to be made, and how they ended."""

    list_display = (
        "id", "link", "side", "action", state_chip, "error", moment("created_at", "created"),
        moment("settled_at", "settled"),
    )  # fmt: skip
    list_select_related = ("link",)


def by_reason(rows: QuerySet[RecordLink], reason: str | None) -> QuerySet[RecordLink]:
    """Filter through (object sync, state, reason)."""
    syncs = list(ObjectSync.objects.values_list("pk", flat=True))
    return rows.filter(object_sync__in=syncs, state__in=list(portal.STATES), reason=reason)
