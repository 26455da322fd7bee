"""Existing records are put into a membership once; whoever leaves it afterwards has left."""

from __future__ import annotations

from dataclasses import replace

import pytest

from integrations.engine.config import SideObject
from integrations.engine.errors import Rejected, ReplyLost, Unavailable
from integrations.engine.filters import Condition, Filter, Operator
from integrations.engine.pairs import LinkState
from integrations.engine.reasons import Reason
from integrations.engine.records import BLANK, Record, Value
from tests.engine.scene import H, Scene, T


def asking(name: str, value: str) -> Filter:
    return Filter(((Condition(name, Operator.EQUALS, (value,)),),))


def team(name: str) -> SideObject:
    return SideObject("accounts", born_with=(("kind", "lead"), (name, "red")), joins=(name,))


@pytest.fixture
def scene() -> Scene:
    """A target whose filter asks for a team, into which records of pairs are put."""
    scene = Scene(target=team("team"), filters=((T, asking("team", "red")),))
    scene.target.names = (*scene.target.names, "kind", "team", "club")
    return scene


def there(scene: Scene, **values: Value) -> str:
    known: dict[str, Value] = {"mail": "a@x", "team": BLANK, "club": BLANK, "kind": BLANK}
    return scene.target.put({**known, **values})


def move(scene: Scene) -> None:
    """Let the membership be another one from now on."""
    scene.config = replace(scene.config, target=team("club"), filters=((T, asking("club", "red")),))


def values(scene: Scene, target_id: str) -> dict[str, Value]:
    return dict(scene.target.rows[target_id].values)


def test_a_record_that_is_matched_is_put_into_the_team_and_linked(scene: Scene) -> None:
    target_id = there(scene)
    settled = scene.run(scene.hubspot.put({"email": "a@x", "name": "Käthe"}))
    assert (settled.state, settled.reason) == (LinkState.LINKED, Reason.LINKED)
    row = values(scene, target_id)
    assert (row["team"], row["title"]) == ("red", "Käthe")
    assert row["kind"] is BLANK, "what only new records are born with"


def test_the_next_look_writes_nothing(scene: Scene) -> None:
    there(scene)
    record_id = scene.hubspot.put({"email": "a@x", "name": "Käthe"})
    scene.run(record_id)
    settled = scene.run(record_id)
    assert (settled.reason, settled.writes) == (Reason.IN_STEP, ())


def test_a_matched_record_that_leaves_the_team_is_frozen(scene: Scene) -> None:
    target_id = there(scene)
    record_id = scene.hubspot.put({"email": "a@x", "name": "Käthe"})
    scene.run(record_id)
    scene.target.edit(target_id, {"team": "blue"})
    assert scene.run(record_id).state is LinkState.FROZEN
    assert values(scene, target_id)["team"] == "blue"


def test_a_record_made_here_that_leaves_the_team_is_frozen(scene: Scene) -> None:
    record_id, target_id = scene.linked()
    scene.target.edit(target_id, {"team": BLANK})
    assert scene.run(record_id).state is LinkState.FROZEN
    assert values(scene, target_id)["team"] is BLANK


def test_other_conditions_of_the_filter_still_count(scene: Scene) -> None:
    both = (Condition("kind", Operator.EQUALS, ("lead",)), *asking("team", "red").groups[0])
    scene.config = replace(scene.config, filters=((T, Filter((both,))),))
    target_id = there(scene)
    settled = scene.run(scene.hubspot.put({"email": "a@x", "name": "Käthe"}))
    assert (settled.state, "kind" in settled.detail) == (LinkState.FROZEN, True)
    assert values(scene, target_id)["team"] is BLANK


def test_for_a_record_that_hubspots_filter_keeps_out_nobody_joins(scene: Scene) -> None:
    """Not even if that filter is asked of new pairs only, and this one is half known."""
    both = (Condition("kind", Operator.EQUALS, ("lead",)), *asking("team", "red").groups[0])
    scene.config = replace(
        scene.config,
        filters=((H, asking("name", "Ada")), (T, Filter((both,)))),
        creation_only=(H,),
    )
    target_id = there(scene)
    record_id = scene.hubspot.put({"email": "a@x", "name": "Ada"})
    assert scene.run(record_id).state is LinkState.FROZEN
    scene.hubspot.edit(record_id, {"name": "Eve"})
    scene.target.edit(target_id, {"kind": "lead"})
    assert scene.run(record_id).state is LinkState.FROZEN
    assert values(scene, target_id)["team"] is BLANK


@pytest.mark.parametrize("error", [ReplyLost("lost"), Unavailable("away")])
def test_joining_is_tried_again_when_the_call_fails(scene: Scene, error: Unavailable) -> None:
    target_id = there(scene)
    record_id = scene.hubspot.put({"email": "a@x", "name": "Käthe"})
    scene.fail("update", error)
    with pytest.raises(Unavailable):
        scene.steps(record_id)
    scene.target.edit(target_id, {"team": BLANK})
    assert scene.run(record_id).state is LinkState.LINKED
    row = values(scene, target_id)
    assert (row["team"], row["kind"]) == ("red", BLANK)


# ---------------------------------------------------------------- another membership


def test_linked_pairs_are_put_into_the_new_membership(scene: Scene) -> None:
    record_id, target_id = scene.linked()
    scene.target.edit(target_id, {"club": BLANK})
    move(scene)
    before = dict(scene.hubspot.rows[record_id].values)
    settled = scene.run(record_id)
    assert (settled.state, settled.reason) == (LinkState.LINKED, Reason.UPDATED)
    assert values(scene, target_id)["club"] == "red"
    assert scene.hubspot.rows[record_id].values == before
    assert scene.run(record_id).reason is Reason.IN_STEP


def test_who_was_in_the_new_membership_before_can_leave_it(scene: Scene) -> None:
    record_id, target_id = scene.linked()
    scene.target.edit(target_id, {"club": "red"})
    move(scene)
    settled = scene.run(record_id)
    assert (settled.reason, settled.writes) == (Reason.SETTLED, ())
    scene.target.edit(target_id, {"club": BLANK})
    assert scene.run(record_id).state is LinkState.FROZEN


def test_an_answer_that_does_not_mention_the_membership_moves_nobody(scene: Scene) -> None:
    record_id, target_id = scene.linked()
    move(scene)
    dim = Record(target_id, {"mail": "Ada@x", "title": "Ada"})
    assert not scene.run(record_id, preread={T: {target_id: dim}}).writes


# ---------------------------------------------------------------- refusals


def refuse(scene: Scene) -> None:
    scene.fail("update", Rejected("The team is full.", fields=("team",)))


def test_a_refused_joining_keeps_back_nothing_else_and_is_seen(scene: Scene) -> None:
    target_id = there(scene)
    record_id = scene.hubspot.put({"email": "a@x", "name": "Käthe"})
    refuse(scene)
    assert scene.run(record_id).retry_after == 0
    settled = scene.run(record_id)
    assert (settled.state, settled.reason) == (LinkState.FAILING, Reason.REJECTED)
    assert settled.detail == "The team is full."
    row = values(scene, target_id)
    assert (row["title"], row["team"]) == ("Käthe", BLANK)


def test_a_refused_joining_is_tried_again_with_the_look_after(scene: Scene) -> None:
    target_id = there(scene)
    record_id = scene.hubspot.put({"email": "a@x", "name": "Käthe"})
    refuse(scene)
    scene.run(record_id)
    scene.run(record_id)
    assert scene.run(record_id).state is LinkState.LINKED
    assert values(scene, target_id)["team"] == "red"
