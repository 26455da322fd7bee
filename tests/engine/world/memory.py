"""A ledger and hint store in memory: only what was committed survives a crash. For tests only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from integrations.engine.errors import LeaseLost
from integrations.engine.merges import Relink
from integrations.engine.pairs import Base, IntentState, Link, LinkState, OpenIntent
from integrations.engine.ports import Hint, NewIntent, Settlement
from integrations.engine.reasons import Reason
from integrations.engine.records import Side
from tests.engine.world.parts import Faults

ENDED = (LinkState.GONE, LinkState.SUPERSEDED)


@dataclass
class StoredIntent:
    """One intent with its state and the fence it was planned under."""

    open: OpenIntent
    link: int
    fence: int
    state: IntentState = IntentState.PLANNED


@dataclass
class StoredHint:
    """A hint that waits; `due` is the second from which on it may be taken."""

    hint: Hint
    due: float = 0.0


class Store:
    """Everything that is committed."""

    def __init__(self) -> None:
        self.links: dict[int, Link] = {}
        self.aliases: dict[tuple[Side, str], int] = {}
        self.intents: dict[int, StoredIntent] = {}
        self.hints: dict[int, StoredHint] = {}
        self.last: dict[int, Settlement] = {}
        self.outcomes: list[tuple[Hint, Reason]] = []
        self.fence = 0
        self.siblings: dict[str, Store] = {}
        self._number = 0

    def number(self) -> int:
        """Return the next free number."""
        self._number += 1
        return self._number

    def raise_hint(self, hint: Hint, due: float = 0.0) -> None:
        """Store a hint, or merge it into the one that waits for the same record."""
        for key, old in self.hints.items():
            if (old.hint.side, old.hint.record_id) == (hint.side, hint.record_id):
                merged = replace(
                    old.hint,
                    fired=old.hint.fired or hint.fired,
                    primary_id=hint.primary_id or old.hint.primary_id,
                    version=old.hint.version + 1,
                )
                self.hints[key] = StoredHint(merged, min(old.due, due))
                return
        key = self.number()
        self.hints[key] = StoredHint(replace(hint, key=key, version=1), due)

    def lease(self) -> MemoryLedger:
        """Hand the lane to a new worker: the old one's planned intents are unknown from now on."""
        self.fence += 1
        return MemoryLedger(self, self.fence)

    def state(self) -> object:
        """Return a comparable copy of everything, to prove that nothing was written."""
        intents = {key: (i.state, i.link) for key, i in self.intents.items()}
        return (dict(self.links), dict(self.aliases), intents, len(self.outcomes))


