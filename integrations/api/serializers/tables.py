"""Shapes of preparation, owners and tables of stages."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from integrations.engine.extras import Person, Stage, Step, StepState
from integrations.models import TableEntry
from integrations.services.owner_report import Line, Report
from integrations.services.pipelines import AUTOMATIC, MANUAL
from integrations.services.stage_report import Report as TableReport

LONGEST = 200
STAGES = "stages"


class PreparationStepShape(serializers.Serializer[Step]):
    """One thing that the integration needs in the target."""

    key = serializers.CharField()
    name = serializers.CharField(source="label")
    state = serializers.ChoiceField(choices=[state.value for state in StepState])
    detail = serializers.CharField(help_text="What to do by hand, where that is left.")


class PreparationShape(serializers.Serializer[Any]):
    """Whether an integration may work, and the steps with which it was made ready."""

    ready = serializers.BooleanField()
    lack = serializers.CharField(help_text="What is missing, or empty.")
    prepared_at = serializers.DateTimeField(allow_null=True)
    steps = PreparationStepShape(many=True)
    settings = serializers.DictField(child=serializers.CharField(allow_blank=True))


class SettingsShape(serializers.Serializer[Any]):
    """Settings by key; those left out keep their value."""

    settings = serializers.DictField(
        child=serializers.CharField(allow_blank=True, max_length=10_000), default=dict
    )


class OwnerShape(serializers.Serializer[Line]):
    """One HubSpot owner and the person it is joined with."""

    owner = serializers.CharField(source="id", help_text="HubSpot's owner id.")
    name = serializers.CharField()
    email = serializers.CharField()
    archived = serializers.BooleanField()
    person = serializers.CharField(source="person_id", help_text="Empty: nobody.")
    person_name = serializers.CharField(source="person")
    by_person = serializers.BooleanField(help_text="Somebody chose it; no refresh changes it.")
    left = serializers.BooleanField(help_text="The person is not active any more.")
    conflict = serializers.CharField(source="note", help_text="What stands against a match.")


class PersonShape(serializers.Serializer[Person]):
    """A person of the target."""

    id = serializers.CharField()
    name = serializers.CharField()
    email = serializers.CharField()


class OwnersShape(serializers.Serializer[Report]):
    """All owners, and the people nobody is joined with."""

    matched = serializers.IntegerField()
    archived = serializers.IntegerField()
    owners = OwnerShape(many=True, source="lines")
    unmatched_people = PersonShape(many=True)


class AssignOwnerShape(serializers.Serializer[Any]):
    """Which owner is which person; an empty person is nobody."""

    owner = serializers.CharField(max_length=LONGEST)
    person = serializers.CharField(max_length=LONGEST, allow_blank=True)


class TableQuery(serializers.Serializer[Any]):
    """Which table is meant, by the key that the system gives it."""

    table = serializers.SlugField(max_length=40, default=STAGES)


class TableEntryShape(serializers.Serializer[TableEntry]):
    """One HubSpot value and what it is in the target."""

    value = serializers.CharField(source="hubspot_value")
    name = serializers.CharField(source="hubspot_label")
    target = serializers.CharField(source="target_value", help_text="Empty: not assigned.")
    target_name = serializers.CharField(source="target_label")
    by_person = serializers.SerializerMethodField()
    gone = serializers.BooleanField(source="hubspot_gone")
    target_gone = serializers.BooleanField()

    def get_by_person(self, row: TableEntry) -> bool:
        """Tell whether somebody chose it."""
        return row.origin == "person"


class StageShape(serializers.Serializer[Stage]):
    """A stage of the target."""

    id = serializers.CharField(max_length=LONGEST)
    name = serializers.CharField(source="label", max_length=300)
    order = serializers.IntegerField(min_value=0, max_value=9_999, default=0)
    chance = serializers.IntegerField(
        min_value=0, max_value=100, allow_null=True, default=None, help_text="In percent."
    )


class TableShape(serializers.Serializer[TableReport]):
    """A table of stages as it stands."""

    table = serializers.CharField(source="spec.key")
    mode = serializers.ChoiceField(choices=[AUTOMATIC, MANUAL])
    unmapped = serializers.IntegerField()
    steps = serializers.CharField(source="making.steps", help_text="What to do by hand, or empty.")
    entries = TableEntryShape(many=True)
    stages = StageShape(many=True, source="making.stages")


class AssignStageShape(TableQuery):
    """Which HubSpot value is which stage; an empty target is none."""

    value = serializers.CharField(max_length=LONGEST)
    target = serializers.CharField(max_length=LONGEST, allow_blank=True)


class TypedStageShape(TableQuery, StageShape):
    """A stage that the system cannot list."""
