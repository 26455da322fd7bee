"""What is told to others about synced records, and where. Sending is in `services.deliveries`."""

from __future__ import annotations

import uuid
from urllib.parse import urlsplit

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from integrations.models.querysets import TenantQuerySet
from integrations.models.syncs import Integration, ObjectSync
from integrations.models.tenants import Tenant


class Endpoint(models.Model):
    """A tenant's own address that gets the synced-events of an integration, signed.

    `secret` is sealed (see `services.vault`). After too many failures in a row it is switched off.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="endpoints")
    integration = models.OneToOneField(Integration, models.CASCADE, related_name="endpoint")
    url = models.URLField(max_length=500)
    secret = models.TextField(editable=False)
    enabled = models.BooleanField(default=True)
    failures = models.PositiveIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TenantQuerySet.as_manager()

    class Meta:
        verbose_name = _("endpoint")
        verbose_name_plural = _("endpoints")

    def __str__(self) -> str:
        return urlsplit(self.url).hostname or ""  # the rest of the address may be a secret


class DeliveryState(models.TextChoices):
    """`DROPPED`: given up after the last try."""

    WAITING = "waiting", _("Waiting")
    SENT = "sent", _("Sent")
    DROPPED = "dropped", _("Given up")


class Delivery(models.Model):
    """One event to be sent, to the other system or (with `endpoint`) to the tenant's own address.

    `destination` is the id of the target's connection or of the endpoint. `payload` holds ids and
    codes, never values of a record.
    """

    id = models.BigAutoField(primary_key=True)
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="+", db_index=False)
    object_sync = models.ForeignKey(ObjectSync, models.CASCADE, related_name="+", db_index=False)
    endpoint = models.ForeignKey(
        Endpoint, models.CASCADE, null=True, blank=True, related_name="+", db_index=False
    )
    destination = models.UUIDField()
    event = models.CharField(max_length=60)
    payload = models.JSONField()
    state = models.CharField(
        max_length=8, choices=DeliveryState.choices, default=DeliveryState.WAITING
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    last_error = models.CharField(max_length=300, blank=True)
    message_id = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)

    objects = TenantQuerySet.as_manager()

    class Meta:
        indexes = (
            models.Index(
                fields=("destination", "due_at"),
                condition=Q(state="waiting"),
                name="delivery_waiting",
            ),
            models.Index(fields=("object_sync", "-id"), name="delivery_newest"),
            BrinIndex(fields=("created_at",), name="delivery_created"),
            models.Index(
                fields=("object_sync", "state"), condition=~Q(state="sent"), name="delivery_unsent"
            ),
        )
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")

    def __str__(self) -> str:
        return f"{self.event} ({self.state})"
