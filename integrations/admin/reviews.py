"""Held decisions that wait for a person of the customer."""

from __future__ import annotations

from django.contrib import admin

from integrations.admin.base import ReadOnlyAdmin, moment, reason_chip
from integrations.models import Review


@admin.register(Review)
class ReviewAdmin(ReadOnlyAdmin[Review]):
    """Newest first."""

    list_display = (
        "id", "tenant", "object_sync", "link", reason_chip, moment("opened_at", "opened"),
        moment("closed_at", "closed"), "closed_by",
    )  # fmt: skip
    list_select_related = ("tenant", "object_sync", "link", "closed_by")
    search_fields = ("link__hubspot_id", "link__target_id")
