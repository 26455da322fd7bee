"""Shapes of records: where each is, why, and its fields as people may see them (health masked)."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from integrations.api.paging import PageQuery
from integrations.engine import explanations
from integrations.engine.pairs import Action, LinkState
from integrations.engine.reasons import Reason
from integrations.engine.records import Side
from integrations.models import RecordLink
from integrations.services.explain import Explanation, FieldView

LINK_STATES = [state.value for state in LinkState]
REASONS = [reason.value for reason in Reason]
SIDES = [side.value for side in Side]
MOST_IDS = 1000


class RecordShape(serializers.Serializer[RecordLink]):
    """A pair of records, or a record that is known on one side only."""

    id = serializers.IntegerField()
    object_sync = serializers.UUIDField(source="object_sync_id")
    hubspot_id = serializers.CharField(help_text="Empty when it is not known there.")
    target_id = serializers.CharField(help_text="Empty when it is not known there.")
    state = serializers.ChoiceField(choices=LINK_STATES)
    reason = serializers.ChoiceField(choices=REASONS)
    sentence = serializers.SerializerMethodField(help_text="The reason in words.")
    remedy = serializers.SerializerMethodField(help_text="What would change it.")
    version = serializers.IntegerField(source="version_number")
    created_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField()

    def get_sentence(self, link: RecordLink) -> str:
        """Return the reason in words."""
        return explanations.explain(link.reason, link.detail)

    def get_remedy(self, link: RecordLink) -> str:
        """Return what would change it."""
        return explanations.remedy(link.reason)


class RecordQuery(PageQuery):
    """Which records are listed."""

    object_sync = serializers.UUIDField()
    state = serializers.ChoiceField(choices=LINK_STATES, required=False)
    reason = serializers.ChoiceField(choices=REASONS, required=False)


class WhyQuery(serializers.Serializer[Any]):
    """Which record is explained, whether the portal knows it or not."""

    object_sync = serializers.UUIDField()
    side = serializers.ChoiceField(choices=SIDES)
    record = serializers.CharField(max_length=200, help_text="Its id on that side.")


class FieldShape(serializers.Serializer[FieldView]):
    """One mapped field. Health values are masked; `would_be` is empty when nothing is written."""

    name = serializers.CharField(source="label")
    hubspot_field = serializers.CharField()
    target_field = serializers.CharField()
    hubspot_value = serializers.CharField()
    target_value = serializers.CharField()
    would_be = serializers.CharField()
    note = serializers.CharField()


class WhyShape(serializers.Serializer[Explanation]):
    """What the engine would do with a record now, and why. `stored` is its last outcome."""

    side = serializers.ChoiceField(choices=SIDES)
    record = serializers.CharField(source="record_id")
    found = serializers.BooleanField(help_text="False: no such record on either side.")
    name = serializers.CharField(source="label")
    hubspot_id = serializers.CharField()
    target_id = serializers.CharField()
    action = serializers.ChoiceField(choices=[action.value for action in Action])
    reason = serializers.ChoiceField(choices=REASONS)
    sentence = serializers.CharField()
    remedy = serializers.CharField()
    values = FieldShape(many=True, source="fields")
    stored = RecordShape(allow_null=True)
    waiting = serializers.SerializerMethodField(help_text="Whether it waits for its turn.")

    def get_waiting(self, answer: Explanation) -> bool:
        """Return whether it waits for its turn."""
        return answer.waiting is not None


class RetryShape(serializers.Serializer[Any]):
    """Which records are tried again: some by number, or all that ended with a reason."""

    object_sync = serializers.UUIDField()
    ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1),
        max_length=MOST_IDS,
        min_length=1,
        required=False,
    )
    reason = serializers.ChoiceField(choices=REASONS, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse a request that names both or neither."""
        if ("ids" in attrs) == ("reason" in attrs):
            raise serializers.ValidationError({"ids": "Name either ids or a reason."})
        return attrs


class RetriedShape(serializers.Serializer[Any]):
    """How many records are tried again."""

    retried = serializers.IntegerField()
