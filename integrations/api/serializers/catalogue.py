"""Shapes of what can be chosen for a field or a filter."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from integrations.api.serializers.mappings import OPERATORS, TYPES, OptionShape
from integrations.engine.catalogue import Argument, ArgumentKind, Operands, OperatorEntry
from integrations.engine.transform_entries import TransformEntry


class OperatorShape(serializers.Serializer[OperatorEntry]):
    """One operator and the types of fields it makes sense for."""

    operator = serializers.ChoiceField(choices=OPERATORS)
    name = serializers.CharField(source="label")
    operands = serializers.ChoiceField(choices=[each.value for each in Operands])
    types = serializers.ListField(child=serializers.ChoiceField(choices=TYPES))


class ArgumentShape(serializers.Serializer[Argument]):
    """One argument of a transform; an empty key: every other key is an entry of its table."""

    key = serializers.CharField()
    name = serializers.CharField(source="label")
    help = serializers.CharField()
    kind = serializers.ChoiceField(choices=[kind.value for kind in ArgumentKind])
    choices = OptionShape(many=True)
    usual = serializers.CharField(source="default")
    needed = serializers.BooleanField(source="required")


class TransformShape(serializers.Serializer[TransformEntry]):
    """One transform and the types it joins."""

    name = serializers.CharField()
    title = serializers.CharField(source="label")
    help = serializers.CharField()
    takes = serializers.ListField(child=serializers.ChoiceField(choices=TYPES))
    gives = serializers.ListField(child=serializers.ChoiceField(choices=TYPES))
    arguments = ArgumentShape(many=True)


class CatalogueShape(serializers.Serializer[Any]):
    """Everything that can be chosen."""

    operators = OperatorShape(many=True)
    transforms = TransformShape(many=True)
