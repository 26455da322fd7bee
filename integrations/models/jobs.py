"""Scheduled jobs of an integration: how often, on or off, and how the last start went."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from integrations.models.querysets import TenantQuerySet
from integrations.models.syncs import Integration
from integrations.models.tenants import Tenant


class Job(models.Model):
    """One scheduled job; `key` names its `JobSpec`. `minutes` 0 is never.

    `note` is the reason code with which a start was skipped, "" if the last one began its runs;
    `skipped` is how many were skipped in a row. `calls` are the calls of runs that are forgotten
    already, by the hour (ISO instant).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="+")
    integration = models.ForeignKey(Integration, models.CASCADE, related_name="jobs")
    key = models.CharField(max_length=120)
    minutes = models.PositiveIntegerField()
    enabled = models.BooleanField(default=True)
    started_at = models.DateTimeField(null=True, blank=True)
    skipped_at = models.DateTimeField(null=True, blank=True)
    skipped = models.PositiveIntegerField(default=0)
    note = models.CharField(max_length=40, blank=True)
    calls = models.JSONField(default=dict, blank=True)

    objects = TenantQuerySet.as_manager()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("integration", "key"), name="job_once"),)
        verbose_name = _("scheduled job")
        verbose_name_plural = _("scheduled jobs")

    def __str__(self) -> str:
        return self.key
