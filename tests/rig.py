"""What the contract suite needs of a connector: a `Rig` around its sandbox, and small readers.

No tests here, and nothing of one system.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from enum import Flag, auto
from typing import ClassVar

from integrations.connectors.sandbox_kit import Fault, FaultKind, Sandbox
from integrations.engine.errors import Scope, SyncError
from integrations.engine.ports import Connector, CreateItem, Outcome, UpdateItem
from integrations.engine.records import Mark, Record, Value, same

READ_FAULTS = {
    "a 500": Fault(FaultKind.STATUS, status=500),
    "a 503": Fault(FaultKind.STATUS, status=503),
    "a timeout": Fault(FaultKind.TIMEOUT),
    "an HTML body": Fault(FaultKind.HTML, status=200),
    "an HTML error page": Fault(FaultKind.HTML, status=502),
    "malformed JSON": Fault(FaultKind.MALFORMED),
}
WRITE_FAULTS = {name: fault for name, fault in READ_FAULTS.items() if name != "a timeout"}


class Can(Flag):
    """What a system can do; tests of anything else are skipped, saying so."""

    SCAN = auto()
    FETCH = auto()
    FIND = auto()
    CREATE = auto()
    UPDATE = auto()
    CLEAR = auto()
    ARCHIVE = auto()
    MERGE = auto()
    UPSERT = auto()
    """`create` with an `external_key` that exists updates that record."""
    PARTIAL = auto()
    """Several write calls are needed for several items, so a run of items can break off."""
    RENEW = auto()
    """It gives out tokens that expire and are renewed; else there is one key for good."""
    REFERENCE = auto()
    """`reference` is a field that holds ids of other records."""


Needs = Callable[[Can], None]
Inject = Callable[[Fault, str], None]


class Rig(ABC):
    """One connector over one fresh sandbox, and a look behind the connector's back."""

    can: ClassVar[Can]
    object_type: ClassVar[str]
    fields: ClassVar[tuple[str, ...]]
    """Fields to read."""
    patch: ClassVar[tuple[str, Value]]
    """A field that `good` fills, and another value for it."""
    other_field: ClassVar[str]
    """Another field that `good` fills and that may be cleared."""
    always_send: ClassVar[tuple[str, ...]] = ()
    """Fields that every update of this system carries."""
    find_field: ClassVar[str] = ""
    reference: ClassVar[str] = ""
    read_path: ClassVar[str] = ""
    """Regular expressions for the paths of reads and of writes of `object_type`."""
    write_path: ClassVar[str] = ""
    secrets: ClassVar[tuple[str, ...]]
    """Texts that must not appear in errors: passwords, tokens, personal values of `good`."""

    sandbox: Sandbox
    connector: Connector

    @abstractmethod
    def good(self, number: int) -> CreateItem:
        """Return an item the system accepts, `ref` str(number), different per number."""

    @abstractmethod
    def bad(self, number: int) -> CreateItem:
        """Return an item the system refuses, `ref` str(number)."""

    @abstractmethod
    def stored(self) -> Mapping[str, Mapping[str, Value]]:
        """Return what the sandbox holds: live record id to values in our spelling."""

    @abstractmethod
    def expire_tokens(self) -> None:
        """Let every token given out so far be refused from now on."""

    @abstractmethod
    def refuse_login(self) -> None:
        """Expire the tokens and refuse to give out new ones, for good."""

    @abstractmethod
    def logins(self) -> int:
        """Return how many times the sandbox was asked for tokens."""

    def referred(self, number: int) -> str:
        """Create a record that `reference` can name and return its id."""
        raise NotImplementedError

    def merge(self, winner: str, loser: str) -> str:
        """Merge two records and return the survivor's id."""
        raise NotImplementedError

    def find_value(self, item: CreateItem) -> str:
        """Return the value of `find_field` by which the item is found."""
        return str(item.values[self.find_field])

    def update_of(
        self, record_id: str, item: CreateItem, values: Mapping[str, Value]
    ) -> UpdateItem:
        """Return the update of a record that `item` created, as the engine would ask for it."""
        always = {name: item.values[name] for name in self.always_send}
        return UpdateItem(item.ref, record_id, {**always, **values}, item.external_key)

    def fill(self, count: int) -> dict[str, CreateItem]:
        """Create records through the connector; returns them by id."""
        items = [self.good(number) for number in range(1, count + 1)]
        outcomes = self.connector.create(self.object_type, items)
        return {record_of(outcome).id: item for outcome, item in zip(outcomes, items, strict=True)}

    def read(self) -> object:
        """Do one cheap read of records."""
        if Can.FETCH in self.can:
            return self.connector.fetch(self.object_type, ["1"], self.fields)
        return self.connector.find(self.object_type, self.find_field, ["none"], self.fields)


def record_of(outcome: Outcome) -> Record:
    """Return the stored record of an outcome that must have succeeded."""
    assert outcome.error is None, outcome.error
    assert outcome.record is not None
    return outcome.record


def errors_of(write: Callable[[], Sequence[Outcome]], count: int) -> list[SyncError | None]:
    """Return each item's error; a raised (sync-wide) error is the error of all of them."""
    try:
        outcomes = write()
    except SyncError as error:
        if error.scope is Scope.RECORD:
            raise
        return [error] * count
    assert len(outcomes) == count
    assert all((outcome.error is None) != (outcome.record is None) for outcome in outcomes)
    return [outcome.error for outcome in outcomes]


def only_error(write: Callable[[], Sequence[Outcome]]) -> SyncError:
    """Return the error of a write of one item that must fail."""
    [error] = errors_of(write, 1)
    assert error is not None
    return error


def agree(values: Mapping[str, Value], stored: Mapping[str, Value]) -> bool:
    """Tell whether every value is stored."""
    return all(same(value, stored.get(name, Mark.ABSENT)) for name, value in values.items())
