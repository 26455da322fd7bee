"""Keys to the REST API, to look at: who made one, what it opens, when it ends."""

from __future__ import annotations

from django.contrib import admin

from integrations.admin.base import ReadOnlyAdmin, moment
from integrations.models import ApiToken


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnlyAdmin[ApiToken]):
    """They are issued and revoked on the tenant's own page."""

    hidden = ("digest",)
    list_display = (
        "name", "hint", "tenant", "created_by", moment("expires_at", "ends"),
        moment("last_used_at", "last used"), moment("revoked_at", "revoked"),
    )  # fmt: skip
    list_select_related = ("tenant", "created_by")
    search_fields = ("tenant__slug", "hint")
    ordering = ("-created_at",)
