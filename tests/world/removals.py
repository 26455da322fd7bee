"""Rules of the portal taken away one at a time, to see whether the histories notice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from integrations.engine import decide, looking, settling
from integrations.engine.pairs import Decision
from integrations.engine.references import References
from integrations.services import dependencies, ledger_sql


def no_memory_of_refusals(patch: pytest.MonkeyPatch) -> None:
    """Send refused data again with every pass."""

    def all_of_it(decision: Decision, *_rest: Any) -> Decision:
        return decision

    patch.setattr(decide, "withhold", all_of_it)


def no_look_before_create(patch: pytest.MonkeyPatch) -> None:
    """Create without searching for the record first."""
    patch.setattr(looking._Search, "by_match_keys", lambda *_: None)
    patch.setattr(looking._Search, "by_external_key", lambda *_: None)


def base_from_what_was_sent(patch: pytest.MonkeyPatch) -> None:
    """Agree on what was read before the write instead of what was stored."""
    real = settling.Settler._observed

    def before(self: settling.Settler, job: Any, side: Any) -> Any:
        stored, job.stored = job.stored, {}
        seen = real(self, job, side)
        job.stored = stored
        return seen

    patch.setattr(settling.Settler, "_observed", before)


def references_as_they_come(patch: pytest.MonkeyPatch) -> None:
    """Compare and write the ids of the other system."""
    patch.setattr(References, "around", lambda _self, connectors: connectors)
    patch.setattr(References, "read", lambda _self, _side, records: records)


def nobody_is_woken(patch: pytest.MonkeyPatch) -> None:
    """Let contacts wait for their companies for ever."""
    patch.setattr(dependencies, "wake", lambda *_: None)
    patch.setattr(dependencies, "remember", lambda *_: None)


def no_fence(patch: pytest.MonkeyPatch) -> None:
    """Let a worker that lost its lane go on writing."""
    patch.setattr(ledger_sql, "check_fence", lambda *_: None)


REMOVALS: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "memory of refusals": no_memory_of_refusals,
    "look before create": no_look_before_create,
    "base from what was stored": base_from_what_was_sent,
    "references as pairs": references_as_they_come,
    "waking of who waits": nobody_is_woken,
    "fence": no_fence,
}
