"""A small stage for the flow: two fake systems without faults and a store. For tests only."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from random import Random

from integrations.engine.config import MatchKey, SideObject, SyncConfig
from integrations.engine.errors import (
    ReplyLost,
    SyncError,
)
from integrations.engine.mapping import FieldRule
from integrations.engine.ports import CreateItem, Hint, Outcome, Settlement, UpdateItem
from integrations.engine.reconcile import Planned, Settled, reconcile
from integrations.engine.records import Side
from tests.engine.world.memory import MemoryLedger, Store
from tests.engine.world.parts import Faults
from tests.engine.world.systems import FakeSystem

H, T = Side.HUBSPOT, Side.TARGET
NOW = datetime(2026, 11, 20, tzinfo=UTC)
KEY = b"test"
Answer = Callable[[Sequence[CreateItem | UpdateItem]], Sequence[Outcome]]


class Scene:
    """Two fake systems without faults, a store, and one call of the flow at a time."""

    def __init__(self, **config: object) -> None:
        self.config = SyncConfig(
            hubspot=SideObject("contacts"),
            target=SideObject("accounts", can_archive=True),
            rules=(FieldRule("email", "mail"), FieldRule("name", "title", clears=True)),
            match_keys=(MatchKey("email", "mail"),),
            create_in=(H, T),
        )
        self.config = replace(self.config, **config)  # type: ignore[arg-type]
        faults = Faults(Random(0))  # noqa: S311 - no secrets
        self.hubspot = FakeSystem(H, ("email", "name"), faults)
        self.target = FakeSystem(T, ("mail", "title"), faults)
        self.store, self.now = Store(), NOW

    def steps(self, *ids: str, **options: object) -> list[Planned | Settled]:
        """Run the flow on HubSpot ids (or target ids, which begin with t)."""
        return list(self.flow(self.store.lease(), *ids, **options))

    def flow(
        self, ledger: MemoryLedger, *ids: str, **options: object
    ) -> Iterator[Planned | Settled]:
        """Return the generator."""
        hints = [Hint(H if i.startswith("h") else T, i) for i in ids]
        systems = {H: self.hubspot, T: self.target}
        return reconcile(
            hints,
            self.config,
            systems,
            ledger,
            now=self.now,
            digest_key=KEY,
            **options,  # type: ignore[arg-type]
        )

    def run(self, *ids: str, **options: object) -> Settlement:
        """Run the flow and return the last settlement."""
        settled = [step for step in self.steps(*ids, **options) if isinstance(step, Settled)]
        return settled[-1].settlements[-1]

    def linked(self, name: str = "Ada") -> tuple[str, str]:
        """Create a pair that agrees and return both ids."""
        record_id = self.hubspot.put({"email": f"{name}@x", "name": name})
        settlement = self.run(record_id)
        self.run(record_id)
        return record_id, settlement.target_id

    def fail(self, method: str, *errors: SyncError | None) -> None:
        """Let the target answer the items of the next call with these errors (None: done)."""
        real: Answer = getattr(self.target, method)

        def answer(object_type: str, items: Sequence[CreateItem | UpdateItem]) -> list[Outcome]:
            setattr(self.target, method, real)
            done: list[Outcome] = []
            for item, error in zip(items, errors, strict=True):
                if error is None or isinstance(error, ReplyLost):
                    done += real(object_type, [item])  # type: ignore[call-arg, arg-type]
                if error is not None:
                    done = [o for o in done if o.ref != item.ref]
                    done.append(Outcome(item.ref, error=error))
            return done

        setattr(self.target, method, answer)
