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
from integrations.engine.specs import FieldSpec


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
