"""All that an object sync knows a person by: links and ids, through merges. Changes nothing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import Q

from integrations.engine.records import Side
from integrations.models import Alias, Merge, MergeState, ObjectSync, RecordLink


@dataclass(frozen=True, slots=True)
class Trace:
    """All that one object sync knows a person by: links (merged ones too) and ids."""

    object_sync: ObjectSync
    links: Sequence[RecordLink]
    hubspot_ids: frozenset[str]
    target_ids: frozenset[str]

    @property
    def keys(self) -> list[int]:
        """The links' numbers."""
        return [link.pk for link in self.links]

    def either(self, hubspot: str, target: str) -> Q:
        """Return the condition that one of two columns holds one of the ids."""
        mine = Q(**{f"{hubspot}__in": self.hubspot_ids})
        return mine | Q(**{f"{target}__in": self.target_ids})


def follow(row: ObjectSync, ids: Collection[str], keys: Collection[int]) -> Trace:
    """Follow merges until nothing new turns up: all their ids are one person's."""
    known, found = set(keys), set(ids)
    while True:
        found |= aliases(known, Side.HUBSPOT)
        links = RecordLink.objects.filter(object_sync=row)
        mine = set(links.filter(hubspot_id__in=found).values_list("pk", flat=True))
        mine |= set(
            Alias.objects.filter(
                object_sync=row, side=Side.HUBSPOT, record_id__in=found
            ).values_list("link", flat=True)
        )
        merged = Merge.objects.filter(kept__in=known | mine).exclude(state=MergeState.UNDONE)
        mine |= set(merged.values_list("loser", flat=True))
        if mine <= known:
            break
        known |= mine
    target_ids = aliases(known, Side.TARGET)
    absorbed = links.filter(hubspot_id="", target_id__in=target_ids)
    rows = list(links.filter(Q(pk__in=known) | Q(pk__in=absorbed.values("pk"))).order_by("pk"))
    target_ids |= {link.target_id for link in rows}
    found |= {link.hubspot_id for link in rows}
    return Trace(row, rows, frozenset(found - {""}), frozenset(target_ids - {""}))


def aliases(keys: Collection[int], side: Side) -> set[str]:
    """Return every id that was ever seen for some links on one side."""
    rows = Alias.objects.filter(link__in=keys, side=side)
    return set(rows.values_list("record_id", flat=True))
