"""Mails that were due, and whether they went out. The sealed name of a record is not shown."""

from __future__ import annotations

from django.contrib import admin

from integrations.admin.base import ReadOnlyAdmin, moment, reason_chip
from integrations.models import Notice


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin[Notice]):
    """Newest first."""

    hidden = ("label",)
    ordering = ("-occurred_at",)
    search_fields = ("recipient",)
    list_display = (
        "kind", "tenant", "recipient", reason_chip, "attempts", moment("occurred_at", "occurred"),
        moment("sent_at", "sent"),
    )  # fmt: skip
    list_select_related = ("tenant",)
    list_filter = ("kind",)
