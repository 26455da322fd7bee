"""How fields travel: rules, groups, overwrite modes and translation. Never reads or writes a system."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from integrations.engine.records import FieldType


class Direction(enum.StrEnum):
    """Where a field's changes may travel."""

    BOTH = "both"
    TO_TARGET = "to_target"
    TO_HUBSPOT = "to_hubspot"


class Overwrite(enum.StrEnum):
    """When a value may replace what is there."""

    ALWAYS = "always"
    IF_EMPTY = "if_empty"
    ON_CREATE = "on_create"
    APPEND = "append"
    NEVER = "never"


class Privacy(enum.StrEnum):
    """How carefully a field's values are handled: health values are masked and sealed."""

    PUBLIC = "public"
    PERSONAL = "personal"
    HEALTH = "health"


class ConflictPolicy(enum.StrEnum):
    """What happens when both sides changed one field to different values."""

    HUBSPOT_WINS = "hubspot_wins"
    TARGET_WINS = "target_wins"
    NEWEST_WINS = "newest_wins"
    HOLD = "hold"


@dataclass(frozen=True, slots=True)
class FieldRule:
    """One field pair. `transform` and `arguments` name an entry of `transforms.py`.

    `required` means: without a value the record is not sent to the target at all.
    `clears` lets a move from a value to blank travel; else the other side keeps its value.
    """

    hubspot: str
    target: str
    type: FieldType = FieldType.TEXT
    label: str = ""
    direction: Direction = Direction.BOTH
    overwrite: Overwrite = Overwrite.ALWAYS
    transform: str = ""
    arguments: tuple[tuple[str, str], ...] = ()
    required: bool = False
    clears: bool = False
    conflict: ConflictPolicy | None = None
    privacy: Privacy = Privacy.PERSONAL


class IncompleteGroup(enum.StrEnum):
    """What an incomplete group does to its record."""

    FAIL = "fail"
    QUARANTINE = "quarantine"


@dataclass(frozen=True, slots=True)
class FieldGroup:
    """Fields that travel together or not at all (an address). Names are target field names.

    As soon as one of `members` has a value, all of `needed` must have one.
    A write that changes one member sends every member that has a value.
    """

    key: str
    label: str
    members: tuple[str, ...]
    needed: tuple[str, ...]
    incomplete: IncompleteGroup = IncompleteGroup.QUARANTINE
