"""What a history needs to know of a target system. No system in particular, no tests."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Mapping
from random import Random
from typing import TYPE_CHECKING, ClassVar

import pytest

from integrations.connectors.sandbox_kit import Sandbox
from integrations.engine.config import SyncConfig
from integrations.engine.records import Side
from integrations.models import Integration, ObjectSync, RecordLink, RunKind
from tests.services.stage import PORTAL, Stage

if TYPE_CHECKING:
    from tests.world.people import People
    from tests.world.town import Town

Act = tuple[str, int, Callable[[], object]]
"""What somebody does: a name, how often compared with others, the deed."""
Edit = Callable[[], Callable[[], bool]]
"""Changes one record in one system and returns what tells whether the change has arrived."""
CALM = ("created", "updated", "linked", "settled", "in_step", "relinked")


class Place(ABC):
    """One target system beside Acme's HubSpot.

    `keys` are its object syncs, parents first; `heard` maps HubSpot's object types to properties
    whose changes are announced; `hosts` are the addresses at which the stand-in answers.
    """

    system: ClassVar[str]
    keys: ClassVar[tuple[str, ...]]
    heard: ClassVar[Mapping[str, tuple[str, ...]]]
    hosts: ClassVar[tuple[str, ...]]
    refusals: ClassVar[tuple[type[Exception], ...]] = ()
    busy: ClassVar[int] = 1
    """How many things people do at a time."""
    kinds: ClassVar[tuple[RunKind, ...]] = (
        RunKind.INCREMENTAL,
        RunKind.SETTLED,
        RunKind.RECONCILE,
        RunKind.BACKFILL,
    )
    reads: ClassVar[str] = ""
    """Paths that change nothing although they are not read with GET: a regular expression."""
    stage: Stage

    @property
    @abstractmethod
    def sandbox(self) -> Sandbox:
        """Return the stand-in."""

    def draw(self, rng: Random) -> None:  # noqa: B027 - most know one version only
        """Choose at random which version of the system it is."""

    @abstractmethod
    def connect(self) -> Integration:
        """Connect it and do what has to be done before anything can be published."""

    @abstractmethod
    def acts(self, people: People) -> Iterable[Act]:
        """Return what its users, and HubSpot's, do."""

    @abstractmethod
    def ids(self, target_object: str) -> Collection[str]:
        """Return the ids of its live records."""

    @abstractmethod
    def edits(self, town: Town) -> list[Edit]:
        """Return one edit per system of a record that is in step, each with its check."""

    @abstractmethod
    def check_doubles(self) -> None:
        """Check that nothing was made twice in it."""

    def vary(self, config: SyncConfig, key: str, rng: Random) -> SyncConfig:
        """Return a random variation of what a history publishes."""
        return config

    def mount(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let the stand-ins answer."""
        self.stage.mount(monkeypatch)

    def hear(self, town: Town, *, all_of_them: bool) -> None:  # noqa: B027 - most send none
        """Let its own notices arrive."""

    def check(  # noqa: B027 - the general rules are enough for most
        self, town: Town, row: ObjectSync, links: list[RecordLink]
    ) -> None:
        """Check what must hold of one object sync besides the general rules."""

    def live_ids(self, row: ObjectSync) -> dict[Side, Collection[str]]:
        """Return the ids of both systems' live records."""
        return {
            Side.HUBSPOT: self.hubspot_ids(row.hubspot_object),
            Side.TARGET: self.ids(row.target_object),
        }

    def hubspot_ids(self, kind: str) -> list[str]:
        """Return the ids of HubSpot's live records, sorted."""
        return [str(one) for one in sorted(self.stage.people[PORTAL].state.stores[kind].live)]

    def merged_ids(self, kind: str) -> set[str]:
        """Return the ids of HubSpot records that were merged away."""
        return {str(one) for one in self.stage.people[PORTAL].state.stores[kind].aliases}


def in_step(row: ObjectSync) -> RecordLink | None:
    """Return a pair that agrees in every field."""
    found = RecordLink.objects.filter(object_sync=row, state="linked", reason__in=CALM)
    return found.exclude(detail__gt="").order_by("id").first() or found.order_by("id").first()
