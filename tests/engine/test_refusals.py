"""What a system refused is not sent again as it was; everything else still is."""

from __future__ import annotations

from dataclasses import replace

from integrations.engine.errors import Duplicate, Rejected
from integrations.engine.pairs import Action, LinkState
from integrations.engine.ports import Hint, Settlement
from integrations.engine.reasons import Reason
from integrations.engine.reconcile import Settled, reconcile
from tests.engine.scene import KEY, H, Scene, T


def refused_scene(*fields: str) -> tuple[Scene, str]:
    """Return a pair whose changed e-mail and name the target has just refused."""
    scene = Scene()
    record_id, _ = scene.linked()
    scene.hubspot.edit(record_id, {"email": "new@x", "name": "Eve"})
    scene.fail("update", Rejected("No.", fields=fields))
    scene.run(record_id)
    return scene, record_id


def asked(scene: Scene, record_id: str) -> Settlement:
    """Let a person ask for another try."""
    steps = reconcile(
        [Hint(H, record_id, asked=True)],
        scene.config,
        {H: scene.hubspot, T: scene.target},
        scene.store.lease(),
        now=scene.now,
        digest_key=KEY,
    )
    return next(step.settlements[-1] for step in steps if isinstance(step, Settled))


def test_a_refused_patch_is_not_sent_again_as_it_was() -> None:
    scene, record_id = refused_scene()
    writes = scene.target.writes["writes"]
    again = scene.run(record_id)
    assert (again.reason, again.state) == (Reason.REFUSED_BEFORE, LinkState.FAILING)
    assert again.detail == "No."
    assert scene.target.writes["writes"] == writes


def test_a_change_of_what_was_refused_is_sent() -> None:
    scene, record_id = refused_scene()
    scene.hubspot.edit(record_id, {"email": "better@x"})
    assert scene.run(record_id).reason is Reason.UPDATED
    assert scene.target.rows["t1"].values == {"mail": "better@x", "title": "Eve"}
    assert scene.run(record_id).refused == {}


def test_a_person_who_retries_gets_a_try() -> None:
    scene, record_id = refused_scene()
    assert asked(scene, record_id).reason is Reason.UPDATED


def test_a_field_that_was_refused_by_name_stays_behind_and_the_others_go() -> None:
    scene, record_id = refused_scene("mail")
    link = scene.store.last[1]
    assert (link.state, link.retry_after) == (LinkState.LINKED, 0.0)
    done = scene.run(record_id)
    assert (done.decision.action, done.reason) == (Action.UPDATE, Reason.FIELDS_QUARANTINED)
    assert scene.target.rows["t1"].values["title"] == "Eve"
    assert scene.target.rows["t1"].values["mail"] == "Ada@x"
    still = scene.run(record_id)
    assert (still.decision.action, still.reason) == (Action.NOTHING, Reason.FIELDS_QUARANTINED)
    assert still.detail == "email: No."
    scene.hubspot.edit(record_id, {"email": "Ada@x"})
    assert scene.run(record_id).refused == {}


def test_a_create_without_its_refused_field_is_tried() -> None:
    scene = Scene()
    record_id = scene.hubspot.put({"email": "a@x", "name": "Ada"})
    scene.fail("create", Rejected("No.", fields=("title",)))
    scene.run(record_id)
    made = scene.run(record_id)
    assert (made.decision.action, made.reason) == (Action.CREATE, Reason.FIELDS_QUARANTINED)
    assert scene.target.rows["t1"].values == {"mail": "a@x"}


def test_a_create_of_which_nothing_is_left_fails() -> None:
    scene = Scene()
    scene.config = replace(scene.config, rules=scene.config.rules[:1])
    record_id = scene.hubspot.put({"email": "a@x"})
    scene.fail("create", Rejected("No.", fields=("mail",)))
    scene.run(record_id)
    assert scene.run(record_id).state is LinkState.FAILING
    assert not scene.target.rows


def test_a_value_that_another_record_holds_never_moves_the_pair_there() -> None:
    scene = Scene()
    record_id, target_id = scene.linked()
    other = scene.target.put({"mail": "taken@x"})
    scene.hubspot.edit(record_id, {"email": "taken@x"})
    scene.fail("update", Duplicate("Taken.", existing_id=other, fields=("mail",)))
    assert scene.run(record_id).target_id == target_id
    assert scene.run(record_id).reason is Reason.FIELDS_QUARANTINED
