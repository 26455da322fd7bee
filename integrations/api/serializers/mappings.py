"""Shapes of drafts, published configurations and what can be chosen in them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from integrations.api.serializers.records import SIDES
from integrations.engine.catalogue import TRANSFORM_ENTRIES
from integrations.engine.checks import Problem, Severity
from integrations.engine.config import DeletePolicy, ExitRule, MergePolicy
from integrations.engine.edits import LONGEST_TEXT
from integrations.engine.filters import MOST_CONDITIONS, MOST_GROUPS, Operator
from integrations.engine.mapping import ConflictPolicy, Direction, Overwrite
from integrations.engine.records import FieldType
from integrations.engine.specs import FieldSpec, Option
from integrations.services.tryouts import TryOut

OPERATORS = [operator.value for operator in Operator]
DIRECTIONS = [direction.value for direction in Direction]
OVERWRITES = [mode.value for mode in Overwrite]
CONFLICTS = [policy.value for policy in ConflictPolicy]
DELETES = [policy.value for policy in DeletePolicy]
MERGES = [policy.value for policy in MergePolicy]
EXITS = [rule.value for rule in ExitRule]
TYPES = [kind.value for kind in FieldType]
SEVERITIES = [severity.value for severity in Severity]
MOST_RULES, MOST_OPERANDS, MOST_ARGUMENTS = 500, 200, 1000
NAME_LENGTH = 200
_KEY = serializers.CharField(max_length=LONGEST_TEXT, allow_blank=True, trim_whitespace=False)


class RuleShape(serializers.Serializer[Any]):
    """One pair of fields and how its values travel.

    The target `new:<HubSpot property>` is a field that publishing makes.
    """

    hubspot = serializers.CharField(max_length=NAME_LENGTH)
    target = serializers.CharField(max_length=NAME_LENGTH)
    type = serializers.ChoiceField(choices=TYPES, read_only=True)
    name = serializers.CharField(source="label", read_only=True)
    direction = serializers.ChoiceField(choices=DIRECTIONS, default=Direction.BOTH.value)
    overwrite = serializers.ChoiceField(choices=OVERWRITES, default=Overwrite.ALWAYS.value)
    transform = serializers.ChoiceField(
        choices=sorted({"", *TRANSFORM_ENTRIES}), default="", help_text="See the catalogue."
    )
    arguments = serializers.DictField(
        child=serializers.CharField(
            max_length=LONGEST_TEXT, allow_blank=True, trim_whitespace=False
        ),
        default=dict,
        help_text="Of the transform; for value lists also HubSpot's value → the target's value.",
    )
    clears = serializers.BooleanField(
        default=False, help_text="Whether emptying a field empties it on the other side."
    )
    conflict = serializers.ChoiceField(
        choices=CONFLICTS, allow_null=True, default=None, help_text="null: the sync's policy."
    )
    required = serializers.BooleanField(  # type: ignore[assignment]
        default=False, help_text="Without a value the record is not sent at all."
    )

    def validate_arguments(self, value: dict[str, str]) -> dict[str, str]:
        """Refuse tables without an end, and keys that no database holds."""
        if len(value) > MOST_ARGUMENTS:
            raise serializers.ValidationError(f"At most {MOST_ARGUMENTS} entries.")
        for key in value:
            _KEY.run_validation(key)
        return value


class ConditionShape(serializers.Serializer[Any]):
    """One comparison of one field."""

    field = serializers.CharField(max_length=NAME_LENGTH)
    name = serializers.CharField(source="label", read_only=True)
    operator = serializers.ChoiceField(choices=OPERATORS)
    operands = serializers.ListField(
        child=serializers.CharField(
            max_length=LONGEST_TEXT, allow_blank=True, trim_whitespace=False
        ),
        max_length=MOST_OPERANDS,
        default=list,
    )


class GroupsShape(serializers.Serializer[Any]):
    """Which records of one side are in. Groups are OR-ed, the conditions inside one AND-ed."""

    groups = serializers.ListField(
        child=serializers.ListField(
            child=ConditionShape(), min_length=1, max_length=MOST_CONDITIONS
        ),
        max_length=MOST_GROUPS,
        help_text="No group at all lets every record in.",
    )

    def validate_groups(self, value: list[list[Any]]) -> list[list[Any]]:
        """Refuse a filter that takes too long to ask of every record."""
        if sum(map(len, value)) > MOST_CONDITIONS:
            raise serializers.ValidationError(f"At most {MOST_CONDITIONS} conditions.")
        return value


class FiltersShape(serializers.Serializer[Any]):
    """The filters of both sides: records of a side must pass its own."""

    hubspot = GroupsShape()
    target = GroupsShape()


class PoliciesShape(serializers.Serializer[Any]):
    """What holds for the whole sync."""

    exit_rule = serializers.ChoiceField(choices=EXITS)
    conflict = serializers.ChoiceField(choices=CONFLICTS)
    on_hubspot_delete = serializers.ChoiceField(choices=DELETES)
    on_target_delete = serializers.ChoiceField(choices=DELETES)
    merge = serializers.ChoiceField(
        choices=MERGES, required=False, help_text="Left out: as it was."
    )
    create_in = serializers.ListField(
        child=serializers.ChoiceField(choices=SIDES), max_length=len(SIDES)
    )


class ConfigShape(serializers.Serializer[Any]):
    """Everything that can be chosen: fields, filters, policies."""

    rules = serializers.ListField(child=RuleShape(), max_length=MOST_RULES)
    filters = FiltersShape()
    policies = PoliciesShape()


class RevisionShape(serializers.Serializer[Any]):
    """Which revision of the draft was edited; the header `If-Match` says the same."""

    revision = serializers.IntegerField(min_value=1, max_value=2**31 - 1, required=False)


class NewConfigShape(RevisionShape):
    """A whole configuration in place of the draft's."""

    config = ConfigShape()


