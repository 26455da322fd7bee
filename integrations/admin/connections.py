"""Connections without their secrets: sealed columns are neither shown nor read."""

from __future__ import annotations

from django.contrib import admin

from integrations.admin.base import ReadOnlyAdmin, moment, reason_chip, state_chip
from integrations.models import Connection


@admin.register(Connection)
class ConnectionAdmin(ReadOnlyAdmin[Connection]):
    """Which account of which system a tenant has connected, and whether it works."""

    hidden = ("secrets", "tokens")
    search_fields = ("account_id", "installer_email", "tenant__slug")
    list_display = (
        "label", "system", "account_id", "tenant", state_chip, reason_chip,
        moment("state_changed_at", "since"),
    )  # fmt: skip
    list_filter = ("system", "state")
    list_select_related = ("tenant",)
    ordering = ("-created_at",)
    fields = (
        "tenant", "system", "account_id", "label", "state", "reason", "reason_detail",
        "state_changed_at", "installer_email", "by_key", "scopes", "tokens_expire_at",
        "ui_host", "time_zone", "warnings", "created_at",
    )  # fmt: skip
