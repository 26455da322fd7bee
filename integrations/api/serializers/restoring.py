"""Shapes of what can be restored."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from integrations.services.restoring import Restorable


class RestorableShape(serializers.Serializer[Restorable]):
    """One field whose change HubSpot did not take. Health values are masked."""

    name = serializers.CharField(source="label")
    hubspot_field = serializers.CharField()
    target_field = serializers.CharField()
    hubspot_value = serializers.CharField()
    target_value = serializers.CharField()
    seen = serializers.CharField(help_text="Stands for both values; hand it back to restore.")


class RestoreShape(serializers.Serializer[Any]):
    """What the person saw; if a value has changed since, nothing is done (409)."""

    seen = serializers.ListField(
        child=serializers.CharField(max_length=200), max_length=500, required=False
    )


class RestoredShape(serializers.Serializer[Any]):
    """How many records get HubSpot's values; 0: HubSpot has nothing that it did not take."""

    restored = serializers.IntegerField()
