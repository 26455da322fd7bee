"""Synced-events and where they go. The secret that signs them is nowhere here."""

from __future__ import annotations

from django.contrib import admin

from integrations.admin.base import ReadOnlyAdmin, moment, state_chip
from integrations.models import Delivery, Endpoint
from integrations.services import endpoints


@admin.register(Endpoint)
class EndpointAdmin(ReadOnlyAdmin[Endpoint]):
    """A tenant's own address; only its host is shown, the rest may be a secret."""

    hidden = ("url",)
    list_display = ("host", "integration", "tenant", "enabled", "failures", "last_error")
    list_select_related = ("integration__hubspot", "tenant")
    search_fields = ("tenant__slug",)
    search_help_text = "tenant"
    ordering = ("-created_at",)
    fields = (
        "tenant", "integration", "host", "enabled", "failures", "last_error", "created_at",
    )  # fmt: skip
    readonly_fields = ("host",)

    @admin.display(description="host")
    def host(self, row: Endpoint) -> str:
        """Return the address's host."""
        return endpoints.host_of(row)


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin[Delivery]):
    """One event on its way; its payload holds ids and codes only."""

    list_display = (
        "id", "event", "object_sync", "tenant", state_chip, "attempts", "last_error",
        moment("created_at", "created"), moment("sent_at", "sent"),
    )  # fmt: skip
    list_select_related = ("object_sync", "tenant")
    list_filter = ("state",)
    fields = (
        "tenant", "object_sync", "event", "payload", "state", "attempts", "due_at", "last_error",
        "message_id", "created_at", "sent_at",
    )  # fmt: skip
