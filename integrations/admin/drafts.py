"""What admins are about to publish, its previews, and the field lists behind; to read."""

from __future__ import annotations

from django.contrib import admin

from integrations.admin.base import ReadOnlyAdmin, moment, state_chip
from integrations.models import Draft, FieldSchema, Preview


@admin.register(Draft)
class DraftAdmin(ReadOnlyAdmin[Draft]):
    """The one unpublished configuration of an object pair."""

    list_display = (
        "object_sync", "revision", "based_on", "edited_by", moment("edited_at", "edited"),
    )  # fmt: skip
    list_select_related = ("object_sync", "edited_by")
    ordering = ("-edited_at",)
    search_fields = ("object_sync__tenant__slug",)
    search_help_text = "tenant"


@admin.register(Preview)
class PreviewAdmin(ReadOnlyAdmin[Preview]):
    """What a draft would do, as counts; its records are for the tenant's own people."""

    hidden = ("config",)
    list_display = (
        "id", "object_sync", "tenant", state_chip, "seen", "sampled", "requested_by",
        moment("created_at", "created"), moment("ended_at", "ended"),
    )  # fmt: skip
    list_select_related = ("object_sync", "tenant", "requested_by")
    search_fields = ("tenant__slug",)
    search_help_text = "tenant"


@admin.register(FieldSchema)
class FieldSchemaAdmin(ReadOnlyAdmin[FieldSchema]):
    """The fields of one object type of a connected account, as it described them last."""

    list_display = ("connection", "object_type", moment("read_at", "read"))
    list_select_related = ("connection",)
    search_fields = ("connection__account_id",)
    search_help_text = "account id"
