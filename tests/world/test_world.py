"""The whole portal holds every invariant over the stand-ins of two systems, whatever fails.

PORTAL_WORLD_SEED (first seed), PORTAL_WORLD_RUNS (histories) and PORTAL_WORLD_STEPS (steps per
history) set the size, PORTAL_WORLD_SYSTEMS ("thena rxnt") which systems stand beside HubSpot; a
failure names its seed. With PORTAL_WORLD_BITES=10 every rule of
`removals.py` is taken away for ten histories, to see that they notice.
"""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from django.db import transaction

from tests.world.checks import check
from tests.world.people import People
from tests.world.places.magentrix import Magentrix
from tests.world.places.place import Place
from tests.world.places.rxnt import Rxnt
from tests.world.places.thena import Thena
from tests.world.places.xentral import Xentral
from tests.world.removals import REMOVALS
from tests.world.town import Town, forget_wakes

SEED = int(os.environ.get("PORTAL_WORLD_SEED", "0"))
RUNS = int(os.environ.get("PORTAL_WORLD_RUNS", "2"))
BITES = int(os.environ.get("PORTAL_WORLD_BITES", "0"))
STEPS = int(os.environ.get("PORTAL_WORLD_STEPS", "60"))
WHAT = (*["user"] * 6, *["hear"] * 2, *["work"] * 4, *["run"] * 2, *["wait"] * 2, "publish")
PLACES: dict[str, Callable[[], Place]] = {
    "thena": Thena,
    "rxnt": Rxnt,
    "magentrix": Magentrix,
    "xentral": Xentral,
}
SYSTEMS = os.environ.get("PORTAL_WORLD_SYSTEMS", " ".join(PLACES)).split()


@pytest.mark.django_db
@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("seed", range(SEED, SEED + RUNS))
def test_a_random_history_holds_every_invariant(
    seed: int, system: str, monkeypatch: pytest.MonkeyPatch, unlimited: None
) -> None:
    _history(seed, monkeypatch, PLACES[system]())


def _history(seed: int, monkeypatch: pytest.MonkeyPatch, place: Place) -> None:
    town = Town(seed, monkeypatch, place)
    people = People(town, town.rng)
    live(town, people, STEPS)
    town.calm()
    town.full_pass()
    check(town, people)
    rests(town)
    town.decide_reviews()
    town.calm()
    check(town, people)
    rests(town)
    moves(town)


@pytest.mark.django_db
@pytest.mark.parametrize("name", REMOVALS if BITES else [])
def test_the_histories_notice_when_a_rule_is_gone(
    name: str, monkeypatch: pytest.MonkeyPatch, unlimited: None
) -> None:
    broken = []
    for seed in range(SEED, SEED + BITES):
        with monkeypatch.context() as patch:
            REMOVALS[name](patch)
            if not _holds(seed, patch):
                broken.append(seed)
    print(f"without “{name}”: {len(broken)} of {BITES} histories break")  # noqa: T201
    assert broken


def _holds(seed: int, patch: pytest.MonkeyPatch) -> bool:
    """Live one history and take everything back; renewing tokens forbids a nested `atomic`."""
    before = transaction.savepoint()
    try:
        _history(seed, patch, Thena())
    except Exception:
        return False
    else:
        return True
    finally:
        transaction.savepoint_rollback(before)


def live(town: Town, people: People, steps: int) -> None:
    """Let users, notices and workers act at random, while things go wrong."""
    for _ in range(steps):
        what = town.rng.choice(WHAT)
        if what == "user":
            for _ in range(town.place.busy):
                people.act()
        elif what == "hear":
            town.hear()
        elif what == "work":
            town.work()
        elif what == "run":
            town.open(town.rng.choice(town.place.kinds))
            town.trouble.expire(town.stage.hubspot)
        elif what == "publish":
            town.publish(town.rng.choice(town.place.keys))
        else:
            town.wait(town.rng.choice((1, 10, 300)))
    forget_wakes()


def rests(town: Town) -> None:
    """Quiescence: another full pass writes nothing at either system (invariant 2)."""
    before = list(town.watch.log)
    town.full_pass()
    new = town.watch.log[len(before) :]
    assert not new, f"a settled world was written to: {new}"


def moves(town: Town) -> None:
    """One edit makes one write (invariant 2)."""
    for edit in town.place.edits(town):
        before = len(town.watch.log)
        arrived = edit()
        town.calm()
        assert arrived(), "an edit did not arrive"
        assert len(town.watch.log) - before == 1, town.watch.log[before:]
    rests(town)
