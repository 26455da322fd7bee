"""A record that was half made when an answer got lost is finished; others are left alone."""

from __future__ import annotations

import pytest

from integrations.engine.config import SideObject
from integrations.engine.errors import ReplyLost
from integrations.engine.filters import Condition, Filter, Operator
from integrations.engine.pairs import LinkState
from integrations.engine.reasons import Reason
from integrations.engine.reconcile import Settled
from integrations.engine.records import BLANK
from tests.engine.scene import Scene, T

TEAM = Filter(((Condition("team", Operator.EQUALS, ("red",)),),))


@pytest.fixture
def scene() -> Scene:
    """A target whose records are born in a team, which its filter asks for."""
    born = SideObject("accounts", born_with=(("team", "red"),))
    scene = Scene(target=born, filters=((T, TEAM),))
    scene.target.names = (*scene.target.names, "team")
    return scene


def lost(scene: Scene) -> tuple[str, str]:
    """Create a record whose answer gets lost before it is in its team; return both ids."""
    record_id, target_id = lost_as(scene, "Käthe")
    scene.target.edit(target_id, {"team": BLANK})
    return record_id, target_id


def lost_as(scene: Scene, name: str) -> tuple[str, str]:
    """Create a record of a name whose answer gets lost; return both ids."""
    record_id = scene.hubspot.put({"email": "a@x", "name": name})
    scene.fail("create", ReplyLost("lost"))
    with pytest.raises(ReplyLost):
        scene.steps(record_id)
    [target_id] = scene.target.rows
    return record_id, target_id


def test_a_half_made_record_gets_what_it_is_born_with(scene: Scene) -> None:
    record_id, target_id = lost(scene)
    settled = scene.run(record_id)
    assert (settled.state, settled.target_id) == (LinkState.LINKED, target_id)
    assert scene.target.rows[target_id].values["team"] == "red"
    assert scene.run(record_id).reason is Reason.IN_STEP


def test_finishing_it_is_tried_again_when_that_fails_too(scene: Scene) -> None:
    record_id, target_id = lost(scene)
    scene.fail("update", ReplyLost("lost again"))
    with pytest.raises(ReplyLost):
        scene.steps(record_id)
    scene.target.edit(target_id, {"team": BLANK})
    assert scene.run(record_id).state is LinkState.LINKED
    assert scene.target.rows[target_id].values["team"] == "red"


def test_a_record_that_was_there_before_meets_the_filter_or_stays_out(scene: Scene) -> None:
    target_id = scene.target.put({"mail": "a@x"})
    settled = scene.run(scene.hubspot.put({"email": "a@x", "name": "Käthe"}))
    assert settled.state is LinkState.FROZEN
    assert scene.target.rows[target_id].values.get("team", BLANK) is BLANK


def test_a_finished_record_can_leave_its_team(scene: Scene) -> None:
    record_id, target_id = lost(scene)
    scene.run(record_id)
    scene.target.edit(target_id, {"team": "blue"})
    assert scene.run(record_id).reason is Reason.FROZEN
    assert scene.target.rows[target_id].values["team"] == "blue"


def test_where_nothing_is_born_with_more_a_lost_create_is_only_found() -> None:
    scene = Scene()
    record_id = scene.hubspot.put({"email": "a@x", "name": "Käthe"})
    scene.fail("create", ReplyLost("lost"))
    with pytest.raises(ReplyLost):
        scene.steps(record_id)
    settled = [s for s in scene.steps(record_id) if isinstance(s, Settled)]
    assert [one.reason for s in settled for one in s.settlements] == [Reason.LINKED]
    assert len(scene.target.rows) == 1


def test_what_a_half_made_record_holds_is_not_replaced_by_what_it_is_born_with() -> None:
    scene = Scene(target=SideObject("accounts", born_with=(("title", "Nobody"),)))
    record_id, target_id = lost_as(scene, "Käthe")
    assert scene.run(record_id).state is LinkState.LINKED
    assert scene.target.rows[target_id].values["title"] == "Käthe"


def test_a_lost_edit_of_a_mapped_field_is_no_half_made_record() -> None:
    scene = Scene(target=SideObject("accounts", born_with=(("title", "Nobody"),)))
    record_id, target_id = scene.linked("Käthe")
    scene.hubspot.edit(record_id, {"name": "Eve"})
    scene.fail("update", ReplyLost("lost"))
    with pytest.raises(ReplyLost):
        scene.steps(record_id)
    scene.run(record_id)
    assert scene.target.rows[target_id].values["title"] == "Eve"
