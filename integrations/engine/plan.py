"""A plan is data: every decision of a slice with its counts, before any write. Writes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from integrations.engine.config import Breaker
from integrations.engine.merges import Relink
from integrations.engine.pairs import Action, Decision, Pair, Unmet
from integrations.engine.reasons import Reason
from integrations.engine.records import Side

if TYPE_CHECKING:
    from integrations.engine.ports import Hint

EMPTIED_FLOOR: Final = 10
"""From this many linked records in one slice on, all of them missing is an emptied source."""


@dataclass(frozen=True, slots=True)
class PlanItem:
    """One pair, what is to be done with it, the hints that asked for it, what it points to."""

    pair: Pair
    decision: Decision
    hints: tuple[Hint, ...] = ()
    unmet: tuple[Unmet, ...] = ()

    @property
    def touches_link(self) -> bool:
        """Tell whether it would write to a record that is linked already."""
        return self.decision.is_write and self.decision.action is not Action.CREATE


@dataclass(frozen=True, slots=True)
class Plan:
    """All decisions of one slice. `unsafe` is the breaker's sentence, "" when it may run.

    `writes` counts records to write per side.
    """

    items: tuple[PlanItem, ...] = ()
    relinks: tuple[Relink, ...] = ()
    unsafe: str = ""
    actions: Counter[Action] = field(default_factory=Counter)
    reasons: Counter[Reason] = field(default_factory=Counter)
    writes: Counter[Side] = field(default_factory=Counter)

    @property
    def changed_links(self) -> int:
        """Return how many linked records it would write to or archive; creates do not count."""
        return sum(item.touches_link for item in self.items)


def build_plan(
    items: Sequence[PlanItem],
    relinks: Sequence[Relink],
    breaker: Breaker,
    linked_total: int = 0,
    changed_before: int = 0,
) -> Plan:
    """Count the decisions and ask the breaker.

    `linked_total` is the sync's number of live links, 0 to leave the breaker out (single records
    that a webhook or a person asked for). `changed_before` is what the same run's earlier slices
    changed.
    """
    unsafe = danger(items, breaker, linked_total, changed_before) if linked_total else ""
    return Plan(
        tuple(items),
        tuple(relinks),
        unsafe,
        Counter(item.decision.action for item in items),
        Counter(item.decision.reason for item in items),
        Counter(side for item in items for side in item.decision.patches),
    )


def danger(
    items: Sequence[PlanItem], breaker: Breaker, linked_total: int, changed_before: int = 0
) -> str:
    """Return why the items are unsafe to carry out, or ""."""
    changed = changed_before + sum(item.touches_link for item in items)
    if linked_total > breaker.floor and changed > breaker.max_share * linked_total:
        return (
            f"it would change {changed} of {linked_total} linked records, "
            f"more than {breaker.max_share:.0%}."
        )
    linked = [item.pair for item in items if item.pair.is_linked]
    for side in Side:
        missing = sum(pair.record(side) is None for pair in linked)
        if missing >= EMPTIED_FLOOR and missing == len(linked):
            return f"all {missing} linked records seem to be gone from {side.value}."
    return ""
