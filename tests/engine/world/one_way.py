"""The one-way world: contacts become patients of a system that can be written but not read."""

from __future__ import annotations

import random

from integrations.engine.config import MergePolicy, SideObject, SyncConfig, Trigger
from integrations.engine.mapping import (
    Direction,
    FieldGroup,
    FieldRule,
    IncompleteGroup,
    Mapper,
)
from integrations.engine.pairs import LinkState
from integrations.engine.ports import Hint
from integrations.engine.reasons import Reason
from integrations.engine.records import BLANK, Side, Value, is_value
from tests.engine.world.memory import live_links
from tests.engine.world.parts import EPOCH, Faults
from tests.engine.world.systems import FakeSystem
from tests.engine.world.world import H, T, World

ONE_WAY = Direction.TO_TARGET
RULES = (
    FieldRule("name", "Name", direction=ONE_WAY, transform="name", required=True),
    FieldRule("born", "Born", direction=ONE_WAY, required=True),
    FieldRule("phone", "Cell", direction=ONE_WAY, transform="phone_digits"),
    FieldRule("street", "Street", direction=ONE_WAY),
    FieldRule("city", "City", direction=ONE_WAY),
    FieldRule("state", "State", direction=ONE_WAY, transform="us_state"),
)
VALUES: dict[str, tuple[Value, ...]] = {
    "name": ("Ada", "Ben", "Ada", "Ben", BLANK),
    "born": ("1990", "1991", "1992"),
    "phone": ("410-555-0142", "(410) 555 0143"),
    "street": ("Dock St", "Main St", BLANK),
    "city": ("Annapolis", "Reno", BLANK),
    "state": ("MD", "nevada", "Atlantis"),
}


def config(rng: random.Random) -> SyncConfig:
    """Return a configuration in the manner of the RXNT integration."""
    incomplete = rng.choice(tuple(IncompleteGroup))
    return SyncConfig(
        hubspot=SideObject("contacts", can_create=False, can_update=False),
        target=SideObject(
            "patients", readable=False, upsert_key="hubspot_{id}", always_send=("Name", "Born")
        ),
        rules=RULES,
        groups=(
            FieldGroup(
                "address", "Address", ("Street", "City", "State"), ("City", "State"), incomplete
            ),
        ),
        trigger=Trigger("lifecycle", "customer"),
        merge=MergePolicy.KEEP,
        grace_seconds=60,
    )


class OneWay(World):
    """Users edit contacts and move them in and out of the stage; each entry is announced."""

    polled: tuple[Side, ...] = ()

    def __init__(self, seed: int, share: float = 0.04) -> None:
        rng = random.Random(seed)  # noqa: S311 - histories, no secrets
        faults = Faults(rng, share)
        hubspot = FakeSystem(H, (*(rule.hubspot for rule in RULES), "lifecycle"), faults)
        target = FakeSystem(T, [rule.target for rule in RULES], faults, readable=False)
        super().__init__(seed, config(rng), {H: hubspot, T: target}, faults)

    def user(self) -> None:
        """Create, edit, promote, merge or delete a contact."""
        hubspot = self.systems[H]
        ids = hubspot.live()
        kind = self.rng.choice(("new", "edit", "edit", "enter", "enter", "leave", "merge", "gone"))
        if kind == "new" or len(ids) < 2:
            values = {name: self.rng.choice(values) for name, values in VALUES.items()}
            hubspot.put(values)
        elif kind == "edit":
            name = self.rng.choice(sorted(VALUES))
            record_id = self.rng.choice(ids)
            hubspot.edit(record_id, {name: self.rng.choice(VALUES[name])})
            self.notify(H, record_id)
        elif kind == "enter":
            self._enter(self.rng.choice(ids))
        elif kind == "leave":
            hubspot.edit(self.rng.choice(ids), {"lifecycle": "lead"})
        elif kind == "merge":
            winner, loser = self.rng.sample(ids, 2)
            new = hubspot.merge(winner, loser)
            for record_id in (winner, loser, new):
                self.notify(H, record_id, sure=True, primary_id=winner)
        elif self.rng.random() < 0.3:
            record_id = self.rng.choice(ids)
            hubspot.set_archived(record_id, True)
            self.notify(H, record_id, sure=True)

    def _enter(self, record_id: str) -> None:
        self.systems[H].edit(record_id, {"lifecycle": "customer"})
        self.notify(H, record_id, sure=True, fired=True)

    def sweep_hint(self, side: Side, record_id: str) -> Hint:
        """Return a hint as an entry into the stage raises it: nothing else may write."""
        return Hint(side, record_id, fired=True)

    def check(self) -> None:
        """Let every contact enter the stage once more; then every patient is up to date."""
        self._check_links()
        for start in self.systems[H].live():
            self._enter(start)
        self.settle()
        assert self.sweep() == 0, "a settled world was written to (invariant 2)"
        self._check_links()
        mapper = Mapper(self.config.rules, self.config.groups)
        for link in live_links(self.store):
            if link.state is LinkState.LINKED:
                self._check_patient(link.hubspot_id, link.external_key, mapper)
        for record_id in self.systems[H].live():
            link = self.store.links[self.store.aliases[H, record_id]]
            ambiguous = self.store.last[link.key].reason is Reason.AMBIGUOUS
            assert ambiguous or link.state in (LinkState.LINKED, LinkState.FAILING), link

    def _check_links(self) -> None:
        ids = [link.hubspot_id for link in live_links(self.store)]
        assert len(ids) == len(set(ids)), "two live links of one contact (invariant 4)"
        keys = [row.external_key for row in self.systems[T].rows.values()]
        assert len(keys) == len(set(keys)), "two patients of one key (invariant 3)"
        made = [row.made_for for row in self.systems[T].rows.values()]
        assert len(made) == len(set(made)), "two patients of one contact (invariant 3)"
        assert not set(ids) & self.systems[H].aliases.keys(), "a loser is named (invariant 12)"

    def _check_patient(self, contact: str, key: str, mapper: Mapper) -> None:
        """Every field that could be sent is there; nothing is ever blanked."""
        (patient,) = (r for r in self.systems[T].rows.values() if r.external_key == key)
        record = next(iter(self.systems[H].fetch("contacts", [contact], list(VALUES)).values()))
        for name, value in mapper.translate(record, H, EPOCH).values.items():
            if is_value(value):
                assert patient.values.get(name) == value, f"{name} of {key} (invariant 1)"

    def probe(self) -> None:
        """Edit one linked contact: nothing happens until it enters the stage again."""
        links = [k for k in live_links(self.store) if k.state is LinkState.LINKED]
        if not links:
            return
        record_id = self.rng.choice(links).hubspot_id
        self.systems[H].edit(record_id, {"name": "Zoe"})
        before = self.writes
        self._run(self._lease(), [Hint(H, record_id)])
        assert self.writes == before, "an edit alone must send nothing"
        last = self.store.last[self.store.aliases[H, record_id]]
        assert last.reason in (Reason.WAITING_FOR_TRIGGER, Reason.FROZEN)
        self._run(self._lease(), [Hint(H, record_id, fired=True)])
        assert self.writes == before + 1, "one entry is one write"
