"""What an integration needs in Magentrix before anything is synced: four fields and a marker.

"HubSpot User ID" on User is the vendor's own (help.magentrix.com, "Managing imported HubSpot
objects", read 2026-11-20); the fields that hold HubSpot's record ids are ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from integrations.connectors.magentrix.client import MagentrixClient
from integrations.connectors.magentrix.fields import (
    ACCOUNT,
    CONTACT,
    FILLED,
    LINK,
    OPPORTUNITY,
    PERSON,
    SYNCED,
    USER,
    Column,
    JsonObject,
)
from integrations.connectors.magentrix.making import Kind, Making, field_steps
from integrations.connectors.magentrix.payloads import needs_last_name
from integrations.connectors.magentrix.people import PERSON_LABEL, People, mark_of
from integrations.connectors.magentrix.rules import RULES
from integrations.connectors.magentrix.schema import Schemas
from integrations.connectors.magentrix.spec import DEFAULT_OWNER, LACKING, SYNC_DEALS
from integrations.engine.errors import ConfigInvalid
from integrations.engine.extras import Prepared, Step, StepState
from integrations.engine.mapping import FieldRule
from integrations.engine.records import FieldType


@dataclass(frozen=True, slots=True)
class Need:
    """A text field of ours on one entity."""

    entity: str
    name: str
    label: str
    length: int = 50
    unique: bool = True

    @property
    def key(self) -> str:
        """Return the key of its step."""
        return f"{self.entity}.{self.name}"


NEEDS: Final = (
    *(Need(entity, LINK, "HubSpot ID") for entity in SYNCED),
    Need(CONTACT, FILLED, "HubSpot Filled In", 255, unique=False),
    Need(USER, PERSON, PERSON_LABEL),
)


class Preparing:
    """The preparation of one portal; repeated at will, it finds what it made."""

    def __init__(
        self, client: MagentrixClient, schemas: Schemas, making: Making, people: People
    ) -> None:
        self._client, self._schemas = client, schemas
        self._making, self._people = making, people

    def run(self, settings: Mapping[str, str]) -> Prepared:
        """Find or make the fields, look at the Default Owner and at what the portal lacks."""
        entities = [ACCOUNT, CONTACT]
        if settings.get(SYNC_DEALS, "yes") == "yes":
            entities.append(OPPORTUNITY)
        self._schemas.load([*entities, USER])
        steps = [self._field(need) for need in NEEDS if need.entity in (*entities, USER)]
        steps += self._owner(settings.get(DEFAULT_OWNER, ""))
        absent = [(entity, rule) for entity in entities for rule in self._absent(entity)]
        if absent:
            steps.append(_remark(absent))
        listed = " ".join(sorted(f"{entity}.{rule.target}" for entity, rule in absent))
        return Prepared(tuple(steps), {LACKING: listed})

    def _field(self, need: Need) -> Step:
        label = f"“{need.label}” on {need.entity}"
        schema = self._schemas.of(need.entity)
        if need.name == FILLED and not needs_last_name(schema):
            return Step(need.key, label, StepState.FOUND, "Not needed: last names may be empty.")
        column = schema.get(need.name)
        if need.name == PERSON:
            column = mark_of(schema) or column
        if column is not None:
            wrong = _misfit(column, need)
            return Step(need.key, label, StepState.BY_HAND if wrong else StepState.FOUND, wrong)
        try:
            self._making.make(need.entity, _body(need), _steps(need))
        except ConfigInvalid as error:
            return Step(need.key, label, StepState.BY_HAND, error.detail)
        self._schemas.of(need.entity, fresh=True)
        return Step(need.key, label, StepState.MADE)

    def _owner(self, chosen: str) -> list[Step]:
        """Return what is wrong with the Default Owner; nothing while none is chosen."""
        if not chosen:
            return []
        names = {option.value: option.label for option in self._people.choices()}
        if chosen in names:
            return [Step("owner", "Default Owner", StepState.FOUND, names[chosen])]
        why = "The chosen user has left or is no Employee. Choose another Default Owner."
        return [Step("owner", "Default Owner", StepState.BY_HAND, why)]

    def _absent(self, entity: str) -> list[FieldRule]:
        schema = self._schemas.of(entity)
        return [rule for rule in RULES[entity] if not _fits(rule, schema.get(rule.target))]


def _fits(rule: FieldRule, column: Column | None) -> bool:
    """Tell whether a portal's field can take what our rule sends."""
    if column is None or column.spec.read_only:
        return False
    if rule.transform == "table":
        return column.spec.type in (FieldType.TEXT, FieldType.CHOICE)
    return column.spec.type is rule.type


def _misfit(column: Column, need: Need) -> str:
    """Say what is wrong with a field that is there, "" if it will do."""
    wrong = []
    if column.spec.type is not FieldType.TEXT:
        wrong.append("it must be of the type Text")
    if column.length and column.length < need.length:
        wrong.append(f"it must take {need.length} characters")
    if need.unique and not column.spec.unique:
        wrong.append("its values must be unique")
    if not wrong:
        return ""
    return (
        f"The field {column.wire} on {need.entity} cannot be used: {', '.join(wrong)}. Change it "
        "in Magentrix under Setup, or delete it there and check again."
    )


def _body(need: Need) -> JsonObject:
    return {
        "Name": need.name,
        "Label": need.label,
        "FieldType": "Text",
        "Length": need.length,
        "IsUnique": need.unique,
    }


def _steps(need: Need) -> str:
    kind = Kind("Text", "Text", need.length)
    steps = field_steps(need.entity, need.name, need.label, kind, unique=need.unique)
    return f"{steps} Then check again here."


def _remark(absent: Iterable[tuple[str, FieldRule]]) -> Step:
    listed = ", ".join(f"{entity}: {rule.label} ({rule.target})" for entity, rule in absent)
    return Step(
        "fields",
        "Standard fields",
        StepState.REMARK,
        "This portal does not have these fields, or not of the usual type, so they are not mapped "
        f"at the start: {listed}. Map others in the field mapping.",
    )
