"""Links, pairs and decisions as data. What follows from what is in `decide.py`."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from integrations.engine.mapping import FieldNote
from integrations.engine.reasons import Reason
from integrations.engine.records import Record, Side, Value

REMARKS: Final = frozenset(
    {Reason.FIELD_EMPTY, Reason.PARENT_NOT_SYNCED, Reason.VALUE_KEPT, Reason.WAITING_FOR_PARENT}
)
"""Notes that say something about a field without holding it back."""


class Action(enum.StrEnum):
    """What is done with a pair. It touches a system if it has patches or archives."""

    CREATE = "create"
    UPDATE = "update"
    ARCHIVE = "archive"
    LINK = "link"
    SETTLE = "settle"
    NOTHING = "nothing"
    EXCLUDE = "exclude"
    FREEZE = "freeze"
    UNLINK = "unlink"
    HOLD = "hold"
    FAIL = "fail"
    WAIT = "wait"
    GONE = "gone"


class LinkState(enum.StrEnum):
    """The states of a link; every known record is in exactly one."""

    PENDING = "pending"
    LINKED = "linked"
    EXCLUDED = "excluded"
    HELD = "held"
    FAILING = "failing"
    FROZEN = "frozen"
    GONE = "gone"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class Base:
    """Per side: field name to keyed digest of the value at the last agreement."""

    hubspot: Mapping[str, str] = field(default_factory=dict)
    target: Mapping[str, str] = field(default_factory=dict)

    def of(self, side: Side) -> Mapping[str, str]:
        """Return one side's digests."""
        return self.hubspot if side is Side.HUBSPOT else self.target


class IntentState(enum.StrEnum):
    """`PLANNED` is committed before the call; after a crash it counts as `UNKNOWN`."""

    PLANNED = "planned"
    CONFIRMED = "confirmed"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class OpenIntent:
    """A write of an earlier attempt whose end is not known. `key` is the ledger's id.

    `fields` are the names that were sent; empty means that every field is in doubt.
    """

    key: int
    side: Side
    action: Action
    external_key: str = ""
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person decided about a field that both sides changed: whose value counts.

    It holds only for the values the person saw: `seen` are their digests, HubSpot's first.
    """

    side: Side
    seen: tuple[str, str]


class Verdict(enum.StrEnum):
    """What a person decided about the record that is left after a deletion on the other side."""

    ARCHIVE = "archive"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a system refused, as a digest, and what it said: the same is not sent again."""

    digest: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Unmet:
    """A record that a pair points to and that is no pair itself.

    `reference` is the key of its object sync. `waits`: it is still to be decided; `known`: it has
    a link already. `field` (HubSpot and target name) is set where the record is all that a field
    for one record points to and may become a pair: nothing is to be concluded from that field yet.
    """

    reference: str
    side: Side
    record_id: str
    label: str = ""
    waits: bool = False
    known: bool = False
    field: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """The engine's view of a stored link. `key` is the ledger's id; 0 means not stored yet.

    `external_key` is our own unique key in the target (it survives HubSpot merges).
    `missing_since` is the epoch second at which a side was first found missing, else 0. `choices`
    are a person's decisions by field (HubSpot and target name), `refused` what was not taken (see
    `refusals.py`). `reason` is that of the last outcome, `verdict` a person's about a deletion; it
    counts only as `decided`.
    """

    key: int
    state: LinkState = LinkState.PENDING
    hubspot_id: str = ""
    target_id: str = ""
    external_key: str = ""
    base: Base = field(default_factory=Base)
    generation: int = 0
    missing_since: float = 0.0
    unresolved: tuple[OpenIntent, ...] = ()
    choices: Mapping[tuple[str, str], Choice] = field(default_factory=dict)
    refused: Mapping[str, Refusal] = field(default_factory=dict)
    reason: Reason | None = None
    verdict: Verdict | None = None

    @property
    def is_held_deletion(self) -> bool:
        """Tell whether one side was deleted and a person has to say what becomes of the other."""
        return self.state is LinkState.HELD and self.reason is Reason.DELETE_HELD

    @property
    def decided(self) -> Verdict | None:
        """What a person said about the deletion that is held now; about another it says nothing."""
        return self.verdict if self.is_held_deletion else None

    @property
    def is_erased(self) -> bool:
        """Tell whether it is what is left of a person who was erased: nothing revives it."""
        return self.state is LinkState.GONE and self.reason is Reason.ERASED

    def id_of(self, side: Side) -> str:
        """Return the id on one side, "" when there is none."""
        return self.hubspot_id if side is Side.HUBSPOT else self.target_id


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do with a pair and why.

    `patches` maps a side to the fields to write there (typed values, target spelling of names).
    `state` is the link's state once the decision is carried out.
    `notes` hold quarantined, conflicting and otherwise remarkable fields.
    `evidence` is `detail` with the personal value that was seen, for the person who asks just now:
    it is stored nowhere.
    """

    action: Action
    reason: Reason
    state: LinkState
    detail: str = ""
    patches: Mapping[Side, Mapping[str, Value]] = field(default_factory=dict)
    notes: tuple[FieldNote, ...] = ()
    evidence: str = ""

    @property
    def is_write(self) -> bool:
        """Tell whether carrying it out touches a system."""
        return bool(self.patches) or self.action is Action.ARCHIVE

    @property
    def wants_another_look(self) -> bool:
        """Tell whether it could not be made for good: its turn is yet to come, or a field hid."""
        unseen = any(note.reason is Reason.FIELD_UNSEEN for note in self.notes)
        return unseen or self.reason is Reason.PENDING

    @property
    def open_fields(self) -> frozenset[tuple[str, str]]:
        """Return the fields kept back (HubSpot and target name): they keep their base."""
        held = (note for note in self.notes if note.reason not in REMARKS or note.keeps_open)
        return frozenset((note.hubspot, note.target) for note in held)


@dataclass(frozen=True, slots=True)
class Pair:
    """Both records as read, and the link. A side that does not exist or was not found is None."""

    link: Link
    hubspot: Record | None = None
    target: Record | None = None

    def record(self, side: Side) -> Record | None:
        """Return one side's record."""
        return self.hubspot if side is Side.HUBSPOT else self.target

    def lives(self, side: Side) -> bool:
        """Tell whether one side's record was read and is not archived."""
        record = self.record(side)
        return record is not None and not record.archived

    @property
    def is_linked(self) -> bool:
        """Tell whether both ids are known."""
        return bool(self.link.hubspot_id and self.link.target_id)
