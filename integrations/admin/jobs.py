"""Scheduled jobs: period, switch, and how starts went."""

from __future__ import annotations

from django.contrib import admin

from integrations.admin.base import ReadOnlyAdmin, moment
from integrations.models import Job


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin[Job]):
    """Jobs of all integrations; customers change them on their own page."""

    list_display = (
        "key", "integration", "tenant", "minutes", "enabled", moment("started_at", "started"),
        "note", "skipped",
    )  # fmt: skip
    list_filter = ("enabled",)
    list_select_related = ("tenant", "integration__hubspot")
    search_fields = ("tenant__slug", "integration__hubspot__account_id")
    search_help_text = "tenant, HubSpot account"
    ordering = ("integration", "key")
