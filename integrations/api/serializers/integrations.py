"""Shapes of integrations, their connections and object syncs. Credentials are in none of them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from integrations.engine import reasons
from integrations.engine.pairs import LinkState
from integrations.engine.reasons import Reason
from integrations.models import ConnectionState, Integration, ObjectSync, SyncState
from integrations.services import connectors
from integrations.services.status import Group, ObjectStatus


class ConnectionShape(serializers.Serializer[Any]):
    """A connected account and whether its credentials work."""

    system = serializers.CharField()
    account_id = serializers.CharField()
    name = serializers.CharField(source="label")
    state = serializers.ChoiceField(choices=ConnectionState.choices)
    reason = serializers.CharField(help_text="A reason code, or empty.")


class ObjectSyncShape(serializers.Serializer[ObjectSync]):
    """One kind of HubSpot record paired with one of the other system."""

    id = serializers.UUIDField()
    key = serializers.CharField()
    hubspot_object = serializers.CharField()
    target_object = serializers.CharField()
    state = serializers.ChoiceField(choices=SyncState.choices)
    reason = serializers.CharField(help_text="Why it does not work, or empty.")
    sentence = serializers.SerializerMethodField(help_text="The reason in words.")
    remedy = serializers.SerializerMethodField(help_text="What to do about it.")
    version = serializers.SerializerMethodField(help_text="Number of the published version.")

    def get_sentence(self, row: ObjectSync) -> str:
        """Return the reason in words."""
        return reasons.explain(row.reason, row.reason_detail) if row.reason else ""

    def get_remedy(self, row: ObjectSync) -> str:
        """Return what to do about the reason."""
        return reasons.remedy(row.reason) if row.reason else ""

    def get_version(self, row: ObjectSync) -> int | None:
        """Return the published version's number."""
        return row.version.number if row.version else None


class IntegrationShape(serializers.Serializer[Integration]):
    """A HubSpot account joined with an account of another system."""

    id = serializers.UUIDField()
    system = serializers.CharField()
    name = serializers.SerializerMethodField(help_text="What people call the system.")
    state = serializers.ChoiceField(choices=SyncState.choices)
    hubspot = ConnectionShape()
    target = ConnectionShape(allow_null=True)
    created_at = serializers.DateTimeField()

    def get_name(self, row: Integration) -> str:
        """Return the system's name."""
        return connectors.spec_of(row.system).label


class GroupShape(serializers.Serializer[Group]):
    """Records with the same outcome."""

    state = serializers.ChoiceField(choices=[state.value for state in LinkState])
    reason = serializers.ChoiceField(choices=[reason.value for reason in Reason])
    count = serializers.IntegerField()
    sentence = serializers.SerializerMethodField()
    remedy = serializers.CharField(source="explanation.remedy")
    needs_person = serializers.BooleanField()

    def get_sentence(self, group: Group) -> str:
        """Return the reason in words."""
        return reasons.explain(group.reason)


class ObjectStatusShape(serializers.Serializer[ObjectStatus]):
    """An object sync with how many records are where."""

    object_sync = ObjectSyncShape()
    records = serializers.DictField(
        child=serializers.IntegerField(), source="counts", help_text="Records by state."
    )
    groups = GroupShape(many=True, help_text="Records by state and reason, largest first.")
    waiting = serializers.IntegerField(help_text="Records that wait for their turn.")
    oldest_due = serializers.DateTimeField(allow_null=True)
    unknown_intents = serializers.IntegerField(help_text="Writes whose end is not known.")


class IntegrationDetailShape(IntegrationShape):
    """An integration with the status of each of its object syncs."""

    objects = ObjectStatusShape(many=True)
