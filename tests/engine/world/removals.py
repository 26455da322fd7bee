"""Rules of the engine that the world test takes away, to show that it notices. For tests only."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from unittest.mock import patch

from integrations.engine import reading, reconcile
from integrations.engine.merges import Relink
from integrations.engine.reading import Work
from integrations.engine.records import Side
from integrations.engine.settling import Settler
from integrations.engine.writing import Job, Writer
from tests.engine.world.world import World


@contextmanager
def look_before_create() -> Iterator[None]:
    """Create without looking for a record that may exist already."""

    def blind(works: Sequence[Work], *_: object) -> tuple[list[Work], list[Relink]]:
        return list(works), []

    with patch.object(reconcile, "look", blind):
        yield


@contextmanager
def base_from_what_was_stored() -> Iterator[None]:
    """Remember what was sent instead of what the answer says was stored."""
    note = Writer._note

    def remember_sent(self: Writer, job: Job, side: Side, *rest: object) -> None:
        note(self, job, side, *rest)  # type: ignore[arg-type]
        if side in job.stored:
            job.stored[side] = dict(job.item.decision.patches.get(side, {}))

    with patch.object(Writer, "_note", remember_sent):
        yield


@contextmanager
def merges_first() -> Iterator[None]:
    """Decide without relinking what was merged."""
    with patch.object(reading, "_merges", lambda *_: []):
        yield


@contextmanager
def cursor_kept_on_failure() -> Iterator[None]:
    """Save the cursor before its page is settled."""
    with patch.object(World, "early_cursor", True):
        yield


@contextmanager
def base_at_all() -> Iterator[None]:
    """Keep no base: each side is compared with the other side."""
    with patch.object(Settler, "_base", lambda *_: None):
        yield


REMOVALS: dict[str, Callable] = {
    "look before create": look_before_create,
    "base from what was stored": base_from_what_was_stored,
    "merges first": merges_first,
    "cursor kept on failure": cursor_kept_on_failure,
    "base at all": base_at_all,
}
