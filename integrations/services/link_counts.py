"""How many links there are per state and reason. Counted from the index, for a while if many."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final
from uuid import UUID

from django.core.cache import cache
from django.db.models import Count

from integrations.models import RecordLink

MANY: Final = 50_000
"""From so many links on counting takes long enough to be felt (1,000,000: about half a second)."""
KEEP_SECONDS: Final = 15
"""How long the counts of many links are good enough for a page."""

Counts = Mapping[tuple[str, str], int]
"""Links by state and reason."""


def of(object_sync_ids: Iterable[UUID]) -> dict[UUID, Counts]:
    """Return the counts of each object sync, all that have to be counted in one query."""
    wanted = list(object_sync_ids)
    kept = cache.get_many([_place(key) for key in wanted])
    counted = _count([key for key in wanted if _place(key) not in kept])
    return {key: kept.get(_place(key)) or counted.get(key, {}) for key in wanted}


def _count(object_sync_ids: list[UUID]) -> dict[UUID, Counts]:
    found: dict[UUID, dict[tuple[str, str], int]] = defaultdict(dict)
    if object_sync_ids:
        rows = RecordLink.objects.filter(object_sync__in=object_sync_ids).order_by()
        lines = rows.values_list("object_sync", "state", "reason").annotate(count=Count("*"))
        for key, state, reason, count in lines:
            found[key][state, reason] = count
    many = {_place(key): counts for key, counts in found.items() if sum(counts.values()) >= MANY}
    cache.set_many(many, KEEP_SECONDS)
    return dict(found)


def _place(object_sync_id: UUID) -> str:
    """Return the cache key; the id of an object sync belongs to one tenant."""
    return f"link-counts:{object_sync_id}"