class MemoryLedger:
    """Implements `Ledger` for one holder of the lane."""

    faults: Faults | None = None
    now: float = 0.0

    def __init__(self, store: Store, fence: int) -> None:
        self.store, self.fence = store, fence
        self.refs: dict[str, int] = {}
        self.new_keys: dict[tuple[str, str], int] = {}

    def links(self, side: Side, ids: Sequence[str]) -> Mapping[str, Link]:
        """Return links by any id."""
        found = {i: self.store.aliases[side, i] for i in ids if (side, i) in self.store.aliases}
        return {i: self._with_intents(self.store.links[key]) for i, key in found.items()}

    def parents(self, key: str, side: Side, ids: Sequence[str]) -> Mapping[str, Link] | None:
        """Return links of another store of the same world, if there is one."""
        sibling = self.store.siblings.get(key)
        return MemoryLedger(sibling, 0).links(side, ids) if sibling else None

    def relink(self, relinks: Sequence[Relink]) -> None:
        """Apply merges."""
        self._begin()
        for relink in relinks:
            for old in relink.superseded:
                gone = replace(self.store.links[old.key], state=LinkState.SUPERSEDED)
                self.store.links[old.key] = gone
                for place, key in list(self.store.aliases.items()):
                    if key == old.key and place[0] is Side.HUBSPOT:
                        self.store.aliases[place] = relink.kept.key
                for intent in self.store.intents.values():
                    if intent.link == old.key:
                        intent.link = relink.kept.key
            kept = self.store.links[relink.kept.key]
            self._put(replace(kept, hubspot_id=relink.new_id, generation=kept.generation + 1))
            for old_id in relink.old_ids:
                self.store.aliases[Side.HUBSPOT, old_id] = kept.key
        self._commit()

    def open_intents(self, items: Sequence[NewIntent]) -> Mapping[str, int]:
        """Commit intents."""
        self._begin()
        keys = {}
        self.refs = {}
        for item in items:
            link = item.link.key or self._key_of(item.link)
            if not link:
                link = self.store.number()
                self.new_keys[item.link.hubspot_id, item.link.target_id] = link
                self._put(replace(item.link, key=link, base=Base(), unresolved=()))
            key = self.store.number()
            known = OpenIntent(key, item.side, item.action, item.external_key, item.fields)
            self.store.intents[key] = StoredIntent(known, link, self.fence)
            keys[item.ref] = key
            self.refs[item.ref] = link
        self._commit()
        return keys

    def settle(self, items: Sequence[Settlement]) -> None:
        """Store outcomes."""
        self._begin()
        for item in items:
            self._settle(item)
        self._commit()

    def _settle(self, item: Settlement) -> None:
        key = item.link.key or self._key_of(item.link) or self.store.number()
        old = self.store.links.get(key)
        link = Link(
            key,
            item.state,
            item.hubspot_id,
            item.target_id,
            item.external_key,
            item.base if item.base is not None else (old.base if old else Base()),
            old.generation if old else 0,
            item.missing_since,
            refused=item.refused,
        )
        self._put(link)
        self.store.last[key] = item
        for write in item.writes:
            self.store.intents[write.intent].state = write.state
        for intent, state in item.resolved:
            self.store.intents[intent].state = state
        for hint in item.hints:
            self._answer(hint, item)

    def _answer(self, hint: Hint, item: Settlement) -> None:
        if hint.key:
            stored = self.store.hints[hint.key]
            assert not stored.hint.version < hint.version
            if item.retry_after is not None:
                stored.due = self.now + item.retry_after
            elif stored.hint.version == hint.version:
                del self.store.hints[hint.key]
        elif item.retry_after is not None:
            self.store.raise_hint(hint, self.now + item.retry_after)
        if item.retry_after is None:
            self.store.outcomes.append((hint, item.reason))

    def _put(self, link: Link) -> None:
        self.store.links[link.key] = link
        if link.state is LinkState.SUPERSEDED:
            return
        for side in Side:
            if record_id := link.id_of(side):
                self._absorb(link, side, record_id)
                self.store.aliases[side, record_id] = link.key

    def _absorb(self, link: Link, side: Side, record_id: str) -> None:
        """End a one-sided link whose record is part of this pair now; never a live pair."""
        rival = self.store.links.get(self.store.aliases.get((side, record_id), 0))
        if rival is None or rival.key == link.key or rival.state in ENDED:
            return
        if rival.id_of(side) == record_id:
            assert not rival.id_of(side.other), f"{record_id} would belong to two live pairs"
            self.store.links[rival.key] = replace(rival, state=LinkState.SUPERSEDED)

    def _key_of(self, link: Link) -> int:
        return self.new_keys.get((link.hubspot_id, link.target_id), 0)

    def _with_intents(self, link: Link) -> Link:
        intents = (
            stored.open
            for stored in self.store.intents.values()
            if stored.link == link.key
            if stored.state is IntentState.UNKNOWN
            or (stored.state is IntentState.PLANNED and stored.fence < self.fence)
        )
        return replace(link, unresolved=tuple(intents))

    def _begin(self) -> None:
        if self.fence != self.store.fence:
            raise LeaseLost("Somebody else holds the lane.")
        if self.faults:
            self.faults.crash()

    def _commit(self) -> None:
        if self.faults:
            self.faults.crash()


def due_hints(store: Store, now: float, limit: int) -> list[Hint]:
    """Return the hints that are due, up to a slice."""
    return [s.hint for s in store.hints.values() if s.due <= now][:limit]


def live_links(store: Store) -> Iterable[Link]:
    """Return every link that is not ended."""
    return (link for link in store.links.values() if link.state not in ENDED)
