"""What a HubSpot merge does to links: which link moves, which are superseded. Pure data and rules."""

from __future__ import annotations

from dataclasses import dataclass

from integrations.engine.decide import Link


@dataclass(frozen=True, slots=True)
class Relink:
    """`kept` now answers to `new_id`; every link in `superseded` ends.

    `kept` may already be stored under `new_id`. `old_ids` become aliases of `kept`.
    """

    kept: Link
    new_id: str
    old_ids: tuple[str, ...]
    superseded: tuple[Link, ...] = ()
