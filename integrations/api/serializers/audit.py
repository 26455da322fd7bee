"""Shapes of the audit log. Values are as people may read them: health values stay masked."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from integrations.api.paging import PageQuery
from integrations.api.serializers.records import REASONS, SIDES
from integrations.engine import explanations
from integrations.models import AuditEntry
from integrations.services import audit


class AuditQuery(PageQuery):
    """Which entries are listed."""

    record = serializers.CharField(
        max_length=200, required=False, help_text="A HubSpot id or an id of the other system."
    )
    reason = serializers.ChoiceField(choices=REASONS, required=False)
    failed = serializers.BooleanField(default=False, help_text="Only what did not succeed.")
    action = serializers.CharField(max_length=40, required=False)
    object_sync = serializers.UUIDField(required=False)
    since = serializers.DateTimeField(required=False, help_text="Inclusive.")
    until = serializers.DateTimeField(required=False, help_text="Exclusive.")


class EntryListShape(serializers.ListSerializer[Any]):
    """Opens the sealed values of a whole page with one query."""

    def to_representation(self, data: Any) -> list[Any]:
        """Return the entries with their values."""
        entries: list[AuditEntry] = list(data)
        for entry, (before, after) in zip(entries, audit.changes_of_all(entries), strict=True):
            entry.before, entry.after = before, after
        return super().to_representation(entries)


class EntryShape(serializers.Serializer[AuditEntry]):
    """A fact: who did what to which record, why, before and after."""

    id = serializers.IntegerField()
    at = serializers.DateTimeField()
    actor = serializers.SerializerMethodField(help_text="A person's log-in name, or empty.")
    action = serializers.CharField()
    reason = serializers.CharField()
    sentence = serializers.SerializerMethodField(help_text="The reason in words.")
    note = serializers.CharField(source="detail")
    object_sync = serializers.UUIDField(source="object_sync_id", allow_null=True)
    record = serializers.IntegerField(source="link_id", allow_null=True)
    hubspot_id = serializers.CharField()
    target_id = serializers.CharField()
    side = serializers.ChoiceField(choices=SIDES, allow_blank=True)
    run = serializers.IntegerField(source="run_id", allow_null=True)
    version = serializers.IntegerField(source="version_number")
    before = serializers.DictField(child=serializers.JSONField())
    after = serializers.DictField(child=serializers.JSONField())
    duration_ms = serializers.IntegerField()
    calls = serializers.IntegerField()

    class Meta:
        list_serializer_class = EntryListShape

    def get_actor(self, entry: AuditEntry) -> str:
        """Return who did it."""
        return entry.actor.get_username() if entry.actor else ""

    def get_sentence(self, entry: AuditEntry) -> str:
        """Return the reason in words."""
        return explanations.explain(entry.reason, entry.detail) if entry.reason in REASONS else ""
