"""HubSpot merges as work to be carried through in the target, and what is needed to undo them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from integrations.models.ledger import RecordLink
from integrations.models.querysets import TenantQuerySet
from integrations.models.syncs import ObjectSync
from integrations.models.tenants import Tenant


class MergeState(models.TextChoices):
    """`OPEN` has steps due by themselves, `HELD` waits for a person, `UNDONE` was un-merged."""

    OPEN = "open", _("Under way")
    FAILING = "failing", _("A step failed")
    HELD = "held", _("Waits for a person")
    DONE = "done", _("Done")
    UNDONE = "undone", _("Undone")


class Merge(models.Model):
    """One link that ended because its HubSpot record was merged into another linked one.

    `kept` goes on, `loser` ended. `hubspot_id` is the survivor, `old_ids` are the ids that answer
    with it. `policy` is the MergePolicy at that time. `steps` are what was done, oldest first (key,
    object, id, state, detail, at). `sealed` holds both links with bases and aliases as they were
    before, sealed by the vault.
    """

    id = models.BigAutoField(primary_key=True)
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="+", db_index=False)
    object_sync = models.ForeignKey(
        ObjectSync, models.CASCADE, related_name="merges", db_index=False
    )
    kept = models.ForeignKey(RecordLink, models.CASCADE, related_name="+")
    loser = models.ForeignKey(RecordLink, models.CASCADE, related_name="merges")
    hubspot_id = models.CharField(max_length=200)
    old_ids = models.JSONField(default=list)
    policy = models.CharField(max_length=10)
    state = models.CharField(max_length=8, choices=MergeState.choices, default=MergeState.OPEN)
    steps = models.JSONField(default=list, blank=True)
    sealed = models.TextField(blank=True)
    attempts = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=40, blank=True)
    detail = models.CharField(max_length=1000, blank=True)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = TenantQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("loser",), condition=~Q(state="undone"), name="merge_once_per_loser"
            ),
        )
        indexes = (
            models.Index(fields=("object_sync", "-id"), name="merge_newest"),
            models.Index(
                fields=("object_sync", "due_at"),
                condition=Q(state__in=("open", "failing")),
                name="merge_due",
            ),
        )
        verbose_name = _("merge")
        verbose_name_plural = _("merges")

    def __str__(self) -> str:
        return f"{self.loser_id} → {self.kept_id}"
