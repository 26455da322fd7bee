"""What people are told about a table of stages: what is assigned, and what several share."""

from __future__ import annotations

from dataclasses import dataclass

from integrations.engine.specs import TableSpec
from integrations.models import TableEntry
from integrations.services.stage_making import Making


@dataclass(frozen=True, slots=True)
class Shared:
    """A stage of the target that several stages of HubSpot mean; the first is the way back."""

    target: str
    stages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """A table as it stands. `making` says what the target has and what has to be done there.

    `entries` whose stage is gone on a side are marked so; `modes` tells whether there is a choice.
    """

    spec: TableSpec
    entries: tuple[TableEntry, ...]
    making: Making
    mode: str
    has_modes: bool
    is_joined: bool

    @property
    def unmapped(self) -> int:
        """How many stages of HubSpot mean nothing in the target: their records wait for one."""
        live = (row for row in self.entries if not row.hubspot_gone)
        return sum(not row.target_value or row.target_gone for row in live) if self.is_joined else 0

    @property
    def shared(self) -> tuple[Shared, ...]:
        """Where several stages are one in the target: which of them returns depends."""
        found: dict[str, list[TableEntry]] = {}
        for row in self.entries:
            if row.target_value and not (row.target_gone or row.hubspot_gone):
                found.setdefault(row.target_value, []).append(row)
        return tuple(
            Shared(
                rows[0].target_label or target,
                tuple(row.hubspot_label or row.hubspot_value for row in rows),
            )
            for target, rows in found.items()
            if len(rows) > 1
        )
