"""E-mails that were due, with whether they were sent. Texts are in templates, values nowhere."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from integrations.models.connections import Connection
from integrations.models.ledger import RecordLink
from integrations.models.querysets import TenantQuerySet
from integrations.models.tenants import Tenant


class NoticeKind(models.TextChoices):
    """What a mail is about."""

    RECORD_FAILED = "record_failed", _("Record failed")
    REAUTH_NEEDED = "reauth_needed", _("Re-authentication needed")
    EVENTS_STOPPED = "events_stopped", _("Synced-events stopped")


class Notice(models.Model):
    """One mail. `dedup_key` makes it one per outage or per failed attempt of a record.

    The record's name is sealed (`label`), used for the mail and destroyed after sending.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20, choices=NoticeKind.choices)
    dedup_key = models.CharField(max_length=120, unique=True)
    connection = models.ForeignKey(
        Connection, models.CASCADE, null=True, blank=True, related_name="+"
    )
    link = models.ForeignKey(RecordLink, models.CASCADE, null=True, blank=True, related_name="+")
    reason = models.CharField(max_length=40)
    detail = models.CharField(max_length=1000, blank=True)
    label = models.TextField(blank=True)
    recipient = models.EmailField(blank=True)
    occurred_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)

    objects = TenantQuerySet.as_manager()

    class Meta:
        indexes = (models.Index(fields=("tenant", "-occurred_at"), name="notice_newest"),)
        verbose_name = _("notice")
        verbose_name_plural = _("notices")

    def __str__(self) -> str:
        return f"{self.get_kind_display()} → {self.recipient}"
