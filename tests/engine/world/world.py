"""One random history: users edit, notices get lost, workers crash; then everything settles."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta

from integrations.engine.config import MergePolicy, SyncConfig
from integrations.engine.errors import LeaseLost, SyncError
from integrations.engine.pairs import IntentState, LinkState
from integrations.engine.ports import Hint
from integrations.engine.reconcile import Planned, Settled, mapper_of, reconcile
from integrations.engine.records import Side, Value, is_value
from tests.engine.world.memory import MemoryLedger, Store, due_hints
from tests.engine.world.parts import EPOCH, LAG, Crash, Faults
from tests.engine.world.systems import FakeSystem

KEY = b"world"
H, T = Side.HUBSPOT, Side.TARGET
Steps = Iterator[Planned | Settled]


class World:
    """Two systems, a store, a lane. Subclasses say what users do and what must hold.

    `early_cursor` is a removed rule: the cursor is saved before its page is settled.
    """

    polled: tuple[Side, ...] = (H, T)
    early_cursor = False

    def __init__(
        self, seed: int, config: SyncConfig, systems: Mapping[Side, FakeSystem], faults: Faults
    ) -> None:
        self.seed = seed
        self.rng = random.Random(seed)  # noqa: S311 - histories, no secrets
        self.config, self.systems, self.faults = config, systems, faults
        self.mapper = mapper_of(config)
        self.store = Store()
        self.ledger = MemoryLedger(self.store, 0)
        self.cursors = dict.fromkeys(Side, "")
        self.notices: list[Hint] = []
        self.zombies: list[Steps] = []
        self.now = 0
        for side, system in systems.items():
            system.on_write = self._watch(side)

    @property
    def writes(self) -> int:
        """Return how many writes both systems have carried out."""
        return sum(system.writes["writes"] for system in self.systems.values())

    def tick(self, seconds: int = 1) -> None:
        """Let time pass."""
        self.now += seconds
        for system in self.systems.values():
            system.clock = self.now

    def live(self, steps: int) -> None:
        """Let users and workers act at random."""
        for _ in range(steps):
            self.tick(self.rng.choice((1, 1, 5, 30)))
            action = self.rng.choice(("user", "user", "notice", "hints", "poll", "zombie"))
            if action == "user":
                self.user()
            elif action == "notice":
                self.deliver()
            else:
                self._work(action)

    def user(self) -> None:
        """Do something that a user does."""
        raise NotImplementedError

    def check(self) -> None:
        """Check everything that must hold once the world has settled."""
        raise NotImplementedError

    def probe(self) -> None:
        """Make one more edit and check what comes of it."""
        raise NotImplementedError

    def notify(self, side: Side, record_id: str, *, sure: bool = False, **more: object) -> None:
        """Put a notice on its way: it may be lost, unless it is `sure`, and it may come twice."""
        if sure or self.rng.random() < 0.6:
            hint = Hint(side, record_id, **more)  # type: ignore[arg-type]
            self.notices += [hint] * self.rng.choice((1, 1, 2))

    def deliver(self) -> None:
        """Store some notices, in any order."""
        self.rng.shuffle(self.notices)
        for _ in range(min(len(self.notices), self.rng.randint(1, 4))):
            self.store.raise_hint(self.notices.pop())

    # ------------------------------------------------ workers

    def _work(self, what: str) -> None:
        """Run one worker on one slice; it may die anywhere or fall asleep and wake too late."""
        if what == "zombie":
            self._wake_zombie()
            return
        ledger = self._lease()
        try:
            if what == "poll":
                self._poll(ledger, self.rng.choice(self.polled or (H,)))
            else:
                self._run(ledger, due_hints(self.store, self.now, 5))
        except (Crash, SyncError):
            return

    def _lease(self) -> MemoryLedger:
        ledger = self.store.lease()
        ledger.now, ledger.faults = self.now, self.faults
        self.ledger = ledger
        return ledger

    def _poll(self, ledger: MemoryLedger, side: Side) -> bool:
        if side not in self.polled:
            return False
        page = self.systems[side].changes("x", self.cursors[side], self.config.fields(side))
        hints = [Hint(side, record.id) for record in page.records]
        if self.early_cursor:
            self.cursors[side] = page.cursor
        self._run(ledger, hints)
        self.cursors[side] = page.cursor
        return bool(page.records)

    def _run(self, ledger: MemoryLedger, hints: list[Hint]) -> None:
        if not hints:
            return
        if self.rng.random() < 0.2:
            self._dry_run(ledger, hints)
        steps = self._steps(ledger, hints)
        for step in steps:
            self.faults.crash()
            if self.faults.strikes() and isinstance(step, Planned):
                self.zombies.append(steps)
                raise Crash

    def _steps(self, ledger: MemoryLedger, hints: list[Hint]) -> Steps:
        now = EPOCH + timedelta(seconds=self.now)
        sizes = {side: self.rng.choice((1, 2, 5)) for side in Side}
        return reconcile(
            hints, self.config, self.systems, ledger, now=now, digest_key=KEY, batch_sizes=sizes
        )

    def _dry_run(self, ledger: MemoryLedger, hints: list[Hint]) -> None:
        """Plan twice: nothing is written, and both plans are the same (invariant 16)."""
        before, share = (self.store.state(), self.writes), self.faults.share
        self.faults.share = 0.0
        plans = [next(iter(self._steps(ledger, hints))) for _ in range(2)]
        self.faults.share = share
        assert before == (self.store.state(), self.writes), "a dry run wrote something"
        first, second = (p.plan for p in plans if isinstance(p, Planned))
        assert [i.decision for i in first.items] == [i.decision for i in second.items]

    def _wake_zombie(self) -> None:
        """Resume a worker that lost its lease: it can change nothing (invariant 10)."""
        if not self.zombies:
            return
        steps = self.zombies.pop()
        self._lease()
        before, share = (self.store.state(), self.writes), self.faults.share
        self.faults.share = 0.0
        try:
            for _ in steps:
                raise AssertionError("a worker without its lease went on")
        except (LeaseLost, SyncError):
            pass
        finally:
            self.faults.share = share
        assert before == (self.store.state(), self.writes), "a worker without its lease wrote"

    # ------------------------------------------------ the end

    def settle(self) -> None:
        """End all faults, deliver everything and work until nothing is due any more."""
        self.faults.share = 0.0
        while self.notices:
            self.deliver()
        for _ in range(60):
            self.tick(LAG + self.config.grace_seconds)
            busy = False
            for side in Side:
                while self._poll(self._lease(), side):
                    busy = True
            while hints := due_hints(self.store, self.now, 5):
                self._run(self._lease(), hints)
                busy = True
                self.tick()
            if not busy and not self.store.hints:
                return
        raise AssertionError(f"it never comes to rest: {self.store.hints}")

    def sweep(self) -> int:
        """Look at every live record once more; return how many writes that caused."""
        before = self.writes
        for side in self.polled or (H,):
            ids = self.systems[side].live()
            for start in range(0, len(ids), 5):
                hints = [self.sweep_hint(side, i) for i in ids[start : start + 5]]
                self._run(self._lease(), hints)
        return self.writes - before

    def sweep_hint(self, side: Side, record_id: str) -> Hint:
        """Return the hint by which a sweep looks at a record."""
        return Hint(side, record_id)

    # ------------------------------------------------ what every write must keep

    def _watch(self, side: Side) -> Callable[[str, str, str, Mapping[str, Value]], int]:
        def on_write(kind: str, ref: str, record_id: str, values: Mapping[str, Value]) -> int:
            if kind == "archive":
                self._check_archive(side, record_id)
                return 0
            link = self.ledger.refs[ref]
            planned = [
                i
                for i in self.store.intents.values()
                if i.link == link and i.state is IntentState.PLANNED and i.fence == self.store.fence
            ]
            mine = [i for i in planned if i.open.side is side and i.open.action.value == kind]
            assert mine, "a write without a committed intent (invariant 5)"
            assert set(mine[-1].open.fields) == set(values)
            self._check_patch(side, link, values)
            return link

        return on_write

    def _check_patch(self, side: Side, link: int, values: Mapping[str, Value]) -> None:
        allowed = {bound.name(side): bound for bound in self.mapper.rules if side in bound.ways}
        assert values.keys() <= allowed.keys(), "a field travelled against its direction"
        source = self.store.links[link].id_of(side.other)
        row = self.systems[side.other].rows.get(
            self.systems[side.other].aliases.get(source, source)
        )
        for name, value in values.items():
            blank = row is None or allowed[name].name(side.other) in row.ever_blank
            assert is_value(value) or blank, "unknown became a clear (invariant 7)"

    def _check_archive(self, side: Side, record_id: str) -> None:
        links = [k for k in self.store.links.values() if k.id_of(side) == record_id]
        if all(link.state is LinkState.SUPERSEDED for link in links):
            assert self.config.merge is MergePolicy.ARCHIVE, "archived against the merge policy"
            return
        (link,) = (k for k in links if k.state is not LinkState.SUPERSEDED)
        source = self.systems[side.other].rows.get(link.id_of(side.other))
        assert source is None or source.archived, "archived while the other side lives"
