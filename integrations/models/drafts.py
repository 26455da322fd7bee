"""What an admin is about to publish, what it would do, and the field lists it is checked against.

No decisions: those are in `services.drafts`, `services.previews` and `services.schemas`.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from integrations.models.connections import Connection
from integrations.models.querysets import TenantQuerySet
from integrations.models.runs import JobRun
from integrations.models.syncs import ObjectSync
from integrations.models.tenants import Tenant


class FieldSchema(models.Model):
    """The fields of one object type of a connected account, as it described them last.

    `fields` are `FieldSpec`s in plain form (see `services.schemas`).
    """

    connection = models.ForeignKey(
        Connection, models.CASCADE, related_name="schemas", db_index=False
    )
    object_type = models.CharField(max_length=40)
    fields = models.JSONField()
    read_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("connection", "object_type"), name="schema_once"),
        )

    def __str__(self) -> str:
        return f"{self.object_type} of {self.connection_id}"


class Draft(models.Model):
    """The one unpublished configuration of an object sync, in the form of `engine.stored`.

    `revision` grows with every change; `based_on` is the number of the version it started from.
    """

    object_sync = models.OneToOneField(
        ObjectSync, models.CASCADE, primary_key=True, related_name="draft"
    )
    config = models.JSONField()
    revision = models.PositiveIntegerField(default=1)
    based_on = models.PositiveIntegerField(default=0)
    edited_at = models.DateTimeField()
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    def __str__(self) -> str:
        return f"draft {self.revision} of {self.object_sync_id}"


class PreviewState(models.TextChoices):
    """`STALE`: the draft or the published version changed since."""

    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    STALE = "stale", _("Out of date")


class Preview(models.Model):
    """What a draft would do to the records there are. Publishing names one and is bound to it.

    `digest` is that of the configuration; `actions`, `reasons` and `writes` (by side) are counts of
    records. `sampled`: there were more records than are looked at. `unsafe` is the safety
    breaker's sentence.
    """

    id = models.BigAutoField(primary_key=True)
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="+", db_index=False)
    object_sync = models.ForeignKey(ObjectSync, models.CASCADE, related_name="previews")
    run = models.ForeignKey(JobRun, models.SET_NULL, null=True, blank=True, related_name="+")
    state = models.CharField(
        max_length=10, choices=PreviewState.choices, default=PreviewState.RUNNING
    )
    digest = models.CharField(max_length=64)
    config = models.JSONField()
    revision = models.PositiveIntegerField()
    based_on = models.PositiveIntegerField(default=0)
    seen = models.PositiveIntegerField(default=0)
    sampled = models.BooleanField(default=False)
    actions = models.JSONField(default=dict, blank=True)
    reasons = models.JSONField(default=dict, blank=True)
    writes = models.JSONField(default=dict, blank=True)
    unsafe = models.CharField(max_length=500, blank=True)
    problem = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = TenantQuerySet.as_manager()

    class Meta:
        verbose_name = _("preview")
        verbose_name_plural = _("previews")

    def __str__(self) -> str:
        return f"preview {self.pk} of {self.object_sync_id}"


class PreviewItem(models.Model):
    """One record of a preview. `fields` is the sealed list of its fields before and after.

    `match` holds digests of the values by which a record that would be created could be found.
    """

    id = models.BigAutoField(primary_key=True)
    preview = models.ForeignKey(Preview, models.CASCADE, related_name="items", db_index=False)
    hubspot_id = models.CharField(max_length=200, blank=True)
    target_id = models.CharField(max_length=200, blank=True)
    action = models.CharField(max_length=10)
    reason = models.CharField(max_length=40)
    detail = models.CharField(max_length=1000, blank=True)
    match = models.CharField(max_length=200, blank=True, db_default="", editable=False)
    fields = models.TextField(blank=True, editable=False)

    class Meta:
        indexes = (
            models.Index(fields=("preview", "action", "reason", "id"), name="preview_item_group"),
            models.Index(fields=("preview", "target_id"), name="preview_item_target"),
        )

    def __str__(self) -> str:
        return f"{self.hubspot_id or '–'} ↔ {self.target_id or '–'}: {self.action}"
