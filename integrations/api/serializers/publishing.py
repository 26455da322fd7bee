"""Shapes of previews and versions."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from integrations.api.paging import HIGHEST, PageQuery
from integrations.api.serializers.mappings import ConfigShape
from integrations.api.serializers.records import REASONS, SIDES, FieldShape
from integrations.engine import explanations
from integrations.engine.pairs import Action
from integrations.engine.versions import Difference, What
from integrations.models import Preview, PreviewState, SyncVersion
from integrations.services.previews import PreviewRecord

ACTIONS = [action.value for action in Action]
Counts = serializers.DictField


class NewPreviewShape(serializers.Serializer[Any]):
    """The object sync whose draft is previewed."""

    object_sync = serializers.UUIDField()


class PreviewQuery(PageQuery):
    """Which previews are listed."""

    object_sync = serializers.UUIDField()


class PreviewShape(serializers.Serializer[Preview]):
    """What a draft would do to the records there are."""

    id = serializers.IntegerField()
    object_sync = serializers.UUIDField(source="object_sync_id")
    state = serializers.ChoiceField(choices=PreviewState.choices)
    revision = serializers.IntegerField(help_text="Of the draft.")
    based_on = serializers.IntegerField(help_text="The version in force, 0 for none.")
    seen = serializers.IntegerField()
    sampled = serializers.BooleanField(help_text="There are more records than were looked at.")
    actions = Counts(child=serializers.IntegerField(), help_text="Records by action.")
    reasons = Counts(child=serializers.IntegerField(), help_text="Records by reason code.")
    writes = Counts(child=serializers.IntegerField(), help_text="Records written, by side.")
    unsafe = serializers.CharField(help_text="Why the safety breaker would stop it, or empty.")
    problem = serializers.CharField(help_text="Why it failed, or empty.")
    run = serializers.IntegerField(source="run_id", allow_null=True)
    created_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)


class PreviewItemQuery(serializers.Serializer[Any]):
    """Which records of a preview are listed."""

    action = serializers.ChoiceField(choices=ACTIONS, required=False)
    reason = serializers.ChoiceField(choices=REASONS, required=False)
    after = serializers.IntegerField(min_value=0, max_value=HIGHEST, default=0)
    limit = serializers.IntegerField(min_value=1, max_value=200, default=50)


class PreviewItemShape(serializers.Serializer[PreviewRecord]):
    """One record of a preview, with its fields before and after. Health values are masked."""

    id = serializers.IntegerField(source="item.pk")
    hubspot_id = serializers.CharField(source="item.hubspot_id")
    target_id = serializers.CharField(source="item.target_id")
    name = serializers.CharField(source="label")
    action = serializers.ChoiceField(choices=ACTIONS, source="item.action")
    reason = serializers.ChoiceField(choices=REASONS, source="item.reason")
    sentence = serializers.SerializerMethodField(help_text="The reason in words.")
    values = FieldShape(many=True, source="fields")

    def get_sentence(self, record: PreviewRecord) -> str:
        """Return the reason in words."""
        return explanations.explain(record.item.reason, record.item.detail)


class PublishShape(serializers.Serializer[Any]):
    """How a preview comes into force. `start` and `sides` are for the first load."""

    start = serializers.DateTimeField(
        allow_null=True, default=None, help_text="Only records changed since; null: all."
    )
    sides = serializers.ListField(
        child=serializers.ChoiceField(choices=SIDES), min_length=1, default=SIDES, max_length=2
    )
    note = serializers.CharField(max_length=500, allow_blank=True, default="")


class VersionShape(serializers.Serializer[SyncVersion]):
    """A published configuration; it never changes."""

    number = serializers.IntegerField()
    published_at = serializers.DateTimeField()
    published_by = serializers.SerializerMethodField(help_text="A log-in name, or empty.")
    note = serializers.CharField()
    restored_from = serializers.IntegerField(help_text="The version it repeats, 0 for none.")

    def get_published_by(self, version: SyncVersion) -> str:
        """Return who published it."""
        return version.published_by.get_username() if version.published_by else ""


class VersionDetailShape(VersionShape):
    """A published configuration and what it says."""

    config = ConfigShape()


class DifferenceQuery(serializers.Serializer[Any]):
    """With which version one is compared."""

    to = serializers.IntegerField(min_value=1, max_value=2**31 - 1)


class DifferenceShape(serializers.Serializer[Difference]):
    """One thing that differs; an empty sentence: it is not there on that side of the change."""

    what = serializers.ChoiceField(choices=[what.value for what in What])
    name = serializers.CharField(source="label")
    before = serializers.CharField()
    after = serializers.CharField()


class DifferencesShape(serializers.Serializer[Any]):
    """Everything in which two versions differ."""

    differences = DifferenceShape(many=True)
