"""Runs: what was executed, with counts and end state."""

from __future__ import annotations

from django.contrib import admin

from integrations.admin.base import ReadOnlyAdmin, moment, reason_chip, state_chip
from integrations.models import JobRun


@admin.register(JobRun)
class JobRunAdmin(ReadOnlyAdmin[JobRun]):
    """Newest first."""

    hidden = ("cursor",)
    list_display = (
        "id", "kind", "object_sync", "tenant", state_chip, reason_chip, "seen", "written",
        "failed", moment("created_at", "created"), moment("ended_at", "ended"),
    )  # fmt: skip
    list_select_related = ("tenant", "object_sync")
    search_fields = ("tenant__slug",)
    search_help_text = "tenant"
