"""Held decisions that wait for a person. What they decide is in services."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from integrations.models.ledger import RecordLink
from integrations.models.querysets import TenantQuerySet
from integrations.models.syncs import ObjectSync
from integrations.models.tenants import Tenant


class Review(models.Model):
    """One held decision; closed when a person decides or the situation resolves itself.

    `fields` are the pairs of names (HubSpot's, the target's) in conflict.
    """

    id = models.BigAutoField(primary_key=True)
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="+")
    object_sync = models.ForeignKey(ObjectSync, models.CASCADE, related_name="reviews")
    link = models.ForeignKey(
        RecordLink, models.CASCADE, null=True, blank=True, related_name="reviews"
    )
    reason = models.CharField(max_length=40)
    detail = models.CharField(max_length=1000, blank=True)
    fields = models.JSONField(default=list, blank=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )

    objects = TenantQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("link", "reason"),
                condition=Q(closed_at__isnull=True),
                name="review_open_once",
            ),
        )
        verbose_name = _("review")
        verbose_name_plural = _("reviews")

    def __str__(self) -> str:
        return f"{self.reason} ({self.object_sync})"
