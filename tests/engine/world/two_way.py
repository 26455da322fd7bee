"""The two-way world: contacts and accounts, matched by e-mail, edited and merged on both sides."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping

from integrations.engine.config import (
    DeletePolicy,
    MatchKey,
    MergePolicy,
    SideObject,
    SyncConfig,
)
from integrations.engine.filters import Condition, Filter, Operator
from integrations.engine.mapping import BoundRule, ConflictPolicy, Direction, FieldRule
from integrations.engine.pairs import Link, LinkState
from integrations.engine.records import BLANK, FieldType, Side, Value, is_value, same
from tests.engine.world.memory import live_links
from tests.engine.world.parts import EPOCH, Faults
from tests.engine.world.systems import FakeSystem, Normal
from tests.engine.world.world import H, T, World

RULES = (
    FieldRule("email", "mail", transform="email"),
    FieldRule("name", "title", clears=True),
    FieldRule("phone", "tel", clears=True),
    FieldRule("note", "memo", clears=True),
    FieldRule("tags", "labels", FieldType.MULTI_CHOICE, clears=True),
    FieldRule(
        "stage",
        "phase",
        FieldType.CHOICE,
        transform="value_map",
        arguments=(("hot", "1"), ("cold", "2")),
    ),
    FieldRule("owner", "owner", direction=Direction.TO_TARGET, clears=True),
    FieldRule("score", "score", direction=Direction.TO_HUBSPOT, clears=True),
)
VALUES: dict[str, tuple[Value, ...]] = {
    "name": ("Ada", "Ben", "Cy", BLANK),
    "phone": ("+1 555-1", "5552", "(555) 3", BLANK),
    "note": ("short", "rather longer than that", "another long remark", BLANK),
    "tags": (("a",), ("b", "a"), ("c", "b"), BLANK),
    "stage": ("hot", "cold", "odd"),
    "owner": ("Mia", "Noa", "poison", BLANK),
}
TARGET_VALUES: dict[str, tuple[Value, ...]] = {
    "title": ("Dee", "Eve", "Flo", BLANK),
    "tel": ("5557", "5558", BLANK),
    "memo": ("brief", "memo", BLANK),
    "labels": (("d",), ("a", "d"), BLANK),
    "phase": ("1", "2"),
    "score": ("7", "8", BLANK),
}
NORMAL: dict[str, Normal] = {
    "tel": lambda value: re.sub(r"\D", "", str(value)),
    "memo": lambda value: str(value)[:8],
}


def config(rng: random.Random) -> SyncConfig:
    """Return a configuration with random policies."""
    return SyncConfig(
        hubspot=SideObject("contacts", can_archive=True, upsert_key="account_{id}"),
        target=SideObject("accounts", can_archive=True),
        rules=RULES,
        match_keys=(MatchKey("email", "mail"),),
        filters=((H, Filter(((Condition("kind", Operator.NOT_EQUALS, ("test",)),),))),),
        conflict=rng.choice((ConflictPolicy.HUBSPOT_WINS, ConflictPolicy.TARGET_WINS)),
        on_hubspot_delete=rng.choice((DeletePolicy.KEEP, DeletePolicy.ARCHIVE)),
        on_target_delete=rng.choice((DeletePolicy.KEEP, DeletePolicy.HOLD)),
        merge=rng.choice(tuple(MergePolicy)),
        create_in=(H, T),
        grace_seconds=60,
    )


class TwoWay(World):
    """Users edit on both sides; changes are polled, and some are announced."""

    def __init__(self, seed: int, share: float = 0.04) -> None:
        rng = random.Random(seed)  # noqa: S311 - histories, no secrets
        faults = Faults(rng, share)
        hubspot_names = (*(rule.hubspot for rule in RULES), "kind")
        hubspot = FakeSystem(H, hubspot_names, faults, unique="email", whole_answers=False)
        target = FakeSystem(T, [rule.target for rule in RULES], faults, normal=NORMAL)
        super().__init__(seed, config(rng), {H: hubspot, T: target}, faults)
        self.people = 0

    def user(self) -> None:
        """Create, edit, merge, delete or restore something."""
        kind = self.rng.choice(
            ("new", "new", "edit", "edit", "edit", "edit", "email", "merge", "delete", "test")
        )
        side = self.rng.choice(tuple(Side))
        ids = self.systems[side].live()
        if kind == "new" or len(ids) < 2:
            self._create(side)
        elif kind == "edit":
            self._edit(side, self.rng.choice(ids))
        elif kind in ("email", "test"):
            self._special(kind)
        elif kind == "merge" and side is H:
            winner, loser = self.rng.sample(ids, 2)
            new = self.systems[H].merge(winner, loser)
            for record_id in (winner, loser, new):
                self.notify(H, record_id, sure=True, primary_id=winner)
        elif kind == "delete":
            self._delete(side, self.rng.choice(ids))

    def _create(self, side: Side) -> None:
        """Create a person; sometimes both sides have the same one already."""
        self.people += 1
        email = f"p{self.people}@x.org"
        both = self.rng.random() < 0.2
        for one in (H, T) if both else (side,):
            name = "email" if one is H else "mail"
            self.notify(one, self.systems[one].put({name: email, **self._some(one)}))

    def _some(self, side: Side) -> dict[str, Value]:
        values = VALUES if side is H else TARGET_VALUES
        names = self.rng.sample(sorted(values), 2)
        return {name: self.rng.choice(values[name]) for name in names}

    def _edit(self, side: Side, record_id: str) -> None:
        self.systems[side].edit(record_id, self._some(side))
        self.notify(side, record_id)

    def _special(self, kind: str) -> None:
        ids = self.systems[H].live()
        if not ids:
            return
        record_id = self.rng.choice(ids)
        if kind == "test":
            value: Value = self.rng.choice(("test", "real", BLANK))
            self.systems[H].edit(record_id, {"kind": value})
        else:
            self.people += 1
            self.systems[H].edit(record_id, {"email": f"new{self.people}@x.org"})
        self.notify(H, record_id)

    def _delete(self, side: Side, record_id: str) -> None:
        self.systems[side].set_archived(record_id, True)
        self.notify(side, record_id, sure=True)
        if self.rng.random() < 0.5:
            self.deliver()
            self.systems[side].set_archived(record_id, False)
            self.notify(side, record_id, sure=True)

    def _check_patch(self, side: Side, link: int, values: Mapping[str, Value]) -> None:
        """Besides the general rules: what the target made of a value never comes back."""
        super()._check_patch(side, link, values)
        row = self.systems[H].rows.get(self.store.links[link].hubspot_id)
        if row is None or side is not H:
            return
        for bound in self.mapper.rules:
            mine, new = row.values.get(bound.rule.hubspot, BLANK), values.get(bound.rule.hubspot)
            normal = NORMAL.get(bound.rule.target)
            if normal and is_value(mine) and mine != new:
                assert normal(mine) != new, "our own write came back as a change"

    # ------------------------------------------------ what must hold at the end

    def check(self) -> None:
        """Check everything that must hold once it has settled."""
        self._check_state()
        self.sweep()
        self.settle()
        assert self.sweep() == 0, "a settled world was written to (invariant 2)"
        self._check_state()

    def _check_state(self) -> None:
        self._check_links()
        self._check_creates()
        for side in Side:
            for record_id in self.systems[side].live():
                assert (side, record_id) in self.store.aliases, f"{record_id} has no row"
        for link in live_links(self.store):
            if link.state is LinkState.LINKED:
                self._check_agreement(link)

    def _check_links(self) -> None:
        for side in Side:
            ids = [link.id_of(side) for link in live_links(self.store) if link.id_of(side)]
            assert len(ids) == len(set(ids)), "two live links of one record (invariant 4)"
            losers = set(ids) & self.systems[side].aliases.keys()
            assert not losers, f"{losers} were merged away (invariant 12)"
            for key in set(self.store.aliases.values()):
                assert key in self.store.links

    def _check_creates(self) -> None:
        made = [
            (side, row.made_for)
            for side, system in self.systems.items()
            for row in system.rows.values()
            if row.made_for and not row.archived
        ]
        assert len(made) == len(set(made)), "one record was created twice (invariant 3)"

    def _check_agreement(self, link: Link) -> None:
        """Both sides agree in every field, or a note says why not (invariant 1)."""
        rows = {side: self.systems[side].rows[link.id_of(side)] for side in Side}
        noted = {note.hubspot for note in self.store.last[link.key].decision.notes}
        for bound in self.mapper.rules:
            left, right = (rows[s].values.get(bound.name(s), BLANK) for s in (H, T))
            if bound.rule.hubspot in noted or (not bound.rule.clears and BLANK in (left, right)):
                continue
            if len(bound.ways) == 1 and BLANK in (left, right):
                continue
            assert self._agrees(bound, left, right, link), (
                f"{bound.label}: {left!r} and {right!r} on {link}"
            )

    def _agrees(self, bound: BoundRule, left: Value, right: Value, link: Link) -> bool:
        """Tell whether two values are what the field's rule makes of each other."""
        normal = NORMAL.get(bound.rule.target)
        sent = bound.translate(left, T, EPOCH) if T in bound.ways else left
        return same(normal(sent) if normal and is_value(sent) else sent, right)

    def probe(self) -> None:
        """Edit one linked record per side: it arrives with at most one write (invariant 2)."""
        for side, name, there in ((T, "title", "name"), (H, "name", "title")):
            links = [k for k in live_links(self.store) if k.state is LinkState.LINKED]
            clean = [k for k in links if not self.store.last[k.key].decision.notes]
            if not clean:
                return
            link, value = self.rng.choice(clean), f"edited on {side.value}"
            self.systems[side].edit(link.id_of(side), {name: value})
            before = self.writes
            self._run(self._lease(), [self.sweep_hint(side, link.id_of(side))])
            other = self.systems[side.other].rows[link.id_of(side.other)]
            mine = self.systems[side].rows[link.id_of(side)]
            assert mine.values[name] == value, "a user's edit was overwritten"
            assert other.values.get(there) == value, "an edit did not arrive"
            assert self.writes - before == 1, "one edit caused more than one write"
            self.settle()
            assert self.sweep() == 0
