"""What a system refused is not sent again as it was; everything else still is."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

import pytest

from integrations.engine.errors import Duplicate, RateLimited, Rejected, ReplyLost, SyncError
from integrations.engine.pairs import Action, LinkState
from integrations.engine.ports import Hint, Outcome, Settlement, UpdateItem
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


# ---------------------------------------------------------------- HubSpot first


def untaken(error: SyncError) -> tuple[Scene, str, Settlement]:
    """Return a pair whose name HubSpot, which is first, did not take from the target."""
    scene = Scene(hubspot_first=True)
    record_id, target_id = scene.linked()
    scene.target.edit(target_id, {"title": "Eve"})
    real = scene.hubspot.update

    def once(_kind: str, items: Sequence[UpdateItem]) -> list[Outcome]:
        scene.hubspot.update = real  # type: ignore[method-assign]
        return [Outcome(item.ref, error=error) for item in items]

    scene.hubspot.update = once  # type: ignore[method-assign, assignment]
    with suppress(ReplyLost, RateLimited):
        scene.run(target_id)
    return scene, target_id, scene.store.last[1]


@pytest.mark.parametrize(
    "error", [Rejected("No."), Duplicate("Taken."), Rejected("No.", fields=("name",))]
)
def test_a_pair_whose_change_hubspot_refused_is_failing_and_stays_so(error: Rejected) -> None:
    scene, target_id, first = untaken(error)
    again = scene.run(target_id)
    for settled in (first, again):
        assert (settled.state, settled.base) == (LinkState.FAILING, None)
        assert error.detail in settled.detail
    assert scene.hubspot.rows["h1"].values["name"] == "Ada"


def test_a_pair_for_which_hubspot_did_not_answer_is_failing_until_it_does() -> None:
    scene, target_id, first = untaken(ReplyLost("Silence.", retry_after=1))
    assert (first.state, first.reason) == (LinkState.FAILING, Reason.WRITE_UNKNOWN)
    assert scene.run(target_id).state is LinkState.LINKED


def test_a_limit_that_is_reached_says_nothing_about_the_pair() -> None:
    _scene, _target_id, first = untaken(RateLimited("Slow down.", retry_after=1))
    assert first.state is LinkState.LINKED


def test_the_other_fields_go_and_the_pair_stays_failing() -> None:
    scene, target_id, _first = untaken(Rejected("No.", fields=("name",)))
    scene.target.edit(target_id, {"mail": "new@x"})
    done = scene.run(target_id)
    assert (done.decision.action, done.state) == (Action.UPDATE, LinkState.FAILING)
    assert scene.hubspot.rows["h1"].values == {"email": "new@x", "name": "Ada"}
    scene.target.edit(target_id, {"title": "Ada"})
    assert scene.run(target_id).state is LinkState.LINKED
