"""Tables of values that an integration keeps: owners, stages. No matching, no translation."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from integrations.models.querysets import TenantQuerySet
from integrations.models.syncs import Integration
from integrations.models.tenants import Tenant


class Origin(models.TextChoices):
    """Who made an entry. What a person chose is never changed by a refresh."""

    AUTO = "auto", _("Found by itself")
    PERSON = "person", _("Chosen by a person")


class TableEntry(models.Model):
    """One HubSpot value and what it is in the target; an empty side is not assigned yet.

    `table` is the key of a `TableSpec`. `hubspot_gone` and `target_gone`: the system does not have
    the value any more. Among several entries with one target value the first `order` that HubSpot
    still has is the way back.
    """

    id = models.BigAutoField(primary_key=True)
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="+", db_index=False)
    integration = models.ForeignKey(
        Integration, models.CASCADE, related_name="entries", db_index=False
    )
    table = models.CharField(max_length=40)
    hubspot_value = models.CharField(max_length=200)
    hubspot_label = models.CharField(max_length=300, blank=True)
    target_value = models.CharField(max_length=200, blank=True)
    target_label = models.CharField(max_length=300, blank=True)
    origin = models.CharField(max_length=8, choices=Origin.choices, default=Origin.AUTO)
    hubspot_gone = models.BooleanField(default=False)
    target_gone = models.BooleanField(default=False)
    order = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField(auto_now=True)

    objects = TenantQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("integration", "table", "hubspot_value"), name="table_entry_once"
            ),
            models.CheckConstraint(condition=~Q(hubspot_value=""), name="table_entry_has_a_value"),
        )
        verbose_name = _("table entry")
        verbose_name_plural = _("table entries")

    def __str__(self) -> str:
        return f"{self.table}: {self.hubspot_value} ↔ {self.target_value or '–'}"


class TypedStage(models.Model):
    """A stage of the target that a person typed in, because the system does not list its stages.

    `chance` is a percentage, None where nobody said.
    """

    id = models.BigAutoField(primary_key=True)
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="+", db_index=False)
    integration = models.ForeignKey(
        Integration, models.CASCADE, related_name="typed_stages", db_index=False
    )
    table = models.CharField(max_length=40)
    stage_id = models.CharField(max_length=200)
    label = models.CharField(max_length=300)
    order = models.PositiveIntegerField(default=0)
    chance = models.PositiveSmallIntegerField(null=True, blank=True)

    objects = TenantQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("integration", "table", "stage_id"), name="typed_stage_once"
            ),
            models.CheckConstraint(condition=~Q(stage_id=""), name="typed_stage_has_an_id"),
        )
        verbose_name = _("typed stage")
        verbose_name_plural = _("typed stages")

    def __str__(self) -> str:
        return f"{self.stage_id}: {self.label}"
