"""Shapes of runs and of what may be asked about them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from integrations.api.paging import PageQuery
from integrations.engine import explanations
from integrations.models import JobRun, RunKind, RunState
from integrations.services.eta import RunProgress, progress_of

OPENED = [
    (kind.value, kind.label) for kind in (RunKind.MANUAL, RunKind.RECONCILE, RunKind.BACKFILL)
]
"""Kinds that people open; the portal opens the others by itself."""


class ProgressShape(serializers.Serializer[RunProgress]):
    """How far a run has come in its present phase; null: not known."""

    done = serializers.IntegerField()
    total = serializers.IntegerField(allow_null=True)
    share = serializers.FloatField(allow_null=True, help_text="0 to 1.")
    seconds_left = serializers.FloatField(allow_null=True)
    rate = serializers.FloatField(help_text="Records per second.")
    planning = serializers.BooleanField(help_text="Nothing is written in this phase.")


class RunShape(serializers.Serializer[JobRun]):
    """One execution. `total` is how many records there are to see, if that is known."""

    id = serializers.IntegerField()
    object_sync = serializers.UUIDField(source="object_sync_id")
    kind = serializers.ChoiceField(choices=RunKind.choices)
    state = serializers.ChoiceField(choices=RunState.choices)
    reason = serializers.CharField(help_text="Why it is held, or empty.")
    sentence = serializers.SerializerMethodField(help_text="The reason in words.")
    seen = serializers.IntegerField()
    written = serializers.IntegerField()
    failed = serializers.IntegerField()
    total = serializers.IntegerField(allow_null=True)
    calls = serializers.IntegerField(help_text="Requests to both systems.")
    counts = serializers.DictField(
        child=serializers.IntegerField(), help_text="Records by reason code."
    )
    version = serializers.IntegerField(source="version_number")
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)

    progress = serializers.SerializerMethodField()

    @extend_schema_field(ProgressShape)
    def get_progress(self, run: JobRun) -> dict[str, Any]:
        """Return how far it has come."""
        return dict(ProgressShape(progress_of(run)).data)

    def get_sentence(self, run: JobRun) -> str:
        """Return the reason in words."""
        return explanations.explain(run.reason, run.reason_detail) if run.reason else ""


class RunQuery(PageQuery):
    """Which runs are listed."""

    object_sync = serializers.UUIDField(required=False)
    kind = serializers.ChoiceField(choices=RunKind.choices, required=False)
    state = serializers.ChoiceField(choices=RunState.choices, required=False)


class NewRunShape(serializers.Serializer[Any]):
    """A run to be opened."""

    object_sync = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=OPENED)
