"""What only some systems can do: optional protocols of connectors, and what their hooks bring.

Services ask `isinstance(connector, Counting)` on the connector itself. What the flow of every
system needs is in `ports.py`.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable

from integrations.engine.errors import SyncError
from integrations.engine.filters import Filter
from integrations.engine.ports import CreateItem, Event
from integrations.engine.records import Page, Value
from integrations.engine.specs import FieldSpec, Option


@runtime_checkable
class Counting(Protocol):
    """A system that can say how many live records there are; for people, never for decisions."""

    def count(self, object_type: str, wanted: Filter | None = None) -> int | None:
        """Return how many live records pass a filter; None where the filter cannot be pushed."""
        ...


@runtime_checkable
class Selecting(Protocol):
    """A system whose search understands some filters exactly as `filters.passes` does."""

    def selects(self, object_type: str, wanted: Filter) -> bool:
        """Tell whether every condition means the same in the system's search."""
        ...

    def select(self, object_type: str, wanted: Filter, cursor: str, fields: Sequence[str]) -> Page:
        """Return one page of records that pass, by id; hints about ids, not data to decide on."""
        ...


@dataclass(frozen=True, slots=True)
class PastValue:
    """What a field held from `at` (UTC) on, and who or what set it (words for people)."""

    value: Value
    at: datetime
    source: str = ""


@runtime_checkable
class Remembering(Protocol):
    """A system that keeps what its fields held before."""

    def history(
        self, object_type: str, record_id: str, names: Sequence[str]
    ) -> Mapping[str, Sequence[PastValue]]:
        """Return each field's values, newest first; fields without a history are left out."""
        ...


@runtime_checkable
class Publishing(Protocol):
    """A system that wants to be told what became of its records."""

    def publish(self, event: str, payload: Mapping[str, object]) -> str:
        """Send one event; returns the system's id of the message. Raises a SyncError."""
        ...


@runtime_checkable
class FieldMaking(Protocol):
    """A system in which we can add fields and then know them by a name of the system's choice."""

    def make_field(self, object_type: str, spec: FieldSpec, origin: str) -> FieldSpec:
        """Create a field like `spec`, or return the one made earlier for the property `origin`.

        May be repeated at any time. Raises ConfigInvalid for a type the system does not have.
        """
        ...


@runtime_checkable
class Foreseeing(Protocol):
    """A system that can tell of some records, without a call, that it would refuse them."""

    def refusal(self, object_type: str, item: CreateItem) -> SyncError | None:
        """Return the error with which creating a record would end before any call, or None."""
        ...


@runtime_checkable
class Choosing(Protocol):
    """A system whose live lists are choices of settings ("employees", "groups")."""

    def choices(self, name: str) -> Sequence[Option]:
        """Return the entries of one list as they are now; raises KeyError for an unknown one."""
        ...


@dataclass(frozen=True, slots=True)
class Person:
    """A user of a system, or a HubSpot owner, whose id records can hold as their owner.

    `hubspot_id` is the HubSpot owner id that the system keeps with a user, "" for none.
    """

    id: str
    name: str = ""
    email: str = ""
    active: bool = True
    hubspot_id: str = ""


@runtime_checkable
class Staffed(Protocol):
    """A system whose records have owners."""

    def people(self) -> Sequence[Person]:
        """Return everybody who may own records, those who have left included."""
        ...


@runtime_checkable
class Marking(Protocol):
    """A system that keeps HubSpot's owner id with its users."""

    def mark_people(self, marks: Mapping[str, str]) -> Mapping[str, SyncError | None]:
        """Write HubSpot owner ids by user id; return by user id what went wrong, None if nothing.

        To be asked only once `prepare` has found the field for them.
        """
        ...


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of a deal's way. `board` groups stages (a pipeline, a view); `order` sorts them.

    `seen_only`: the system cannot list its stages; this one was only seen at a record.
    """

    id: str
    label: str
    board: str = ""
    order: int = 0
    chance: int | None = None
    seen_only: bool = False


@runtime_checkable
class Staging(Protocol):
    """A system whose stages can be listed, and perhaps made."""

    def stages(self) -> Sequence[Stage]:
        """Return every stage that is known."""
        ...

    def make_stages(self, board: str, wanted: Sequence[Stage]) -> Sequence[Stage]:
        """Make the stages that `board` lacks by label, and the board; return all of the board.

        Raises ConfigInvalid, with the steps to do by hand, where the system cannot.
        """
        ...


@runtime_checkable
class OptionMaking(Protocol):
    """A system in which options can be added to a picklist."""

    def add_options(
        self, object_type: str, field_name: str, options: Sequence[Option]
    ) -> Sequence[Option]:
        """Add the options whose value is missing and return those; none is ever removed.

        Raises ConfigInvalid, with the steps to do by hand, where the system cannot.
        """
        ...


@runtime_checkable
class Relating(Protocol):
    """A system that can list what a record is associated with, by whatever label."""

    def related(self, object_type: str, record_id: str, other: str) -> Sequence[str]:
        """Return the ids of the records of type `other` that belong to a record, once each."""
        ...


@dataclass(frozen=True, slots=True)
class Referrer:
    """A record that points to another one by a lookup field, mapped or not."""

    object_type: str
    id: str
    field: str


@runtime_checkable
class Repointing(Protocol):
    """A system in which everything that points to a record can be found and pointed elsewhere."""

    def referrers(self, object_type: str, record_id: str) -> Sequence[Referrer]:
        """Return every live record that points to this one."""
        ...

    def repoint(
        self, found: Sequence[Referrer], to: str
    ) -> Sequence[tuple[Referrer, SyncError | None]]:
        """Let each point to `to` instead; may be repeated. Says of each what went wrong."""
        ...


class StepState(enum.StrEnum):
    """How one step of the preparation ended."""

    FOUND = "found"
    MADE = "made"
    BY_HAND = "by_hand"
    """A person has to do it; `Step.detail` says how."""
    REMARK = "remark"
    """Nothing is missing, but a person may want to do or know something."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that an integration needs in the target: what, how it ended, what to do."""

    key: str
    label: str
    state: StepState
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Prepared:
    """What `prepare` found: the steps, and the values of the derived settings."""

    steps: tuple[Step, ...]
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_ready(self) -> bool:
        """Tell whether nothing is left for a person to do."""
        return all(step.state is not StepState.BY_HAND for step in self.steps)


@runtime_checkable
class Preparing(Protocol):
    """A system in which fields, groups or the like must exist before anything is synced."""

    def prepare(
        self, settings: Mapping[str, str], lists: Mapping[str, Sequence[Option]]
    ) -> Prepared:
        """Find what is needed, or make it; may be repeated at any time and removes nothing.

        `lists` are the options of the HubSpot fields that the spec's `prepare_from` names.
        """
        ...


class InstallKind(enum.StrEnum):
    """What happened to our app in the other system."""

    INSTALLED = "installed"
    CHANGED = "changed"
    UNINSTALLED = "uninstalled"


@dataclass(frozen=True, slots=True)
class Installation:
    """Our app was installed, changed or removed.

    `secrets` holds only credentials that are whole: blank and redacted ones are left out, so that
    they overwrite nothing.
    """

    kind: InstallKind
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Received:
    """What one call of a system's hook holds. `account_id` is "" where it does not say.

    `refused` are sentences about notices that make no sense. All empty: a probe of the address.
    """

    account_id: str = ""
    events: tuple[Event, ...] = ()
    installation: Installation | None = None
    refused: tuple[str, ...] = ()
