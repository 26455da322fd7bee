"""A two-way world with guards: kept values, a table of owners, closed sides, HubSpot first."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace

from integrations.engine.config import SyncConfig
from integrations.engine.mapping import BoundRule, FieldRule, Overwrite
from integrations.engine.pairs import Link
from integrations.engine.reasons import Reason
from integrations.engine.reconcile import mapper_of
from integrations.engine.records import ABSENT, BLANK, Side, Value, is_value, same
from tests.engine.world.parts import EPOCH
from tests.engine.world.two_way import RULES, TARGET_VALUES, VALUES, TwoWay, config
from tests.engine.world.world import H, T

TABLE = (
    ("@name", "owners"),
    ("@otherwise", "default"),
    ("@unknown", "leave"),
    (">mia", "1"),
    (">noa", "2"),
    ("<1", "mia"),
    ("<2", "noa"),
)
KEPT = FieldRule("city", "town", overwrite=Overwrite.IF_EMPTY, back=Overwrite.ALWAYS)
KEEPER = FieldRule("keeper", "user", transform="table", arguments=TABLE)
CITIES: tuple[Value, ...] = ("Bonn", "Kiel", "Ulm", BLANK)


def guarded(rng: random.Random) -> SyncConfig:
    """Return a configuration with guards drawn at random."""
    return replace(
        config(rng),
        rules=(*RULES, KEPT, KEEPER),
        hubspot_first=rng.random() < 0.5,
        creation_only=(H,) if rng.random() < 0.5 else (),
    )


class Guarded(TwoWay):
    """Now and then a side is closed; opening it brings back everything that waited."""

    def __init__(self, seed: int, share: float = 0.04) -> None:
        super().__init__(seed, share)
        self.config = guarded(self.rng)
        self.mapper = mapper_of(self.config)
        self.systems[H].names += ("city", "keeper")
        self.systems[T].names += ("town", "user")

    def user(self) -> None:
        """Do what people do, or close or open a side."""
        if self.rng.random() < 0.1:
            self._close(self.rng.choice(((), (), (H,), (T,))))
        super().user()

    def settle(self) -> None:
        """Open both sides, then come to rest."""
        self._close(())
        super().settle()

    def _close(self, sides: tuple[Side, ...]) -> None:
        self.config = replace(self.config, closed=sides)
        waiting = [key for key, last in self.store.last.items() if last.reason is Reason.JOB_OFF]
        for key in () if sides else waiting:
            link = self.store.links[key]
            side = H if link.hubspot_id else T
            self.store.raise_hint(self.sweep_hint(side, link.id_of(side)))

    def _some(self, side: Side) -> dict[str, Value]:
        more: dict[str, tuple[Value, ...]] = {
            **(VALUES if side is H else TARGET_VALUES),
            ("city" if side is H else "town"): CITIES,
            ("keeper" if side is H else "user"): ("mia", "noa", "zoe")
            if side is H
            else ("1", "2", "9"),
        }
        names = self.rng.sample(sorted(more), 2)
        return {name: self.rng.choice(more[name]) for name in names}

    def _check_patch(self, side: Side, link: int, values: Mapping[str, Value]) -> None:
        """Besides the general rules: no filled town is replaced, nothing enters a closed side."""
        super()._check_patch(side, link, values)
        assert side not in self.config.closed, "a closed side was written to"
        row = self.systems[T].rows.get(self.store.links[link].target_id)
        if side is T and row is not None and "town" in values:
            assert not is_value(row.values.get("town", BLANK)), "a filled value was replaced"

    def _agrees(self, bound: BoundRule, left: Value, right: Value, link: Link) -> bool:
        if bound.rule == KEPT:
            return is_value(right) or not is_value(left)
        if bound.rule != KEEPER:
            return super()._agrees(bound, left, right, link)
        forth = bound.translate(left, T, EPOCH)
        back = bound.translate(right, H, EPOCH)
        return same(forth, right) or back is ABSENT or same(back, left) or not bound.knows(left, T)
