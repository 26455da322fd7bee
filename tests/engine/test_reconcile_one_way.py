"""The flow towards a system that can be written but not read, as RXNT is."""

from __future__ import annotations

import pytest

from integrations.engine.config import MergePolicy, SideObject
from integrations.engine.errors import Rejected, ReplyLost
from integrations.engine.mapping import Direction, FieldRule
from integrations.engine.pairs import Action, IntentState, LinkState
from integrations.engine.reasons import Reason
from integrations.engine.records import digest
from tests.engine.scene import KEY, Scene, T

RULES = (
    FieldRule("email", "mail", direction=Direction.TO_TARGET),
    FieldRule("name", "title", direction=Direction.TO_TARGET, required=True),
)


@pytest.fixture
def scene() -> Scene:
    """Give a scene whose target is write-only and upserts by our own key."""
    scene = Scene(
        target=SideObject(
            "patients", readable=False, upsert_key="hubspot_{id}", always_send=("title",)
        ),
        rules=RULES,
        match_keys=(),
        create_in=(T,),
        merge=MergePolicy.KEEP,
    )
    scene.target.readable = False
    return scene


def test_the_base_of_an_unreadable_side_is_what_it_accepted(scene: Scene) -> None:
    made = scene.run(scene.hubspot.put({"email": "a@x", "name": "Ada"}))
    assert made.external_key == "hubspot_h1"
    assert made.base is not None
    assert made.base.target["title"] == digest("Ada", KEY)
    assert scene.run("h1").reason is Reason.IN_STEP


def test_a_patch_carries_what_the_system_always_wants(scene: Scene) -> None:
    scene.run(scene.hubspot.put({"email": "a@x", "name": "Ada"}))
    scene.hubspot.edit("h1", {"email": "b@x"})
    assert scene.run("h1").decision.patches == {T: {"title": "Ada", "mail": "b@x"}}


def test_a_lost_save_is_found_by_our_own_key_and_sent_again(scene: Scene) -> None:
    record_id = scene.hubspot.put({"email": "a@x", "name": "Ada"})
    scene.fail("create", ReplyLost("lost"))
    with pytest.raises(ReplyLost):
        scene.steps(record_id)
    settlement = scene.run(record_id)
    assert (settlement.decision.action, settlement.state) == (Action.LINK, LinkState.LINKED)
    assert [w.action for w in settlement.writes] == [Action.UPDATE]
    assert len(scene.target.rows) == 1


def test_a_save_that_never_arrived_is_made_again_under_the_same_key(scene: Scene) -> None:
    record_id = scene.hubspot.put({"email": "a@x", "name": "Ada"})
    scene.fail("create", ReplyLost("lost"))
    with pytest.raises(ReplyLost):
        scene.steps(record_id)
    scene.target.rows.clear()
    settlement = scene.run(record_id)
    assert [state for _, state in settlement.resolved] == [IntentState.FAILED]
    assert [row.external_key for row in scene.target.rows.values()] == ["hubspot_h1"]


def lose_an_update_and_take_it_back(scene: Scene) -> None:
    """Leave a link whose base says "Ada", whose HubSpot says "Ada", and whose target may not."""
    scene.run(scene.hubspot.put({"email": "a@x", "name": "Ada"}))
    scene.hubspot.edit("h1", {"name": "Eve"})
    scene.fail("update", ReplyLost("lost"))
    with pytest.raises(ReplyLost):
        scene.steps("h1")
    scene.hubspot.edit("h1", {"name": "Ada"})


def test_a_lost_update_is_sent_again_although_nothing_moved(scene: Scene) -> None:
    lose_an_update_and_take_it_back(scene)
    scene.run("h1")
    (row,) = scene.target.rows.values()
    assert row.values["title"] == "Ada"


def test_a_refused_save_keeps_an_earlier_doubt_open(scene: Scene) -> None:
    lose_an_update_and_take_it_back(scene)
    scene.fail("update", Rejected("no"))
    assert scene.run("h1").resolved == ()
    again = scene.run("h1")
    assert (again.reason, again.resolved) == (Reason.REFUSED_BEFORE, ())
    scene.hubspot.edit("h1", {"name": "Eve"})
    assert scene.run("h1").writes[0].state is IntentState.CONFIRMED


def test_a_merged_contact_keeps_its_patient_and_key(scene: Scene) -> None:
    for name in ("Ada", "Ben"):
        scene.hubspot.put({"email": f"{name}@x", "name": name})
    scene.run("h1")
    new = scene.hubspot.merge("h2", "h1")
    settlement = scene.run(new)
    assert (settlement.hubspot_id, settlement.external_key) == (new, "hubspot_h1")
    assert len(scene.target.rows) == 1


def test_a_merged_contact_whose_links_were_lost_still_finds_its_patient(scene: Scene) -> None:
    for name in ("Ada", "Ben"):
        scene.hubspot.put({"email": f"{name}@x", "name": name})
    scene.run("h1")
    new = scene.hubspot.merge("h2", "h1")
    forgetful = type(scene.store)()
    scene.store = forgetful
    assert scene.run(new).external_key == "hubspot_h1"
    assert len(scene.target.rows) == 1


def test_a_merged_contact_with_two_unknown_patients_is_held(scene: Scene) -> None:
    for name in ("Ada", "Ben"):
        scene.run(scene.hubspot.put({"email": f"{name}@x", "name": name}))
    new = scene.hubspot.merge("h2", "h1")
    scene.store = type(scene.store)()
    settlement = scene.run(new)
    assert settlement.reason is Reason.AMBIGUOUS
    assert settlement.detail == "hubspot_h1, hubspot_h2."


def test_a_missing_required_field_sends_nothing(scene: Scene) -> None:
    settlement = scene.run(scene.hubspot.put({"email": "a@x"}))
    assert (settlement.reason, settlement.detail) == (Reason.REQUIRED_MISSING, "name.")
    assert scene.target.rows == {}
