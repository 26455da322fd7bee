"""Integrations, their object syncs and published versions; what customers set up, to read."""

from __future__ import annotations

from django.contrib import admin

from integrations.admin.base import ReadOnlyAdmin, ReadOnlyInline, moment, reason_chip, state_chip
from integrations.models import Integration, ObjectSync, SyncVersion


class ObjectSyncInline(ReadOnlyInline):
    """The object pairs of an integration."""

    model = ObjectSync
    fields = ("hubspot_object", "target_object", "state", "reason", "last_event_at")
    show_change_link = True


class VersionInline(ReadOnlyInline):
    """The published configurations of an object pair."""

    model = SyncVersion
    fields = readonly_fields = ("number", "config", "published_at", "published_by")


@admin.register(Integration)
class IntegrationAdmin(ReadOnlyAdmin[Integration]):
    """One HubSpot account joined with one other system."""

    search_fields = ("tenant__slug", "hubspot__account_id", "target__account_id")
    list_display = (
        "system", "tenant", "hubspot", "target", state_chip, moment("created_at", "created"),
    )  # fmt: skip
    list_filter = ("system", "state")
    list_select_related = ("tenant", "hubspot", "target")
    ordering = ("-created_at",)
    inlines = (ObjectSyncInline,)


@admin.register(ObjectSync)
class ObjectSyncAdmin(ReadOnlyAdmin[ObjectSync]):
    """One HubSpot object type paired with one target object type."""

    search_fields = ("tenant__slug", "integration__hubspot__account_id")
    list_display = (
        "__str__", "integration", "tenant", state_chip, reason_chip,
        moment("last_event_at", "last event"),
    )  # fmt: skip
    list_filter = ("state", "key")
    list_select_related = ("tenant", "integration__hubspot")
    ordering = ("-created_at",)
    inlines = (VersionInline,)
