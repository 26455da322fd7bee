"""Shapes of erasing a person."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class EraseShape(serializers.Serializer[Any]):
    """The confirmation: the record's own id, in HubSpot or, without one, in the other system."""

    confirm = serializers.CharField(max_length=200)
