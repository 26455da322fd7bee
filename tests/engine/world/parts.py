"""What the fake systems are made of: faults, stored records, calls nobody makes. For tests only."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from integrations.engine.ports import AccountInfo, Ensured
from integrations.engine.records import Page, Value
from integrations.engine.specs import FieldSpec, GroupSpec

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
LAG = 20
"""Seconds by which `changes` trails: no cursor may come nearer to the present."""


class Crash(Exception):
    """The worker dies here."""


@dataclass
class Faults:
    """Decides what goes wrong; nothing while `share` is 0."""

    rng: random.Random
    share: float = 0.0

    def strikes(self, weight: float = 1.0) -> bool:
        """Tell whether something goes wrong now."""
        return self.share > 0 and self.rng.random() < self.share * weight

    def crash(self) -> None:
        """Die, perhaps."""
        if self.strikes():
            raise Crash


@dataclass
class Stored:
    """One record as the system holds it. `made_for` is the link that had it created."""

    id: str
    values: dict[str, Value]
    modified: int
    archived: bool = False
    merged_ids: frozenset[str] = frozenset()
    made_for: int = 0
    external_key: str = ""
    ever_blank: set[str] = field(default_factory=set)


class NotAsked:
    """The calls of `Connector` that the engine never makes."""

    @property
    def calls(self) -> int:
        """Refuse."""
        raise NotImplementedError

    def check(self) -> AccountInfo:
        """Refuse."""
        raise NotImplementedError

    def describe(self, object_type: str) -> Sequence[FieldSpec]:
        """Refuse."""
        raise NotImplementedError

    def scan(self, object_type: str, cursor: str, fields: Sequence[str]) -> Page:
        """Refuse."""
        raise NotImplementedError

    def changes_since(self, object_type: str, since: datetime) -> str:
        """Refuse."""
        raise NotImplementedError

    def ensure_field(
        self, object_type: str, spec: FieldSpec, group: GroupSpec | None = None
    ) -> Ensured:
        """Refuse."""
        raise NotImplementedError
