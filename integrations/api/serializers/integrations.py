"""Shapes of integrations, their connections and object syncs. Credentials are in none of them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from integrations.api.serializers.records import SIDES
from integrations.api.serializers.runs import RunShape
from integrations.engine import explanations
from integrations.engine.drift import Drift, Kind
from integrations.engine.pairs import LinkState
from integrations.engine.reasons import Reason
from integrations.models import ConnectionState, Integration, ObjectSync, SyncState
from integrations.services import connectors, schemas
from integrations.services.status import Group, ObjectStatus


class ConnectionShape(serializers.Serializer[Any]):
    """A connected account and whether its credentials work."""

    system = serializers.CharField()
    account_id = serializers.CharField()
    name = serializers.CharField(source="label")
    state = serializers.ChoiceField(choices=ConnectionState.choices)
    reason = serializers.CharField(help_text="A reason code, or empty.")


class DriftShape(serializers.Serializer[Drift]):
    """One field whose definition changed since publishing, what that stops, and the way out."""

    key = serializers.CharField(help_text="Hand it back to accept the repair.")
    kind = serializers.ChoiceField(choices=[kind.value for kind in Kind])
    side = serializers.ChoiceField(choices=SIDES)
    field = serializers.CharField()
    name = serializers.CharField(source="label")
    sentence = serializers.CharField()
    pauses = serializers.ListField(
        child=serializers.CharField(), help_text="Rules that wait: `<hubspot>|<target>`."
    )
    stops_all = serializers.SerializerMethodField(help_text="Whether the whole sync waits.")
    repairable = serializers.SerializerMethodField(help_text="Whether a repair is proposed.")

    def get_stops_all(self, drift: Drift) -> bool:
        """Return whether something is broken that cannot be worked around."""
        return bool(drift.spoils)

    def get_repairable(self, drift: Drift) -> bool:
        """Return whether there is a proposal."""
        return bool(drift.repairs)


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
    hubspot_total = serializers.IntegerField(
        allow_null=True, help_text="Records in HubSpot when it was last asked."
    )
    hubspot_total_at = serializers.DateTimeField(allow_null=True)
    drift = serializers.SerializerMethodField(help_text="Fields changed since publishing.")

    def get_sentence(self, row: ObjectSync) -> str:
        """Return the reason in words."""
        return explanations.explain(row.reason, row.reason_detail) if row.reason else ""

    def get_remedy(self, row: ObjectSync) -> str:
        """Return what to do about the reason."""
        return explanations.remedy(row.reason) if row.reason else ""

    @extend_schema_field(DriftShape(many=True))
    def get_drift(self, row: ObjectSync) -> list[dict[str, Any]]:
        """Return what changed in the fields of both systems."""
        found: Any = schemas.drifts(row)
        return list(DriftShape(found, many=True).data)

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
        return explanations.explain(group.reason)


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
    undelivered = serializers.IntegerField(help_text="Synced-events that wait to be sent.")
    dropped = serializers.IntegerField(help_text="Synced-events that were given up.")
    runs = RunShape(many=True, help_text="The newest.")
    last_pass = RunShape(
        allow_null=True, help_text="The newest that looked at everything and came to its end."
    )
    switched_off = serializers.ListField(
        child=serializers.CharField(),
        source="off",
        help_text="Jobs that are off although something travels only with them.",
    )
    next_runs = serializers.DictField(
        child=serializers.DateTimeField(), help_text="When scheduled passes start, by kind."
    )


class IntegrationDetailShape(IntegrationShape):
    """An integration with the status of each of its object syncs."""

    objects = ObjectStatusShape(many=True)
