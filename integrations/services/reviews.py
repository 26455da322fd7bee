"""Held decisions that wait for a person: opened and closed as links are settled."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from integrations.engine.pairs import LinkState
from integrations.models import ObjectSync, Review


@dataclass(frozen=True, slots=True)
class Turn:
    """A link whose state or reason has just changed.

    `in_vain`: it is held as before, but what a person decided could not be carried out.
    """

    link_id: int
    was: str
    state: str
    reason: str
    detail: str
    fields: Sequence[tuple[str, str]] = ()
    in_vain: bool = False


def follow(object_sync: ObjectSync, turns: Iterable[Turn], now: datetime) -> None:
    """Close what resolved itself and open what is held now; in the caller's transaction."""
    turns = list(turns)
    held = {turn.link_id: turn for turn in turns if turn.state == LinkState.HELD}
    before = [turn.link_id for turn in turns if turn.was == LinkState.HELD]
    known = Review.objects.filter(link__in=before, closed_at=None) if before else ()
    over, changed = [], []
    for review in known:
        turn = held.get(review.link_id or 0)
        if turn is None or turn.reason != review.reason:
            over.append(review.pk)
            continue
        del held[turn.link_id]
        review.detail, review.fields = turn.detail, _listed(turn)
        review.closed_by_id = None if turn.in_vain else review.closed_by_id
        changed.append(review)
    if over:
        Review.objects.filter(pk__in=over).update(closed_at=now)
    if changed:
        Review.objects.bulk_update(changed, ("detail", "fields", "closed_by"))
    Review.objects.bulk_create(
        (
            Review(
                tenant_id=object_sync.tenant_id,
                object_sync=object_sync,
                link_id=turn.link_id,
                reason=turn.reason,
                detail=turn.detail,
                fields=_listed(turn),
                opened_at=now,
            )
            for turn in held.values()
        ),
        ignore_conflicts=True,
    )


def close(link_ids: Sequence[int], now: datetime) -> None:
    """Close what is open about links that ended, in the caller's transaction."""
    if link_ids:
        Review.objects.filter(link__in=link_ids, closed_at=None).update(closed_at=now)


def _listed(turn: Turn) -> list[list[str]]:
    return [list(names) for names in turn.fields]
