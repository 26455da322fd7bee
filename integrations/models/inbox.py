"""Incoming notices as received and what became of them. Payloads are evidence, never data."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from integrations.models.connections import Connection
from integrations.models.querysets import TenantQuerySet
from integrations.models.syncs import ObjectSync
from integrations.models.tenants import Tenant


class Event(models.Model):
    """A verified incoming notice, kept for the retention time. `raw` holds what routing needs.

    `routed_at` is set once hints were raised for it. `outcome` is a reason code when no object
    sync took it; else its outcomes are in `EventOutcome`.
    """

    id = models.BigAutoField(primary_key=True)
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="+", db_index=False)
    connection = models.ForeignKey(
        Connection, models.CASCADE, related_name="events", db_index=False
    )
    dedup_key = models.CharField(max_length=64)
    object_type = models.CharField(max_length=40)
    kind = models.CharField(max_length=20)
    record_id = models.CharField(max_length=200)
    property = models.CharField(max_length=200, blank=True)
    raw = models.JSONField(null=True, blank=True)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()
    routed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=40, blank=True)

    objects = TenantQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("connection", "dedup_key"), name="event_once"),
        )
        indexes = (
            models.Index(
                fields=("id",),
                condition=Q(routed_at__isnull=True),
                name="event_unrouted",
            ),
            models.Index(fields=("tenant", "-id"), name="event_newest"),
            models.Index(fields=("tenant", "record_id"), name="event_record"),
            models.Index(fields=("received_at",), name="event_received"),
        )
        verbose_name = _("event")
        verbose_name_plural = _("events")

    def __str__(self) -> str:
        return f"{self.kind} {self.object_type} {self.record_id}"


class EventOutcome(models.Model):
    """What one object sync made of an event: exactly one row, settled exactly once."""

    id = models.BigAutoField(primary_key=True)
    event = models.ForeignKey(Event, models.CASCADE, related_name="outcomes", db_index=False)
    object_sync = models.ForeignKey(ObjectSync, models.CASCADE, related_name="+", db_index=False)
    side = models.CharField(max_length=8)
    record_id = models.CharField(max_length=200)
    outcome = models.CharField(max_length=40, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("event", "object_sync"), name="outcome_once"),
        )
        indexes = (
            models.Index(
                fields=("object_sync", "side", "record_id"),
                condition=Q(outcome=""),
                name="outcome_open",
            ),
        )

    def __str__(self) -> str:
        return self.outcome or "open"
