"""Merges in HubSpot and how far they are carried through; the sealed copies stay shut."""

from __future__ import annotations

from django.contrib import admin

from integrations.admin.base import ReadOnlyAdmin, moment, reason_chip, state_chip
from integrations.models import Merge


@admin.register(Merge)
class MergeAdmin(ReadOnlyAdmin[Merge]):
    """Newest first."""

    hidden = ("sealed",)
    list_display = (
        "id", "tenant", "object_sync", "hubspot_id", "kept", "loser", "policy", state_chip,
        reason_chip, moment("created_at", "seen"), moment("ended_at", "ended"),
    )  # fmt: skip
    list_select_related = ("tenant", "object_sync", "kept", "loser")
    search_fields = ("loser__hubspot_id", "loser__target_id", "kept__hubspot_id")
