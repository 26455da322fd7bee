"""Random histories hold every invariant, and the test notices when a rule of the engine is gone.

WORLD_SEED (first seed), WORLD_RUNS (histories per world) and WORLD_STEPS (steps per history) set
the size; a failure names its seed. Of 100 histories of 60 steps, seeds 0 to 99, so many break
when one rule is removed (two-way world):

    look before create           48
    base from what was stored    78
    merges first                 42
    cursor kept on failure       22
    base at all                  86

With every rule in place none breaks.
"""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from integrations.engine.records import as_text, is_value
from tests.engine.world.guarded import Guarded
from tests.engine.world.one_way import OneWay
from tests.engine.world.removals import REMOVALS
from tests.engine.world.two_way import TwoWay
from tests.engine.world.world import World

SEED = int(os.environ.get("WORLD_SEED", "0"))
RUNS = int(os.environ.get("WORLD_RUNS", "600"))
STEPS = int(os.environ.get("WORLD_STEPS", "60"))
WORLDS: tuple[Callable[[int], World], ...] = (TwoWay, OneWay, Guarded)


def _history(kind: Callable[[int], World], seed: int, steps: int) -> None:
    """Live one history, let it settle, and check everything."""
    world = kind(seed)
    world.live(steps)
    world.settle()
    world.check()
    world.probe()


@pytest.mark.parametrize("kind", WORLDS, ids=("two ways", "one way", "guarded"))
def test_random_histories_hold_every_invariant(kind: Callable[[int], World]) -> None:
    for seed in range(SEED, SEED + RUNS):
        try:
            _history(kind, seed, STEPS)
        except Exception as error:
            again = f"WORLD_SEED={seed} WORLD_RUNS=1 WORLD_STEPS={STEPS}"
            pytest.fail(f"{kind} broke ({again}): {type(error).__name__}: {error}")


@pytest.mark.parametrize("seed", range(20))
def test_any_order_and_repetition_of_hints_ends_in_the_same_state(seed: int) -> None:
    ends = set()
    for order in range(4):
        world = TwoWay(seed, share=0.0)
        for _ in range(25):
            world.tick()
            world.user()
        world.rng.seed(order)
        world.notices += world.rng.choices(world.notices, k=5)
        world.settle()
        world.sweep()
        world.settle()
        ends.add(_contents(world))
    assert len(ends) == 1


def _contents(world: World) -> str:
    """Return what both systems hold in the end, without ids and times."""
    return repr(
        {
            side.value: sorted(
                str(sorted((name, as_text(v)) for name, v in row.values.items() if is_value(v)))
                for row in system.rows.values()
                if not row.archived
            )
            for side, system in world.systems.items()
        }
    )


@pytest.mark.parametrize("name", REMOVALS)
def test_the_world_notices_when_a_rule_is_gone(name: str) -> None:
    with REMOVALS[name]():
        assert broken_seeds(60, stop_at=1), f"no history noticed that “{name}” was gone"


def broken_seeds(runs: int, stop_at: int) -> list[int]:
    """Return the seeds that break, up to a number of them."""
    broken: list[int] = []
    for seed in range(runs):
        try:
            _history(TwoWay, seed, STEPS)
        except Exception:
            broken.append(seed)
            if len(broken) == stop_at:
                break
    return broken
