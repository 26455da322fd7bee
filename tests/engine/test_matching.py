"""Whom a record without a partner is linked with, and when nobody is chosen."""

from __future__ import annotations

from dataclasses import replace

from integrations.engine.pairs import Base, LinkState
from integrations.engine.reasons import Reason
from integrations.engine.reconcile import Settled
from tests.engine.scene import Scene


def test_several_matches_are_held_and_none_is_chosen() -> None:
    scene = Scene()
    for _ in range(2):
        scene.target.put({"mail": "a@x"})
    settlement = scene.run(scene.hubspot.put({"email": "a@x"}))
    assert (settlement.state, settlement.detail) == (LinkState.HELD, "t1, t2.")


def test_two_records_that_want_the_same_match_are_held_whichever_side_is_looked_at() -> None:
    scene = Scene()
    ids = [scene.hubspot.put({"email": "a@x"}) for _ in range(2)]
    target_id = scene.target.put({"mail": "a@x"})
    for looked_at in (target_id, *ids):
        settlement = scene.run(looked_at)
        assert (settlement.state, settlement.detail) == (LinkState.HELD, "h1, h2.")


def test_a_rival_that_belongs_to_another_pair_does_not_count() -> None:
    scene = Scene()
    taken, target_id = scene.linked("Ada")
    scene.target.edit(target_id, {"mail": "old@x"})
    scene.store.links[1] = replace(scene.store.links[1], base=Base({}, {}))
    scene.target.put({"mail": "Ada@x"})
    assert scene.run(scene.hubspot.put({"email": "Ada@x", "name": taken})).reason is Reason.LINKED


def test_a_match_that_belongs_to_another_pair_is_held() -> None:
    scene = Scene()
    scene.linked("Ada")
    settlement = scene.run(scene.hubspot.put({"email": "Ada@x"}))
    assert settlement.reason is Reason.AMBIGUOUS


def test_two_new_contacts_with_one_match_value_do_not_both_create() -> None:
    scene = Scene()
    ids = [scene.hubspot.put({"email": "a@x"}) for _ in range(2)]
    settled = [s for s in scene.steps(*ids) if isinstance(s, Settled)]
    reasons = {item.reason: item.retry_after for s in settled for item in s.settlements}
    assert reasons == {Reason.PENDING: 0.0, Reason.CREATED: None}
    assert scene.run(ids[1]).reason is Reason.AMBIGUOUS
