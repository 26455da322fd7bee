"""Executions with their counts and cursors. No engine state, no leases."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from integrations.models.jobs import Job
from integrations.models.querysets import TenantQuerySet
from integrations.models.syncs import ObjectSync
from integrations.models.tenants import Tenant


class RunKind(models.TextChoices):
    """Why a run exists."""

    BACKFILL = "backfill", _("First load")
    INCREMENTAL = "incremental", _("Recent changes")
    SETTLED = "settled", _("Safety pass")
    RECONCILE = "reconcile", _("Full pass")
    WEBHOOK = "webhook", _("Notices and retries")
    MANUAL = "manual", _("Manual sync")
    DRY_RUN = "dry_run", _("Dry run")
    PREVIEW = "preview", _("Preview")
    DELETIONS = "deletions", _("Many deletions")
    REFRESH = "refresh", _("Refresh of field lists")


class RunState(models.TextChoices):
    """`HELD` waits for a person (breaker); `RUNNING` may be between two slices."""

    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Running")
    HELD = "held", _("Held")
    DONE = "done", _("Done")
    CANCELLED = "cancelled", _("Cancelled")


class JobRun(models.Model):
    """One execution. `cursor` is the connector's; it is saved with each slice's outcome.

    `counts` maps a reason code to how many records ended with it. `job` is the scheduled job that
    opened it, None for all others; each has at most one open run of a kind per object sync.
    """

    id = models.BigAutoField(primary_key=True)
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="+", db_index=False)
    object_sync = models.ForeignKey(ObjectSync, models.CASCADE, related_name="runs", db_index=False)
    job = models.ForeignKey(Job, models.SET_NULL, null=True, blank=True, related_name="runs")
    kind = models.CharField(max_length=12, choices=RunKind.choices)
    state = models.CharField(max_length=10, choices=RunState.choices, default=RunState.QUEUED)
    reason = models.CharField(max_length=40, blank=True)
    reason_detail = models.CharField(max_length=500, blank=True)
    cursor = models.TextField(blank=True)
    scope = models.JSONField(default=dict, blank=True)
    seen = models.PositiveBigIntegerField(default=0)
    written = models.PositiveBigIntegerField(default=0)
    failed = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(null=True, blank=True)
    calls = models.PositiveBigIntegerField(default=0)
    counts = models.JSONField(default=dict, blank=True)
    version_number = models.PositiveIntegerField(default=0)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = TenantQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("object_sync", "kind", "job"),
                condition=Q(state__in=("queued", "running", "held")),
                nulls_distinct=False,
                name="run_one_open_per_kind_and_job",
            ),
        )
        indexes = (
            models.Index(fields=("tenant", "-id"), name="run_newest"),
            models.Index(fields=("object_sync", "-id"), name="run_newest_of_sync"),
        )
        verbose_name = _("run")
        verbose_name_plural = _("runs")

    def __str__(self) -> str:
        return f"#{self.pk} {self.get_kind_display()}"
