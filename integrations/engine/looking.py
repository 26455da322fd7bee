"""Look before create: find the record that may exist already. Creates and writes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from integrations.engine.config import MatchKey, SyncConfig
from integrations.engine.errors import MappingError
from integrations.engine.mapping import Mapper
from integrations.engine.merges import Relink
from integrations.engine.pairs import Action, IntentState, Link, LinkState, OpenIntent
from integrations.engine.ports import EXTERNAL_KEY
from integrations.engine.reading import Sources, Work
from integrations.engine.records import (
    ABSENT,
    UNREADABLE,
    Record,
    Side,
    Value,
    as_text,
    digest,
    is_value,
)


def look(
    works: Sequence[Work],
    seekers: Sequence[Work],
    sources: Sources,
    mapper: Mapper,
    key: bytes,
    now: datetime,
) -> tuple[list[Work], list[Relink]]:
    """Search the missing side of every seeker by our own key, then by the match keys.

    Returns the works that remain and the links that end because two works were one pair.
    """
    search = _Search(list(works), sources, mapper, key, now)
    for side in Side:
        for work in seekers:
            work.postponed = work.postponed or (_lacks(work, side) and _is_dim(work, side, sources))
        search.by_external_key([w for w in seekers if _lacks(w, side)], side)
        search.by_match_keys([w for w in seekers if _lacks(w, side)], side)
    return search.works, search.relinks


def external_key(config: SyncConfig, link: Link, source: Record, to: Side) -> str:
    """Return our own unique key of a record to be created on side `to`, "" where there is none."""
    template = config.side(to).upsert_key
    return (link.external_key or template.format(id=source.id)) if template else ""


def match_mark(config: SyncConfig, source: Record, side: Side, key: bytes) -> str:
    """Return a digest of the values a record is matched by, "" if it has none.

    It is kept with the intent of a create that has no unique key of ours: as long as the mark is
    the same, a search by these values proves whether the create happened.
    """
    names = [k.hubspot if side is Side.HUBSPOT else k.target for k in config.match_keys]
    values = tuple(as_text(source.get(name)) for name in names)
    return f"match:{digest(values, key)}" if any(values) else ""


def open_creates(work: Work, to: Side) -> list[OpenIntent]:
    """Return the creates on side `to` of which we do not know whether they happened."""
    return [i for i in work.link.unresolved if i.side is to and i.action is Action.CREATE]


def _is_paired(link: Link | None) -> bool:
    """Tell whether a record belongs to another live pair already."""
    ended = (LinkState.GONE, LinkState.SUPERSEDED)
    return link is not None and bool(link.hubspot_id and link.target_id) and link.state not in ended


def _lacks(work: Work, side: Side) -> bool:
    if (
        work.link.is_erased
        or work.candidates
        or work.postponed
        or side in work.records
        or work.link.id_of(side)
    ):
        return False
    return side.other in work.records


def _is_dim(work: Work, to: Side, sources: Sources) -> bool:
    """Tell whether an answer left out a field to match by: searching would prove nothing."""
    source = work.records[to.other]
    keys = sources.config.match_keys
    return any(
        source.get(key.hubspot if to is Side.TARGET else key.target) is ABSENT for key in keys
    )


class _Search:
    """The state of one look: remaining works, ended links, and what was claimed in this slice."""

    def __init__(
        self, works: list[Work], sources: Sources, mapper: Mapper, key: bytes, now: datetime
    ) -> None:
        self.works = works
        self.relinks: list[Relink] = []
        self.sources = sources
        self.key = key
        self.now = now
        self._bound = {(b.rule.hubspot, b.rule.target): b for b in mapper.rules}

    def by_external_key(self, works: Sequence[Work], to: Side) -> None:
        """Search by our own key: for merged records and for creates with a lost answer."""
        template = self.sources.config.side(to).upsert_key
        keys: dict[Work, list[str]] = {}
        for work in works if template else ():
            source = work.records[to.other]
            more = [template.format(id=merged) for merged in sorted(source.merged_ids)]
            more += [i.external_key for i in open_creates(work, to) if i.external_key]
            if more:
                own = external_key(self.sources.config, work.link, source, to)
                keys[work] = list(dict.fromkeys([own, *more]))
        if not keys:
            return
        found = self._find(to, EXTERNAL_KEY, [k for mine in keys.values() for k in mine])
        owners = self.sources.links(to, (r.id for records in found.values() for r in records))
        for work, mine in keys.items():
            hits = [key for key in mine if found.get(key)]
            if len(hits) > 1 and hits[0] != mine[0]:
                work.candidates = tuple(hits)
            elif hits:
                work.link = replace(work.link, external_key=hits[0])
                self._take(work, to, found[hits[0]][0], owners)
            else:
                failed = ((intent.key, IntentState.FAILED) for intent in open_creates(work, to))
                work.failed_creates += tuple(failed)

    def by_match_keys(self, works: Sequence[Work], to: Side) -> None:
        """Search by the match keys; one free match is adopted, anything else is ambiguous."""
        wanted = self._wanted(works, to)
        hits = self._hits(works, wanted, to)
        owners = self.sources.links(to, (i for mine in hits.values() for i in mine))
        only = {
            work: next(iter(mine.values()))
            for work, mine in hits.items()
            if len(mine) == 1 and not open_creates(work, to)
        }
        rivals = self._rivals(only, to)
        for work, mine in hits.items():
            if not mine:
                self._judge_open_creates(work, to)
            elif len(mine) > 1:
                work.candidates = tuple(sorted(mine))
            elif rivals.get(work):
                work.candidates = tuple(sorted(rivals[work] | {work.records[to.other].id}))
            else:
                self._take(work, to, next(iter(mine.values())), owners)
        for by_value in wanted.values():
            for seekers in by_value.values():
                new = [w for w in seekers if w in hits and not hits[w] and not w.unresolved]
                for later in new[1:]:
                    later.postponed = True

    def _hits(
        self, works: Sequence[Work], wanted: Mapping[str, Mapping[str, Sequence[Work]]], to: Side
    ) -> dict[Work, dict[str, Record]]:
        """Return the live records by id that each seeker matches."""
        hits: dict[Work, dict[str, Record]] = {work: {} for work in works}
        for name, by_value in wanted.items():
            found = self._find(to, name, list(by_value))
            for value, seekers in by_value.items():
                for work in seekers:
                    hits[work].update((r.id, r) for r in found.get(value, ()) if not r.archived)
        return hits

    def _rivals(self, only: Mapping[Work, Record], to: Side) -> dict[Work, set[str]]:
        """Return who else, of the seekers' own side, the only match would be the match of."""
        rivals: dict[Work, set[str]] = {}
        own = to.other
        for match in self.sources.config.match_keys:
            theirs, ours = match.target, match.hubspot
            if to is Side.HUBSPOT:
                theirs, ours = ours, theirs
            by_value: dict[str, list[Work]] = {}
            for work, record in only.items():
                value = self._spelled(match, record.get(theirs), own)
                if is_value(value):
                    by_value.setdefault(as_text(value), []).append(work)
            found = self._find(own, ours, list(by_value))
            for value, works in by_value.items():
                for work in works:
                    mine = work.records[own]
                    others = {r.id for r in found.get(value, ()) if not r.archived} - {mine.id}
                    rivals.setdefault(work, set()).update(others - mine.merged_ids)
        linked = self.sources.links(own, (one for ids in rivals.values() for one in ids))
        return {
            work: {i for i in ids if not _is_paired(linked.get(i))} for work, ids in rivals.items()
        }

    def _spelled(self, match: MatchKey, value: Value, to: Side) -> Value:
        """Return a value in the spelling of side `to`, ABSENT where it has none there."""
        bound = self._bound.get((match.hubspot, match.target))
        if bound is None or to not in bound.ways:
            return value
        try:
            return bound.translate(value, to, self.now)
        except MappingError:
            return ABSENT

    def _wanted(self, works: Sequence[Work], to: Side) -> dict[str, dict[str, list[Work]]]:
        """Return who looks for which value of which field of side `to`."""
        wanted: dict[str, dict[str, list[Work]]] = {}
        for match in self.sources.config.match_keys:
            ours, theirs = match.hubspot, match.target
            if to is Side.HUBSPOT:
                ours, theirs = theirs, ours
            for work in works:
                value = self._spelled(match, work.records[to.other].get(ours), to)
                if is_value(value):
                    wanted.setdefault(theirs, {}).setdefault(as_text(value), []).append(work)
        return wanted

    def _find(self, to: Side, name: str, values: list[str]) -> Mapping[str, Sequence[Record]]:
        kind = self.sources.config.side(to).object_type
        connector = self.sources.connectors[to]
        return connector.find(kind, name, values, self.sources.fields[to]) if values else {}

    def _take(self, work: Work, to: Side, record: Record, owners: Mapping[str, Link]) -> None:
        """Make a found record the work's other side, unless it belongs to another pair."""
        if self._is_taken(work, to, record.id, owners):
            work.candidates = (record.id,)
            return
        self._join(work, to, record.id, owners)
        if not self.sources.config.side(to).readable:
            record = Record(record.id, dict.fromkeys(self.sources.fields[to], UNREADABLE))
        work.records[to] = record
        work.matched = True
        if to is Side.HUBSPOT:
            work.link = replace(work.link, hubspot_id=record.id)
        else:
            work.link = replace(work.link, target_id=record.id)

    def _is_taken(self, work: Work, to: Side, found_id: str, owners: Mapping[str, Link]) -> bool:
        """Tell whether a match is already linked with another record, stored or in this slice."""
        owner = owners.get(found_id)
        if owner is not None and owner.is_erased:
            return True
        if owner is not None and owner.key != work.link.key and owner.id_of(to.other):
            return owner.state not in (LinkState.GONE, LinkState.SUPERSEDED)
        return any(
            other is not work and other.link.id_of(to) == found_id and other.pair.is_linked
            for other in self.works
        )

    def _join(self, work: Work, to: Side, found_id: str, owners: Mapping[str, Link]) -> None:
        """End the one-sided link (and the work) that the found record has had so far."""
        for other in [w for w in self.works if w is not work and w.link.id_of(to) == found_id]:
            work.hints += other.hints
            self.works.remove(other)
        owner = owners.get(found_id)
        if owner is None or owner.key == work.link.key or owner.id_of(to.other):
            return
        hubspot_id = owner.hubspot_id or work.link.hubspot_id
        if work.link.key:
            relink = Relink(work.link, hubspot_id, (), (owner,))
            self.relinks.append(relink)
            work.link = relink.result
        else:
            work.link = replace(
                owner, hubspot_id=hubspot_id, target_id=owner.target_id or work.link.target_id
            )

    def _judge_open_creates(self, work: Work, to: Side) -> None:
        """Say what an empty search proves about creates that have no unique key of ours."""
        if self.sources.config.side(to).upsert_key:
            return
        source = work.records[to.other]
        mark = match_mark(self.sources.config, source, to.other, self.key)
        for intent in open_creates(work, to):
            if mark and intent.external_key == mark:
                work.failed_creates += ((intent.key, IntentState.FAILED),)
            else:
                work.unresolved = True
