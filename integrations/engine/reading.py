"""The reading half of the flow: from hints to pairs with both records. Writes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from integrations.engine.config import SyncConfig
from integrations.engine.merges import Relink, relinks, suspects, swallowed
from integrations.engine.pairs import IntentState, Link, Pair
from integrations.engine.ports import Connector, Hint, Ledger
from integrations.engine.records import UNREADABLE, Record, Side, digest

Records = Mapping[str, Record]
NO_RECORDS: Final[Records] = {}


@dataclass(slots=True, eq=False)
class Work:
    """One pair while it is being read: link, hints, records, and what the search found.

    `candidates`, `matched` and `unresolved` are what `decide.Context` says of them. A `postponed`
    work waits for another of its slice. `failed_creates` are open intents that reading proved not
    to have happened.
    """

    link: Link
    hints: list[Hint] = field(default_factory=list)
    records: dict[Side, Record] = field(default_factory=dict)
    candidates: tuple[str, ...] = ()
    matched: bool = False
    unresolved: bool = False
    postponed: bool = False
    failed_creates: tuple[tuple[int, IntentState], ...] = ()

    @property
    def pair(self) -> Pair:
        """Return the pair as `decide` takes it."""
        return Pair(self.link, self.records.get(Side.HUBSPOT), self.records.get(Side.TARGET))

    def absorb(self, other: Work) -> None:
        """Take over the hints and records of a work on the same pair."""
        self.hints += other.hints
        self.records = {**other.records, **self.records}


@dataclass(frozen=True, slots=True)
class Sources:
    """Where records and links come from during one call."""

    config: SyncConfig
    connectors: Mapping[Side, Connector]
    ledger: Ledger
    preread: Mapping[Side, Records]
    fields: Mapping[Side, tuple[str, ...]]
    key: bytes = b""

    def fetch(self, side: Side, ids: Iterable[str]) -> dict[str, Record]:
        """Return records by the id asked for, from the pages read before where possible."""
        known = self.preread.get(side, NO_RECORDS)
        found = {asked: known[asked] for asked in ids if asked in known}
        missing = sorted(asked for asked in set(ids) if asked not in known)
        if missing:
            kind = self.config.side(side).object_type
            found.update(self.connectors[side].fetch(kind, missing, self.fields[side]))
        return found

    def links(self, side: Side, ids: Iterable[str]) -> Mapping[str, Link]:
        """Return the stored links of some ids."""
        wanted = sorted(set(ids))
        return self.ledger.links(side, wanted) if wanted else {}

    def likeness(self, link: Link, survivor: Record) -> int:
        """Count the fields in which a survivor holds what a link's pair last agreed on.

        One that records are matched by outweighs all others: it is often unique in the target.
        """
        base = link.base.hubspot
        matched = {match.hubspot for match in self.config.match_keys}
        return sum(
            len(base) + 1 if name in matched else 1
            for name, known in base.items()
            if digest(survivor.get(name), self.key) == known
        )


def read(hints: Sequence[Hint], sources: Sources) -> tuple[list[Work], list[Relink]]:
    """Turn hints into works, one per pair, with both records read and merges seen through."""
    works = _works(hints, sources)
    found = sources.fetch(
        Side.HUBSPOT, [work.link.hubspot_id for work in works if work.link.hubspot_id]
    )
    links = sources.links(Side.HUBSPOT, suspects(found))
    moved = _merges(hints, found, links, sources)
    works = _fold(works, moved, found)
    _read_targets(works, sources)
    _hold_back(works, swallowed(found, links))
    return works, moved


def _works(hints: Sequence[Hint], sources: Sources) -> list[Work]:
    """Make one work per link, or per id where there is no link yet."""
    works: dict[tuple[str, str], Work] = {}
    for side in Side:
        mine = [hint for hint in hints if hint.side is side]
        links = sources.links(side, (hint.record_id for hint in mine))
        for hint in mine:
            link = links.get(hint.record_id) or _new_link(side, hint.record_id)
            place = ("link", str(link.key)) if link.key else (side.value, hint.record_id)
            works.setdefault(place, Work(link)).hints.append(hint)
    return list(works.values())


def _new_link(side: Side, record_id: str) -> Link:
    if side is Side.HUBSPOT:
        return Link(0, hubspot_id=record_id)
    return Link(0, target_id=record_id)


def _hold_back(works: Sequence[Work], erased: Mapping[str, str]) -> None:
    """Let a person decide about a record into which an erased one was merged: it may hold it all.

    Otherwise the erased person would come back under another name.
    """
    for work in works:
        record = work.records.get(Side.HUBSPOT)
        if record is not None and record.id in erased and not work.link.is_erased:
            work.candidates = (f"{erased[record.id]} (an erased person)",)


def _merges(
    hints: Sequence[Hint], found: Records, links: Mapping[str, Link], sources: Sources
) -> list[Relink]:
    """Return the merges that show in what was read (an old id answers with another one)."""
    primary = {
        name: hint.primary_id
        for hint in hints
        if hint.primary_id and hint.side is Side.HUBSPOT
        for name in (hint.record_id, hint.primary_id)
    }
    return relinks(found, links, primary, sources.likeness)


def _fold(works: Sequence[Work], moved: Sequence[Relink], found: Records) -> list[Work]:
    """Give every work its HubSpot record and the link that is kept; join works of one record."""
    kept = {link.key: relink for relink in moved for link in (relink.kept, *relink.superseded)}
    by_id = {relink.new_id: relink for relink in moved}
    folded: dict[tuple[str, str], Work] = {}
    for work in works:
        record = found.get(work.link.hubspot_id)
        relink = kept.get(work.link.key) or (by_id.get(record.id) if record else None)
        if relink is not None:
            work.link = relink.result
        elif record is not None and record.id != work.link.hubspot_id:
            work.link = replace(work.link, hubspot_id=record.id)
        if record is not None:
            work.records[Side.HUBSPOT] = record
        place = ("link", str(work.link.key)) if work.link.key else ("id", _only_id(work.link))
        if place in folded:
            folded[place].absorb(work)
        else:
            folded[place] = work
    return list(folded.values())


def _only_id(link: Link) -> str:
    return f"h{link.hubspot_id}" if link.hubspot_id else f"t{link.target_id}"


def _read_targets(works: Sequence[Work], sources: Sources) -> None:
    """Read the target side, or stand in for one that cannot be read."""
    linked = [work for work in works if work.link.target_id]
    if not sources.config.target.readable:
        unreadable = dict.fromkeys(sources.fields[Side.TARGET], UNREADABLE)
        for work in linked:
            work.records[Side.TARGET] = Record(work.link.target_id, unreadable)
        return
    found = sources.fetch(Side.TARGET, [work.link.target_id for work in linked])
    moved = {r.id for asked, r in found.items() if r.id != asked}
    owners = sources.links(Side.TARGET, moved)
    for work in linked:
        record = found.get(work.link.target_id)
        if record is None:
            continue
        owner = owners.get(record.id)
        if owner is not None and owner.key != work.link.key:
            work.candidates = (record.id,)
        elif record.id != work.link.target_id:
            work.link = replace(work.link, target_id=record.id)
        work.records[Side.TARGET] = record
