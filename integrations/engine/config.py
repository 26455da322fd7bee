"""One published, immutable configuration of an object sync. Its stored form is in `stored.py`."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

from integrations.engine.filters import Filter
from integrations.engine.mapping import ConflictPolicy, FieldGroup, FieldRule
from integrations.engine.records import Side


class ExitRule(enum.StrEnum):
    """What happens to a linked record that no longer meets the filter."""

    FREEZE = "freeze"
    KEEP_SYNCING = "keep_syncing"
    UNLINK = "unlink"


class DeletePolicy(enum.StrEnum):
    """What a confirmed deletion on one side does to the other side."""

    KEEP = "keep"
    ARCHIVE = "archive"
    HOLD = "hold"


class MergePolicy(enum.StrEnum):
    """What happens to the extra target record when two linked HubSpot records were merged."""

    KEEP = "keep"
    HOLD = "hold"
    ARCHIVE = "archive"


@dataclass(frozen=True, slots=True)
class Trigger:
    """The sync starts only when `field` becomes `value`, not on any change of the record."""

    field: str
    value: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class MatchKey:
    """Two records with the same non-empty value in these fields are the same thing."""

    hubspot: str
    target: str


@dataclass(frozen=True, slots=True)
class SideObject:
    """What one side of the pair is and can do (a slice of the connector's `ObjectSpec`).

    `readable` False: the system can be written but not read back (RXNT); its values count as
    unreadable and its base is what it accepted. `upsert_key` is the template of our own unique
    key, formatted with `id` (the other side's id), or "" where the system has none.
    `always_send` names fields that every write must carry. `born_with` are the fields (name, text)
    that a record made here gets besides what is mapped; `joins` names those of them that are
    memberships, into which records that were there before are put as well (`joining.py`).
    """

    object_type: str
    can_create: bool = True
    can_update: bool = True
    can_archive: bool = False
    readable: bool = True
    upsert_key: str = ""
    always_send: tuple[str, ...] = ()
    born_with: tuple[tuple[str, str], ...] = ()
    joins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Breaker:
    """Limits of a plan: share of linked records changed, above a floor of linked records."""

    max_share: float = 0.30
    floor: int = 50


@dataclass(frozen=True, slots=True)
class SyncConfig:
    """Everything `decide` needs besides the records. `version` names the published version.

    The filters of the sides in `creation_only` are asked about new pairs only. `hubspot_first`:
    what both sides get is written to HubSpot first, and to the target only if HubSpot took it.
    Nothing is written to the sides in `closed` for now: what would be written there waits for what
    is named in `closed_by`.
    """

    hubspot: SideObject
    target: SideObject
    rules: tuple[FieldRule, ...]
    groups: tuple[FieldGroup, ...] = ()
    match_keys: tuple[MatchKey, ...] = ()
    filters: tuple[tuple[Side, Filter], ...] = ()
    trigger: Trigger | None = None
    exit_rule: ExitRule = ExitRule.FREEZE
    conflict: ConflictPolicy = ConflictPolicy.HOLD
    on_hubspot_delete: DeletePolicy = DeletePolicy.KEEP
    on_target_delete: DeletePolicy = DeletePolicy.KEEP
    merge: MergePolicy = MergePolicy.HOLD
    create_in: tuple[Side, ...] = (Side.TARGET,)
    grace_seconds: int = 300
    breaker: Breaker = field(default_factory=Breaker)
    version: int = 0
    creation_only: tuple[Side, ...] = ()
    hubspot_first: bool = False
    closed: tuple[Side, ...] = ()
    closed_by: str = ""

    def side(self, side: Side) -> SideObject:
        """Return the description of one side."""
        return self.hubspot if side is Side.HUBSPOT else self.target

    def fields(self, side: Side) -> tuple[str, ...]:
        """Return every field to read on one side: mapped, filtered on, matched by, triggering."""
        names = [rule.hubspot if side is Side.HUBSPOT else rule.target for rule in self.rules]
        names += [key.hubspot if side is Side.HUBSPOT else key.target for key in self.match_keys]
        wanted = self.filter_for(side)
        names += [condition.field for group in wanted.groups for condition in group]
        if self.trigger and side is Side.HUBSPOT:
            names.append(self.trigger.field)
        return tuple(dict.fromkeys(names))

    def filter_for(self, side: Side) -> Filter:
        """Return the filter that records coming from `side` must pass."""
        return dict(self.filters).get(side, Filter())
