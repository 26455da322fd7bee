"""Shapes of reviews and of the conflicts in them. Health values are masked."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from integrations.api.paging import PageQuery
from integrations.api.serializers.records import REASONS, SIDES
from integrations.engine import explanations
from integrations.engine.pairs import Verdict
from integrations.models import Review
from integrations.services.conflicts import Conflict

MOST_REVIEWS = 200
VERDICTS = [verdict.value for verdict in Verdict]
MOST_FIELDS = 500


class ReviewQuery(PageQuery):
    """Which reviews are listed."""

    object_sync = serializers.UUIDField(required=False)
    closed = serializers.BooleanField(default=False, help_text="Also those that are closed.")


class ReviewShape(serializers.Serializer[Review]):
    """A decision that waits for a person."""

    id = serializers.IntegerField()
    object_sync = serializers.UUIDField(source="object_sync_id")
    record = serializers.IntegerField(source="link_id", allow_null=True)
    reason = serializers.ChoiceField(choices=REASONS)
    sentence = serializers.SerializerMethodField(help_text="The reason in words.")
    remedy = serializers.SerializerMethodField(help_text="What to do about it.")
    opened_at = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)
    closed_by = serializers.SerializerMethodField(help_text="A log-in name, or empty.")

    def get_sentence(self, review: Review) -> str:
        """Return the reason in words."""
        return explanations.explain(review.reason, review.detail)

    def get_remedy(self, review: Review) -> str:
        """Return what to do about it."""
        return explanations.remedy(review.reason)

    def get_closed_by(self, review: Review) -> str:
        """Return who decided."""
        return review.closed_by.get_username() if review.closed_by else ""


class ConflictShape(serializers.Serializer[Conflict]):
    """One field that both sides changed."""

    name = serializers.CharField(source="label")
    hubspot_field = serializers.CharField()
    target_field = serializers.CharField()
    hubspot_value = serializers.CharField()
    target_value = serializers.CharField()
    base = serializers.CharField(
        allow_null=True, help_text="What both last agreed on; null: no system remembers it."
    )
    changed_by = serializers.CharField(help_text="Who changed HubSpot's value, or empty.")
    changed_at = serializers.DateTimeField(allow_null=True)
    seen = serializers.CharField(help_text="Stands for both values; hand it back to resolve.")


class ReviewDetailShape(ReviewShape):
    """A review as both systems are now; without conflicts it has resolved itself."""

    record_name = serializers.CharField()
    target_changed_at = serializers.DateTimeField(allow_null=True)
    conflicts = ConflictShape(many=True)


class FieldPairShape(serializers.Serializer[Any]):
    """The two names of a mapped field."""

    hubspot = serializers.CharField(max_length=200)
    target = serializers.CharField(max_length=200)


class ResolveShape(serializers.Serializer[Any]):
    """Whose values win: in the named fields, or in all that are in conflict."""

    side = serializers.ChoiceField(choices=SIDES)
    fields = serializers.ListField(  # type: ignore[assignment]
        child=FieldPairShape(), required=False, min_length=1, max_length=MOST_FIELDS
    )
    seen = serializers.ListField(
        child=serializers.CharField(max_length=400),
        required=False,
        max_length=MOST_FIELDS,
        help_text="Marks of the values you saw: refused (409) when one has changed since.",
    )


class ChosenShape(serializers.Serializer[Any]):
    """Some reviews."""

    ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1),
        min_length=1,
        max_length=MOST_REVIEWS,
    )


class ResolveManyShape(ChosenShape):
    """Whose values win in some reviews."""

    side = serializers.ChoiceField(choices=SIDES)


class VerdictShape(ChosenShape):
    """What becomes of the records that are left: archived, or kept with their links ended."""

    verdict = serializers.ChoiceField(choices=VERDICTS)


class ResolvedShape(serializers.Serializer[Any]):
    """How many records were decided; they are written now."""

    resolved = serializers.IntegerField()


class DecidedShape(ResolvedShape):
    """How many deletions were decided; they are carried out now."""

    already_decided = serializers.IntegerField(
        help_text="How many were left alone because somebody had decided them before."
    )
