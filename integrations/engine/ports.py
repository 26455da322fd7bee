"""What the engine needs from outside: the connector and ledger protocols and their data.

Only shapes; no behaviour. A newcomer reads this file first. What a connector declares about its
system is in `specs.py`.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

from integrations.engine.errors import SyncError
from integrations.engine.incoming import Event as Event
from integrations.engine.incoming import EventKind as EventKind
from integrations.engine.incoming import Hint as Hint
from integrations.engine.incoming import Priority as Priority
from integrations.engine.merges import Relink
from integrations.engine.pairs import (
    Action,
    Base,
    Decision,
    IntentState,
    Link,
    LinkState,
    Refusal,
    Unmet,
)
from integrations.engine.reasons import Reason
from integrations.engine.records import Page, Record, Side, Value
from integrations.engine.specs import FieldSpec, GroupSpec

EXTERNAL_KEY: Final = "@external_key"
"""The field name by which `find` is asked for our own unique key (`SideObject.upsert_key`)."""


@dataclass(frozen=True, slots=True)
class CreateItem:
    """A record to create. `ref` comes back in the Outcome; `external_key` is our unique key."""

    ref: str
    values: Mapping[str, Value]
    external_key: str = ""


@dataclass(frozen=True, slots=True)
class UpdateItem:
    """A patch of one record: only changed, allowed fields (and what must always be sent)."""

    ref: str
    id: str
    values: Mapping[str, Value]
    external_key: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result for one item: the record as stored, or the error. Exactly one of them is set.

    `ReplyLost` as error: it may have happened. Any other error: it did not happen.
    """

    ref: str
    record: Record | None = None
    error: SyncError | None = None


@dataclass(frozen=True, slots=True)
class AccountInfo:
    """Who we are connected to. `ui_host` is where record links lead; `warnings` are for people."""

    account_id: str
    name: str = ""
    ui_host: str = ""
    time_zone: str = ""
    warnings: tuple[str, ...] = ()


class Ensured(enum.StrEnum):
    """What `ensure_field` found."""

    CREATED = "created"
    REUSED = "reused"


class Connector(Protocol):
    """One system, in batches. Every method may raise a `SyncError` of scope sync or wider.

    Record-level failures are returned per item, never raised. A connector that meets a sync-wide
    error in the middle of its items returns that error for every item it did not attempt.
    """

    @property
    def calls(self) -> int:
        """How many requests this object has sent to its system so far."""
        ...

    def check(self) -> AccountInfo:
        """Prove that the credentials work. Raises AuthFailed or MissingScope."""
        ...

    def describe(self, object_type: str) -> Sequence[FieldSpec]:
        """Return the live field list."""
        ...

    def scan(self, object_type: str, cursor: str, fields: Sequence[str]) -> Page:
        """Return one page of all live records (strongly consistent); "" starts."""
        ...

    def changes(self, object_type: str, cursor: str, fields: Sequence[str]) -> Page:
        """Return one page of records changed since the cursor, oldest first, repeats allowed."""
        ...

    def changes_since(self, object_type: str, since: datetime) -> str:
        """Return the cursor with which `changes` starts at an instant of the source's clock."""
        ...

    def fetch(
        self, object_type: str, ids: Sequence[str], fields: Sequence[str]
    ) -> Mapping[str, Record]:
        """Return current records by the id asked for, old (merged) ids included.

        `record.id` differs from the id asked for after a merge; archived records come with
        `archived` True; ids that no record answers to are left out.
        """
        ...

    def find(
        self,
        object_type: str,
        field_name: str,
        values: Sequence[str],
        fields: Sequence[str],
    ) -> Mapping[str, Sequence[Record]]:
        """Return all live records whose field equals a value, by a strongly consistent read.

        `field_name` EXTERNAL_KEY asks for records that were upserted with these external keys.
        """
        ...

    def create(self, object_type: str, items: Sequence[CreateItem]) -> Sequence[Outcome]:
        """Create (or upsert by `external_key` where the system can)."""
        ...

    def update(self, object_type: str, items: Sequence[UpdateItem]) -> Sequence[Outcome]:
        """Patch records."""
        ...

    def archive(self, object_type: str, ids: Sequence[str]) -> Sequence[Outcome]:
        """Archive records; `ref` of each outcome is the id."""
        ...

    def ensure_field(
        self, object_type: str, spec: FieldSpec, group: GroupSpec | None = None
    ) -> Ensured:
        """Create the field (and its group) unless it exists. Raises ConfigInvalid on a clash."""
        ...


@dataclass(frozen=True, slots=True)
class NewIntent:
    """A write about to be made. `fields` are names only.

    `external_key` is our own key, else the id written to, else a digest of the match values.
    """

    ref: str
    link: Link
    side: Side
    action: Action
    fields: tuple[str, ...]
    external_key: str = ""


@dataclass(frozen=True, slots=True)
class WriteResult:
    """How one intent ended. `before` and `after` are the changed fields' values on that side.

    `intent` is the ledger's id; `seconds` the share of the call's duration.
    """

    intent: int
    side: Side
    action: Action
    state: IntentState
    before: Mapping[str, Value] = field(default_factory=dict)
    after: Mapping[str, Value] = field(default_factory=dict)
    error: SyncError | None = None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Settlement:
    """Everything one pair's outcome changes, stored in one transaction.

    `base` None keeps the stored base. `retry_after` None: the hints are done; else they are due
    again after so many seconds (0: as soon as the retry ladder of the sync allows).
    `hubspot_id`, `target_id` and `external_key` are what the link holds from now on ("" is none).
    `hints` are all hints this outcome answers. `label` is for mails, never for logs. `unmet` are
    the records it points to that are no pairs: it is looked at again when they are. `refused` is
    what no system takes from it now.
    """

    link: Link
    decision: Decision
    state: LinkState
    reason: Reason
    hints: tuple[Hint, ...]
    detail: str = ""
    hubspot_id: str = ""
    target_id: str = ""
    external_key: str = ""
    base: Base | None = None
    missing_since: float = 0.0
    writes: tuple[WriteResult, ...] = ()
    resolved: tuple[tuple[int, IntentState], ...] = ()
    error: SyncError | None = None
    retry_after: float | None = None
    label: str = ""
    unmet: tuple[Unmet, ...] = ()
    refused: Mapping[str, Refusal] = field(default_factory=dict)


class Ledger(Protocol):
    """The durable memory. Every method that writes checks the fence: LeaseLost."""

    def links(self, side: Side, ids: Sequence[str]) -> Mapping[str, Link]:
        """Return links by any id ever seen on that side (aliases included)."""
        ...

    def parents(self, key: str, side: Side, ids: Sequence[str]) -> Mapping[str, Link] | None:
        """Return links of another object sync of the integration; None while it is not in use."""
        ...

    def relink(self, relinks: Sequence[Relink]) -> None:
        """Apply merges in one transaction: aliases, generation, intents, superseded links."""
        ...

    def open_intents(self, items: Sequence[NewIntent]) -> Mapping[str, int]:
        """Commit intents before their calls; returns ref to the ledger's id.

        A link with key 0 is stored first (state pending), so that the intent survives a crash.
        """
        ...

    def settle(self, items: Sequence[Settlement]) -> None:
        """Store links, bases, intents, audit entries and hint outcomes in one transaction."""
        ...
