"""Shapes of scheduled jobs."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from integrations.api.serializers.records import SIDES
from integrations.api.serializers.runs import RunShape
from integrations.engine import explanations
from integrations.models import RunKind
from integrations.services.jobs import JobView
from integrations.services.starts import Start


class JobShape(serializers.Serializer[JobView]):
    """Something an integration does by itself. Periods are in minutes; 0 is never."""

    key = serializers.CharField(source="job.key")
    name = serializers.CharField(source="label")
    kind = serializers.ChoiceField(
        choices=RunKind.choices, source="spec.kind", help_text="The kind of run it opens."
    )
    object_syncs = serializers.SerializerMethodField(help_text="For each of these it opens one.")
    sides = serializers.ListField(
        child=serializers.ChoiceField(choices=SIDES),
        source="spec.sides",
        help_text="Whose changes it reads.",
    )
    carries = serializers.BooleanField(
        source="spec.carries", help_text="While it is off nothing travels from its sides at all."
    )
    minutes = serializers.IntegerField(source="job.minutes")
    offered = serializers.ListField(
        child=serializers.IntegerField(),
        source="spec.offered",
        help_text="What may be chosen; empty: any.",
    )
    least = serializers.IntegerField(source="spec.least", help_text="The shortest period.")
    enabled = serializers.BooleanField(source="job.enabled")
    next_run = serializers.DateTimeField(allow_null=True)
    started_at = serializers.DateTimeField(source="job.started_at", allow_null=True)
    skipped_at = serializers.DateTimeField(source="job.skipped_at", allow_null=True)
    skipped = serializers.IntegerField(
        source="job.skipped", help_text="How many starts in a row were skipped."
    )
    note = serializers.CharField(
        source="job.note", help_text="Why the last start was skipped, or empty."
    )
    sentence = serializers.SerializerMethodField(help_text="The note in words.")
    warning = serializers.CharField(help_text="A sentence, or empty.")
    calls_last = serializers.IntegerField(help_text="Requests of the last runs.")
    calls_day = serializers.IntegerField(help_text="Requests of the last 24 hours.")
    runs = RunShape(many=True, help_text="The newest of each object sync.")

    @extend_schema_field(serializers.ListField(child=serializers.UUIDField()))
    def get_object_syncs(self, view: JobView) -> list[str]:
        """Return the ids of the job's object syncs."""
        return [str(row.pk) for row in view.object_syncs]

    def get_sentence(self, view: JobView) -> str:
        """Return the note in words."""
        return explanations.explain(view.job.note) if view.job.note else ""


class JobChangeShape(serializers.Serializer[Any]):
    """What may be changed; what is left out stays."""

    minutes = serializers.IntegerField(required=False, min_value=0, max_value=99_999)
    enabled = serializers.BooleanField(required=False)


class JobStartShape(serializers.Serializer[Start]):
    """What came of a start."""

    opened = RunShape(many=True)
    skipped = serializers.BooleanField(help_text="An earlier run is still open somewhere.")