class NewGroupsShape(RevisionShape, GroupsShape):
    """A filter in place of one side's."""


class SelectionShape(RevisionShape):
    """The HubSpot fields that are synced; new ones start with the rule that suits them best."""

    fields = serializers.ListField(  # type: ignore[assignment]
        child=serializers.CharField(max_length=NAME_LENGTH), max_length=MOST_RULES
    )


class DraftShape(serializers.Serializer[Any]):
    """The unpublished configuration of an object sync."""

    object_sync = serializers.UUIDField()
    revision = serializers.IntegerField(help_text="Grows with every change; also the ETag.")
    based_on = serializers.IntegerField(help_text="The version it started from, 0 for none.")
    edited_at = serializers.DateTimeField()
    edited_by = serializers.CharField(help_text="A log-in name, or empty.")
    config = ConfigShape()


class RepairShape(RevisionShape):
    """The changed field whose proposed repair is accepted."""

    drift = serializers.CharField(max_length=500, help_text="`key` of the object sync's drift.")


class TryOutShape(serializers.Serializer[Any]):
    """A rule, saved or not, and the record it is tried on."""

    rule = RuleShape()
    side = serializers.ChoiceField(choices=SIDES)
    record = serializers.CharField(max_length=NAME_LENGTH, help_text="Its id on that side.")


class TriedShape(serializers.Serializer[TryOut]):
    """A value as the record holds it, as the other side would get it, and brought back again."""

    before = serializers.CharField()
    after = serializers.CharField()
    back = serializers.CharField()
    problem = serializers.CharField(help_text="Why it cannot travel, or empty.")


class SideFilterShape(GroupsShape):
    """One side's filter in the draft."""

    revision = serializers.IntegerField()


class PublishedShape(serializers.Serializer[Any]):
    """The configuration in force."""

    version = serializers.IntegerField()
    config = ConfigShape()


class ProblemShape(serializers.Serializer[Problem]):
    """One thing to put right before publishing (error), or to know (warning)."""

    where = serializers.CharField(
        help_text="`<hubspot field>|<target field>`, `filter:<side>:<group>:<condition>`, or empty."
    )
    code = serializers.CharField()
    severity = serializers.ChoiceField(choices=SEVERITIES)
    sentence = serializers.CharField()


class ProblemsShape(serializers.Serializer[Any]):
    """What is wrong with a draft; it can be previewed when no error is among it."""

    revision = serializers.IntegerField()
    problems = ProblemShape(many=True)


class OptionShape(serializers.Serializer[Option]):
    """One entry of a picklist."""

    value = serializers.CharField()
    name = serializers.CharField(source="label")


class FieldSpecShape(serializers.Serializer[FieldSpec]):
    """One field of a system, as it was described last."""

    name = serializers.CharField()
    title = serializers.CharField(source="label")
    type = serializers.ChoiceField(choices=TYPES)
    options = OptionShape(many=True)
    needed = serializers.BooleanField(source="required")
    fixed = serializers.BooleanField(source="read_only", help_text="Nobody can write it.")
    unique = serializers.BooleanField()
    custom = serializers.BooleanField()
    group = serializers.CharField()
    description = serializers.CharField()


class FieldQuery(serializers.Serializer[Any]):
    """Which fields are listed."""

    side = serializers.ChoiceField(choices=SIDES)
    after = serializers.CharField(max_length=NAME_LENGTH, default="", allow_blank=True)
    limit = serializers.IntegerField(min_value=1, max_value=200, default=200)
    fresh = serializers.BooleanField(default=False, help_text="Ask the system first.")
