"""Links, aliases and intents: what we know of every record. Digests and ids, no personal data."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from integrations.models.querysets import TenantQuerySet
from integrations.models.syncs import ObjectSync
from integrations.models.tenants import Tenant


class RecordLink(models.Model):
    """This HubSpot id is that target id; a record known on one side only has a row too.

    `state` and `reason` hold engine codes (LinkState, Reason). `base` maps side to field name to
    digest. `external_key` is our unique key in the target. `detail` names fields, not values.
    `choices` is what a person decided about conflicting fields, `refused` what a system did not
    take (see `engine.refusals`). `seen_mark` names the last pass
    of several stages that met the pair, so that no later stage counts it again.
    """

    id = models.BigAutoField(primary_key=True)
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="+", db_index=False)
    object_sync = models.ForeignKey(
        ObjectSync, models.CASCADE, related_name="links", db_index=False
    )
    hubspot_id = models.CharField(max_length=200, blank=True)
    target_id = models.CharField(max_length=200, blank=True)
    external_key = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=12)
    reason = models.CharField(max_length=40)
    detail = models.CharField(max_length=1000, blank=True)
    base = models.JSONField(default=dict, blank=True)
    generation = models.PositiveIntegerField(default=0)
    version_number = models.PositiveIntegerField(default=0)
    missing_since = models.FloatField(default=0)
    refused = models.JSONField(default=dict, db_default={}, blank=True)
    choices = models.JSONField(default=dict, db_default={}, blank=True)
    seen_mark = models.BigIntegerField(default=0, db_default=0)
    created_at = models.DateTimeField()
    decided_at = models.DateTimeField()

    objects = TenantQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("object_sync", "hubspot_id"),
                condition=~Q(hubspot_id="") & ~Q(state__in=("superseded", "gone")),
                name="link_once_per_hubspot_id",
            ),
            models.UniqueConstraint(
                fields=("object_sync", "target_id"),
                condition=~Q(target_id="") & ~Q(state__in=("superseded", "gone")),
                name="link_once_per_target_id",
            ),
            models.CheckConstraint(
                condition=~Q(hubspot_id="", target_id=""), name="link_has_an_id"
            ),
        )
        indexes = (
            models.Index(fields=("object_sync", "state", "reason"), name="link_state_reason"),
            models.Index(fields=("tenant", "hubspot_id"), name="link_hubspot_id"),
            models.Index(fields=("tenant", "target_id"), name="link_target_id"),
        )
        verbose_name = _("record link")
        verbose_name_plural = _("record links")

    def __str__(self) -> str:
        return f"{self.hubspot_id or '–'} ↔ {self.target_id or '–'}"


class Alias(models.Model):
    """Every id ever seen for a link; all look-ups go through here."""

    id = models.BigAutoField(primary_key=True)
    object_sync = models.ForeignKey(ObjectSync, models.CASCADE, related_name="+", db_index=False)
    side = models.CharField(max_length=8)
    record_id = models.CharField(max_length=200)
    link = models.ForeignKey(RecordLink, models.CASCADE, related_name="aliases")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("object_sync", "side", "record_id"), name="alias_once"),
        )

    def __str__(self) -> str:
        return f"{self.side} {self.record_id}"


class Dependency(models.Model):
    """A pair that points to a record which is not linked yet: it is looked at when that is."""

    id = models.BigAutoField(primary_key=True)
    link = models.ForeignKey(RecordLink, models.CASCADE, related_name="dependencies")
    parent_sync = models.ForeignKey(ObjectSync, models.CASCADE, related_name="+", db_index=False)
    side = models.CharField(max_length=8)
    record_id = models.CharField(max_length=200)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("parent_sync", "side", "record_id", "link"), name="dependency_once"
            ),
        )
        verbose_name = _("dependency")
        verbose_name_plural = _("dependencies")

    def __str__(self) -> str:
        return f"{self.link_id} waits for {self.side} {self.record_id}"


class Intent(models.Model):
    """A write about to be made, committed before the call. `fields` are names only.

    An archive names no fields, but "@verdict" if a person decided it (see `mass_deletion`).
    `planned` of an older fence counts as `unknown`: the worker died around the call.
    """

    id = models.BigAutoField(primary_key=True)
    object_sync = models.ForeignKey(ObjectSync, models.CASCADE, related_name="+", db_index=False)
    link = models.ForeignKey(RecordLink, models.CASCADE, related_name="intents", db_index=False)
    side = models.CharField(max_length=8)
    action = models.CharField(max_length=10)
    external_key = models.CharField(max_length=200, blank=True)
    fields = models.JSONField(default=list)
    state = models.CharField(max_length=10)
    fence = models.BigIntegerField()
    run = models.ForeignKey(
        "JobRun",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    error = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = (
            models.Index(
                fields=("object_sync", "link"),
                condition=Q(state__in=("planned", "unknown")),
                name="intent_open",
            ),
            models.Index(fields=("settled_at",), name="intent_settled"),
        )
        verbose_name = _("intent")
        verbose_name_plural = _("intents")

    def __str__(self) -> str:
        return f"{self.action} {self.side} ({self.state})"
