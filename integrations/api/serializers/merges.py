"""Shapes of merges: what became one in HubSpot, what was done, what a person decides."""

from __future__ import annotations

from typing import Any, Final

from rest_framework import serializers

from integrations.api.paging import PageQuery
from integrations.api.serializers.mappings import MERGES
from integrations.engine import explanations
from integrations.models import Merge, MergeState

DECISIONS: Final = ["remove", "keep", "by_hand", "retry"]


class MergeQuery(PageQuery):
    """Which merges are listed."""

    object_sync = serializers.UUIDField(required=False)
    state = serializers.ChoiceField(choices=MergeState.choices, required=False)


class MergeStepShape(serializers.Serializer[Any]):
    """One thing that was done."""

    key = serializers.CharField(help_text="in_step, repoint, children, remove, keep, undone, ...")
    object = serializers.CharField(allow_blank=True)
    id = serializers.CharField(allow_blank=True)
    detail = serializers.CharField(allow_blank=True)
    by = serializers.CharField(allow_blank=True, help_text="A log-in name; empty: the portal.")
    at = serializers.DateTimeField()


class MergeShape(serializers.Serializer[Merge]):
    """Two synced records that became one in HubSpot."""

    id = serializers.IntegerField()
    object_sync = serializers.UUIDField(source="object_sync_id")
    state = serializers.ChoiceField(choices=MergeState.choices)
    policy = serializers.ChoiceField(choices=MERGES)
    hubspot_id = serializers.CharField(help_text="The record that both are now.")
    old_ids = serializers.ListField(child=serializers.CharField())
    kept = serializers.IntegerField(source="kept_id", help_text="The record that goes on.")
    kept_target_id = serializers.CharField(source="kept.target_id")
    extra = serializers.IntegerField(source="loser_id", help_text="The record that ended.")
    extra_target_id = serializers.CharField(source="loser.target_id")
    reason = serializers.CharField(allow_blank=True)
    sentence = serializers.SerializerMethodField(help_text="What is open, in words, or empty.")
    attempts = serializers.IntegerField()
    due_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    ended_by = serializers.SerializerMethodField(help_text="A log-in name, or empty.")

    def get_sentence(self, merge: Merge) -> str:
        """Return what is open in words."""
        return explanations.explain(merge.reason, merge.detail) if merge.reason else ""

    def get_ended_by(self, merge: Merge) -> str:
        """Return who decided."""
        return merge.ended_by.get_username() if merge.ended_by else ""


class MergeDetailShape(MergeShape):
    """A merge with its steps."""

    steps = MergeStepShape(many=True)


class MergeDecisionShape(serializers.Serializer[Any]):
    """What a person decides: only where the merge waits for one, or has failed."""

    decision = serializers.ChoiceField(choices=DECISIONS)


class UnmergeShape(serializers.Serializer[Any]):
    """The HubSpot record that the extra record belongs to now; left out: a new one is made."""

    hubspot_id = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)
