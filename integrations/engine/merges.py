"""What a HubSpot merge does to links: which link moves, which are superseded. Pure rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from integrations.engine.pairs import Link, LinkState
from integrations.engine.records import Record

Likeness = Callable[[Link, Record], int]
"""How much of what a survivor holds is what a link's pair last agreed on."""


@dataclass(frozen=True, slots=True)
class Relink:
    """`kept` now answers to `new_id`; every link in `superseded` ends.

    `kept` may already be stored under `new_id`. `old_ids` become aliases of `kept`.
    """

    kept: Link
    new_id: str
    old_ids: tuple[str, ...]
    superseded: tuple[Link, ...] = ()

    @property
    def result(self) -> Link:
        """Return the kept link as it is once this is applied: it inherits open intents."""
        inherited = (intent for link in self.superseded for intent in link.unresolved)
        return replace(
            self.kept,
            hubspot_id=self.new_id,
            generation=self.kept.generation + 1,
            missing_since=0.0,
            unresolved=(*self.kept.unresolved, *inherited),
        )


def suspects(found: Mapping[str, Record]) -> set[str]:
    """Return every id whose link must be known before merges can be judged.

    `found` maps the ids asked for to the records that answered.
    """
    ids: set[str] = set()
    for asked, record in found.items():
        if record.id != asked or record.merged_ids:
            ids.update((asked, record.id), record.merged_ids)
    return ids


def swallowed(found: Mapping[str, Record], links: Mapping[str, Link]) -> dict[str, str]:
    """Return the survivors into which an erased person was merged, with the id of that person."""
    erased = sorted(one for one, link in links.items() if link.is_erased)
    return {
        record.id: one
        for one in erased
        for asked, record in found.items()
        if one in (asked, record.id) or one in record.merged_ids
    }


def _alike(link: Link, survivor: Record) -> int:
    return 0


def relinks(
    found: Mapping[str, Record],
    links: Mapping[str, Link],
    primary: Mapping[str, str],
    likeness: Likeness = _alike,
) -> list[Relink]:
    """Return what must be relinked, one entry per surviving record.

    `links` holds the links of all `suspects` by id (aliases resolved). `primary` maps an id of
    the merge to the id that a merge notice called primary. The primary's link is kept if it is
    known, else the one whose pair last agreed on most of what the survivor holds (the primary's
    values win in HubSpot), else the oldest; a link that was never linked does not win over one that
    was.
    """
    families: dict[str, set[str]] = {}
    survivors = {record.id: record for record in found.values()}
    for asked, record in found.items():
        if record.id != asked or record.merged_ids:
            families.setdefault(record.id, {record.id}).update((asked, *record.merged_ids))
    made = (
        _relink(survivors[new_id], ids, links, primary, likeness)
        for new_id, ids in sorted(families.items())
    )
    return [relink for relink in made if relink is not None]


def _relink(
    survivor: Record,
    ids: set[str],
    links: Mapping[str, Link],
    primary: Mapping[str, str],
    likeness: Likeness,
) -> Relink | None:
    stored = {
        link.key: link
        for link in (links[i] for i in ids if i in links)
        if link.key and link.state is not LinkState.SUPERSEDED and not link.is_erased
    }
    erased = {i for i in ids if i in links and links[i].is_erased}
    new_id = survivor.id
    if not stored or new_id in erased:
        return None
    first = {primary[i] for i in ids if i in primary}
    kept = min(
        stored.values(),
        key=lambda link: (*_rank(link, links, first), -likeness(link, survivor), link.key),
    )
    others = tuple(link for link in stored.values() if link is not kept)
    old_ids = tuple(sorted(ids - erased - {new_id}))  # ids of an erased person stay a tombstone's
    resolved = all(i in links and links[i].key == kept.key for i in old_ids)
    if resolved and not others and kept.hubspot_id == new_id:
        return None
    return Relink(kept, new_id, old_ids, others)


def _rank(link: Link, links: Mapping[str, Link], first: Iterable[str]) -> tuple[int, bool]:
    """Order links: linked, then a create that may have happened, then the rest; primary first."""
    if link.target_id and link.state is not LinkState.GONE:
        weight = 0
    elif link.unresolved:
        weight = 1
    else:
        weight = 2 if link.target_id else 3
    is_primary = any(i in links and links[i].key == link.key for i in first)
    return weight, not is_primary
