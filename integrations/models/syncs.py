"""Integrations, their object syncs, published versions and lanes. No decisions, no queueing."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from integrations.models.connections import Connection
from integrations.models.querysets import TenantQuerySet
from integrations.models.tenants import Tenant


class SyncState(models.TextChoices):
    """Whether an integration or object sync works. `SETUP`: nothing was published yet."""

    SETUP = "setup", _("Being set up")
    ACTIVE = "active", _("Active")
    PAUSED = "paused", _("Paused")
    HELD = "held", _("Held for a person")
    UNINSTALLED = "uninstalled", _("Uninstalled")


class Integration(models.Model):
    """One HubSpot connection joined with one target connection, with its settings.

    `prepared` are the steps with which the target was made ready (key, label, state, detail), None
    until that was tried.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="integrations")
    system = models.CharField(max_length=40)
    hubspot = models.ForeignKey(Connection, models.PROTECT, related_name="hubspot_integrations")
    target = models.ForeignKey(
        Connection,
        models.PROTECT,
        related_name="target_integrations",
        null=True,
        blank=True,
    )
    settings = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=12, choices=SyncState.choices, default=SyncState.ACTIVE)
    prepared = models.JSONField(null=True, blank=True)
    prepared_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TenantQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("hubspot", "system"),
                name="integration_once_per_hubspot_account",
            ),
        )
        verbose_name = _("integration")
        verbose_name_plural = _("integrations")

    def __str__(self) -> str:
        return f"{self.system} · {self.hubspot.label or self.hubspot.account_id}"


class ObjectSync(models.Model):
    """One HubSpot object type paired with one target object type.

    `key` names the `SyncSpec`. `not_before` backs the lane off after a sync-wide error. `drift`
    lists what changed in the fields of both systems since publishing (see `services.schemas`).
    `shut` are the sides from which nothing travelled in the last slice, because a job is switched
    off (see `services.carriage`). `floors` maps a side to the
    ISO instant before which full passes leave records alone that were never met: what the first
    load left out stays out until it changes.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="object_syncs")
    integration = models.ForeignKey(Integration, models.CASCADE, related_name="object_syncs")
    key = models.CharField(max_length=80)
    hubspot_object = models.CharField(max_length=40)
    target_object = models.CharField(max_length=40)
    state = models.CharField(max_length=12, choices=SyncState.choices, default=SyncState.ACTIVE)
    reason = models.CharField(max_length=40, blank=True)
    reason_detail = models.CharField(max_length=500, blank=True)
    version = models.ForeignKey(
        "SyncVersion", models.PROTECT, null=True, blank=True, related_name="+"
    )
    not_before = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0)
    last_event_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    drift = models.JSONField(default=list, blank=True)
    shut = models.CharField(max_length=20, blank=True, db_default="", default="")
    hubspot_total = models.PositiveBigIntegerField(null=True, blank=True)
    hubspot_total_at = models.DateTimeField(null=True, blank=True)
    floors = models.JSONField(default=dict, db_default={}, blank=True)

    objects = TenantQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("integration", "key"), name="object_sync_once"),
        )
        verbose_name = _("object sync")
        verbose_name_plural = _("object syncs")

    def __str__(self) -> str:
        return f"{self.hubspot_object} → {self.target_object}"


class SyncVersion(models.Model):
    """The published, immutable configuration; every run and decision names one.

    `config` holds the integration's settings and, where admins edit the mapping, the whole
    configuration. `restored_from` is the number of the version it repeats, 0 for none.
    """

    object_sync = models.ForeignKey(ObjectSync, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    config = models.JSONField()
    note = models.CharField(max_length=500, blank=True)
    restored_from = models.PositiveIntegerField(default=0)
    published_at = models.DateTimeField(auto_now_add=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("object_sync", "number"), name="version_once"),
        )
        verbose_name = _("version")
        verbose_name_plural = _("versions")

    def __str__(self) -> str:
        return f"v{self.number}"


class Lane(models.Model):
    """The lease of an object sync: one worker at a time. Times are the database's clock.

    `fence` grows with every new holder; a write with an old fence is refused.
    `wake_queued_at` keeps repeated hints from queueing repeated wake-ups.
    """

    object_sync = models.OneToOneField(
        ObjectSync, models.CASCADE, primary_key=True, related_name="lane"
    )
    owner = models.CharField(max_length=100, blank=True)
    fence = models.BigIntegerField(default=0)
    expires_at = models.DateTimeField(null=True, blank=True)
    wake_queued_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"lane of {self.object_sync_id}"


class Hint(models.Model):
    """The queue: look at this id. One row per object sync, side and id; repeats merge.

    `version` grows with every merge, so that work finished for an older version does not
    swallow a newer notice. `last_event_id` is the newest event merged in.
    """

    id = models.BigAutoField(primary_key=True)
    object_sync = models.ForeignKey(
        ObjectSync, models.CASCADE, related_name="hints", db_index=False
    )
    side = models.CharField(max_length=8)
    record_id = models.CharField(max_length=200)
    priority = models.PositiveSmallIntegerField()
    fired = models.BooleanField(default=False)
    asked = models.BooleanField(default=False)
    primary_id = models.CharField(max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1)
    attempts = models.PositiveIntegerField(default=0)
    reason = models.CharField(max_length=40, blank=True)
    last_event_id = models.BigIntegerField(default=0)
    due_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("object_sync", "side", "record_id"), name="hint_once"),
            models.CheckConstraint(
                condition=Q(side__in=("hubspot", "target")), name="hint_side_known"
            ),
        )
        indexes = (models.Index(fields=("object_sync", "priority", "due_at"), name="hint_due"),)

    def __str__(self) -> str:
        return f"{self.side} {self.record_id}"
