"""The rules of fields as data: direction, overwrite mode, groups. Binding them is `mapping.py`."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from integrations.engine.reasons import Reason
from integrations.engine.records import ABSENT, BLANK, FieldType, Side, Value, is_value


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
    `reference` names the object sync whose pairs a REFERENCE field points to; a `single` one holds
    at most one. `back` is the overwrite mode in HubSpot where it differs from the target's.
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
    reference: str = ""
    back: Overwrite | None = None
    single: bool = False

    def mode(self, to: Side) -> Overwrite:
        """Return when a value may replace what side `to` holds."""
        return self.back or self.overwrite if to is Side.HUBSPOT else self.overwrite


class IncompleteGroup(enum.StrEnum):
    """What an incomplete group does to its record."""

    FAIL = "fail"
    QUARANTINE = "quarantine"


@dataclass(frozen=True, slots=True)
class FieldGroup:
    """Fields that travel together or not at all (an address). Names are target field names.

    As soon as one of `members` has a value, all of `needed` must have one; an empty one of
    `wanted` is only remarked on.
    A write that changes one member sends every member that has a value.
    """

    key: str
    label: str
    members: tuple[str, ...]
    needed: tuple[str, ...]
    incomplete: IncompleteGroup = IncompleteGroup.QUARANTINE
    wanted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FieldNote:
    """What happened to one field: for "why?", the preview and the audit entry.

    `keeps_open`: it is only remarked on, but not agreed on either.
    """

    hubspot: str
    target: str
    reason: Reason
    detail: str = ""
    keeps_open: bool = False


def overwritten(rule: FieldRule, to: Side, new: Value, old: Value, *, creating: bool) -> Value:
    """Return what to write so that the rule's overwrite mode is kept, or ABSENT for nothing.

    `old` is what the written side `to` holds. IF_EMPTY never touches an unknown value. APPEND adds
    the missing options of a multi-choice; for single values it means IF_EMPTY.
    """
    mode = rule.mode(to)
    if creating:
        return ABSENT if mode is Overwrite.NEVER or new is BLANK else new
    if mode in (Overwrite.NEVER, Overwrite.ON_CREATE):
        return ABSENT
    if mode is Overwrite.ALWAYS or (old is BLANK and is_value(new)):
        return new
    if mode is Overwrite.APPEND and isinstance(new, tuple) and isinstance(old, tuple):
        more = tuple(option for option in new if option not in old)
        return old + more if more else ABSENT
    return ABSENT
