"""The append-only history, its sealed batches and the keys that erasure destroys."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from integrations.models.querysets import TenantQuerySet
from integrations.models.tenants import Tenant


class RecordKey(models.Model):
    """The key that seals one record's values in the audit log; itself sealed.

    Deleting the row makes those values unreadable for ever (erasure).
    """

    link_id = models.BigIntegerField(primary_key=True)
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="+", db_index=False)
    sealed = models.TextField()

    objects = TenantQuerySet.as_manager()

    def __str__(self) -> str:
        return f"key of link {self.link_id}"


class AuditEntry(models.Model):
    """A fact: who did what to which record, why, before and after.

    Never changed, and deleted by the retention command only: a database trigger sees to it.
    `before` and `after` name the fields of a record and mask their values, which are in `sealed`
    under the record's key. No foreign keys to rows that may go: history outlives them.
    """

    id = models.BigAutoField(primary_key=True)
    tenant = models.ForeignKey(Tenant, models.DO_NOTHING, related_name="+", db_constraint=False)
    at = models.DateTimeField()
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        null=True,
        blank=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    action = models.CharField(max_length=40)
    reason = models.CharField(max_length=40, blank=True)
    detail = models.CharField(max_length=1000, blank=True)
    object_sync_id = models.UUIDField(null=True, blank=True)
    connection_id = models.UUIDField(null=True, blank=True)
    link_id = models.BigIntegerField(null=True, blank=True)
    hubspot_id = models.CharField(max_length=200, blank=True)
    target_id = models.CharField(max_length=200, blank=True)
    side = models.CharField(max_length=8, blank=True)
    run_id = models.BigIntegerField(null=True, blank=True)
    version_number = models.PositiveIntegerField(default=0)
    before = models.JSONField(default=dict, blank=True)
    after = models.JSONField(default=dict, blank=True)
    sealed = models.TextField(blank=True)
    duration_ms = models.PositiveIntegerField(default=0)
    calls = models.PositiveIntegerField(default=0, db_default=0)

    objects = TenantQuerySet.as_manager()

    class Meta:
        indexes = (
            models.Index(fields=("tenant", "-id"), name="audit_newest"),
            models.Index(fields=("link_id", "-id"), name="audit_link"),
            models.Index(fields=("tenant", "hubspot_id", "-id"), name="audit_hubspot_id"),
            models.Index(fields=("tenant", "target_id", "-id"), name="audit_target_id"),
            models.Index(fields=("tenant", "reason", "-id"), name="audit_reason"),
            models.Index(fields=("tenant", "action", "-id"), name="audit_action"),
            models.Index(fields=("object_sync_id", "-id"), name="audit_object_sync"),
        )
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")

    def __str__(self) -> str:
        return f"#{self.pk} {self.action}"


class AuditSeal(models.Model):
    """A hash over a closed range of entries, chained to the seal before it."""

    id = models.BigAutoField(primary_key=True)
    first_id = models.BigIntegerField(unique=True)
    last_id = models.BigIntegerField(unique=True)
    count = models.PositiveIntegerField()
    digest = models.CharField(max_length=128)
    previous = models.CharField(max_length=128, blank=True)
    sealed_at = models.DateTimeField(auto_now_add=True)
    pruned_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("audit seal")
        verbose_name_plural = _("audit seals")

    def __str__(self) -> str:
        return f"{self.first_id}–{self.last_id}"
