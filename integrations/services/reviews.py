"""Held decisions that wait for a person: opened and closed as links are settled."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from integrations.engine.pairs import LinkState
from integrations.models import ObjectSync, Review


@dataclass(frozen=True, slots=True)
class Turn:
    """A link whose state or reason has just changed."""

    link_id: int
    was: str
    state: str
    reason: str
    detail: str


def follow(object_sync: ObjectSync, turns: Iterable[Turn], now: datetime) -> None:
    """Close what resolved itself and open what is held now; in the caller's transaction."""
    turns = list(turns)
    left = [turn.link_id for turn in turns if turn.was == LinkState.HELD]
    if left:
        Review.objects.filter(link__in=left, closed_at=None).update(closed_at=now)
    held = [turn for turn in turns if turn.state == LinkState.HELD]
    Review.objects.bulk_create(
        (
            Review(
                tenant_id=object_sync.tenant_id,
                object_sync=object_sync,
                link_id=turn.link_id,
                reason=turn.reason,
                detail=turn.detail,
                opened_at=now,
            )
            for turn in held
        ),
        ignore_conflicts=True,
    )
