"""The flow on small examples: what each step reads, writes and remembers."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from integrations.engine.config import MergePolicy
from integrations.engine.errors import (
    AuthFailed,
    Duplicate,
    LeaseLost,
    Rejected,
    ReplyLost,
    SyncError,
    Unavailable,
    UnsafePlan,
    VersionConflict,
)
from integrations.engine.pairs import Action, IntentState, LinkState
from integrations.engine.reasons import Reason
from integrations.engine.reconcile import Planned
from integrations.engine.records import BLANK, Record, Side, digest
from tests.engine.scene import KEY, H, Scene, T


def test_a_new_contact_is_created_linked_and_then_in_step() -> None:
    scene = Scene()
    record_id = scene.hubspot.put({"email": "a@x", "name": "Ada"})
    made = scene.run(record_id)
    assert (made.decision.action, made.state, made.target_id) == (
        Action.CREATE,
        LinkState.LINKED,
        "t1",
    )
    assert made.base is not None
    assert made.base.target["title"] == digest("Ada", KEY)
    assert [w.state for w in made.writes] == [IntentState.CONFIRMED]
    assert scene.target.rows["t1"].values == {"mail": "a@x", "title": "Ada"}
    assert scene.run(record_id).reason is Reason.IN_STEP
    assert scene.target.writes["writes"] == 1


@pytest.mark.parametrize("side", [H, T])
def test_a_field_that_both_fill_in_after_a_create_is_a_conflict(side: Side) -> None:
    scene = Scene()
    scene.hubspot.whole_answers = scene.target.whole_answers = False
    if side is H:
        scene.run(scene.hubspot.put({"email": "a@x"}))
    else:
        scene.run(scene.target.put({"mail": "a@x"}))
    scene.hubspot.edit("h1", {"name": "Ada"})
    scene.target.edit("t1", {"title": "Eve"})
    assert scene.run("h1").reason is Reason.CONFLICT


def test_a_dry_run_writes_nothing() -> None:
    scene = Scene()
    flow = scene.flow(scene.store.lease(), scene.hubspot.put({"email": "a@x"}))
    before = scene.store.state()
    step = next(iter(flow))
    assert isinstance(step, Planned)
    assert step.plan.actions == {Action.CREATE: 1}
    assert (scene.store.state(), scene.target.rows) == (before, {})


def test_only_the_changed_field_is_written_and_its_before_is_kept() -> None:
    scene = Scene()
    record_id, _ = scene.linked()
    scene.hubspot.edit(record_id, {"name": "Eve"})
    (write,) = scene.run(record_id).writes
    assert (write.before, write.after) == ({"title": "Ada"}, {"title": "Eve"})


def test_hints_of_both_sides_end_in_one_settlement() -> None:
    scene = Scene()
    record_id, target_id = scene.linked()
    assert len(scene.run(record_id, target_id, record_id).hints) == 3


def test_an_existing_record_is_linked_and_not_created_again() -> None:
    scene = Scene()
    record_id = scene.hubspot.put({"email": "a@x", "name": "Ada"})
    scene.target.put({"mail": "a@x", "title": BLANK})
    settlement = scene.run(record_id)
    assert (settlement.reason, settlement.target_id) == (Reason.LINKED, "t1")
    assert scene.target.rows["t1"].values["title"] == "Ada"


def test_two_new_records_of_one_person_in_one_slice_become_one_pair() -> None:
    scene = Scene()
    ids = scene.hubspot.put({"email": "a@x"}), scene.target.put({"mail": "a@x"})
    settlement = scene.run(*ids)
    assert (settlement.hubspot_id, settlement.target_id) == ids
    assert len(settlement.hints) == 2


def test_a_lost_reply_never_creates_twice() -> None:
    scene = Scene()
    record_id = scene.hubspot.put({"email": "a@x", "name": "Ada"})
    scene.fail("create", ReplyLost("lost"))
    with pytest.raises(ReplyLost):
        scene.steps(record_id)
    (intent,) = scene.store.intents.values()
    assert intent.state is IntentState.UNKNOWN
    assert scene.run(record_id).resolved == ((intent.open.key, IntentState.CONFIRMED),)
    assert list(scene.target.rows) == ["t1"]


def test_a_lost_create_is_held_when_the_search_could_not_prove_anything() -> None:
    scene = Scene()
    record_id = scene.hubspot.put({"email": "a@x"})
    scene.fail("create", ReplyLost("lost"))
    with pytest.raises(ReplyLost):
        scene.steps(record_id)
    scene.hubspot.edit(record_id, {"email": "b@x"})
    settlement = scene.run(record_id)
    assert (settlement.state, settlement.reason) == (LinkState.HELD, Reason.WRITE_UNKNOWN)
    assert len(scene.target.rows) == 1


@pytest.mark.parametrize(
    ("error", "state", "retry_after"),
    [
        (Rejected("no"), LinkState.FAILING, None),
        (VersionConflict("read again"), LinkState.LINKED, 0.0),
        (Duplicate("exists"), LinkState.HELD, None),
    ],
)
def test_one_bad_record_does_not_stop_its_batch(
    error: SyncError, state: LinkState, retry_after: float | None
) -> None:
    scene = Scene()
    (bad, _), (good, target_id) = scene.linked("Ada"), scene.linked("Ben")
    base = scene.store.links[scene.store.aliases[H, bad]].base
    for record_id in (bad, good):
        scene.hubspot.edit(record_id, {"name": "new"})
    scene.fail("update", error, None)
    scene.steps(bad, good)
    link = scene.store.links[scene.store.aliases[H, bad]]
    last = scene.store.last[link.key]
    assert (link.state, last.reason, last.retry_after) == (state, error.reason, retry_after)
    assert link.base.target["title"] == base.target["title"]
    assert scene.target.rows[target_id].values["title"] == "new"


@pytest.mark.parametrize("error", [Unavailable("down", retry_after=7), AuthFailed("refused")])
def test_an_error_of_the_whole_sync_settles_what_was_written_and_is_raised(
    error: SyncError,
) -> None:
    scene = Scene()
    pairs = [scene.linked(name) for name in ("Ada", "Ben", "Cy")]
    for record_id, _ in pairs:
        scene.hubspot.edit(record_id, {"name": "new"})
    scene.fail("update", None, error)
    with pytest.raises(type(error)):
        scene.steps(*(record_id for record_id, _ in pairs), batch_sizes={T: 2})
    links = [scene.store.links[scene.store.aliases[H, record_id]] for record_id, _ in pairs]
    reasons = [scene.store.last[link.key].reason for link in links]
    assert reasons == [Reason.UPDATED, error.reason, Reason.IN_STEP]
    states = [i.state for i in scene.store.intents.values()][-2:]
    assert states == [IntentState.CONFIRMED, IntentState.FAILED]
    assert len(scene.store.hints) == 1, "the refused record is due again"


def test_a_record_that_refuses_a_create_is_adopted_and_then_linked() -> None:
    scene = Scene()
    record_id = scene.hubspot.put({"email": "a@x", "name": "Ada"})
    hidden = scene.target.put({"mail": "other@x", "title": "Ada"})
    scene.fail("create", Duplicate("exists", existing_id=hidden))
    settlement = scene.run(record_id)
    assert (settlement.target_id, settlement.retry_after) == (hidden, 0.0)
    assert scene.run(record_id).reason is Reason.LINKED


def test_what_a_system_made_of_a_value_is_remembered_and_does_not_come_back() -> None:
    scene = Scene()
    scene.target.normal = {"title": lambda value: str(value)[:3]}
    record_id, target_id = scene.linked("Adalbert")
    assert scene.target.rows[target_id].values["title"] == "Ada"
    assert scene.run(record_id, target_id).reason is Reason.IN_STEP
    assert scene.hubspot.rows[record_id].values["name"] == "Adalbert"


@pytest.mark.parametrize(
    ("policy", "action", "archived"),
    [
        (MergePolicy.KEEP, Action.NOTHING, False),
        (MergePolicy.HOLD, Action.HOLD, False),
        (MergePolicy.ARCHIVE, Action.ARCHIVE, True),
    ],
)
def test_after_a_merge_one_link_follows_and_the_other_record_meets_its_policy(
    policy: MergePolicy, action: Action, archived: bool
) -> None:
    scene = Scene(merge=policy)
    (one, kept), (two, extra) = scene.linked("Ada"), scene.linked("Ben")
    new = scene.hubspot.merge(one, two)
    scene.steps(one, two, new)
    link = scene.store.links[scene.store.aliases[H, one]]
    assert (link.hubspot_id, link.target_id, link.generation) == (new, kept, 1)
    assert scene.store.aliases[H, two] == link.key
    (ended,) = (k for k in scene.store.links.values() if k.target_id == extra)
    assert ended.state is LinkState.SUPERSEDED
    assert scene.store.last[ended.key].decision.action is action
    assert scene.target.rows[extra].archived is archived


def test_a_missing_record_waits_out_the_grace_and_is_then_gone() -> None:
    scene = Scene()
    record_id, target_id = scene.linked()
    del scene.hubspot.rows[record_id]
    waiting = scene.run(record_id)
    assert (waiting.reason, waiting.retry_after) == (Reason.GONE_GRACE, 300.0)
    scene.now += timedelta(seconds=300)
    assert scene.run(record_id).state is LinkState.GONE
    assert not scene.target.rows[target_id].archived
    assert scene.run(target_id).reason is Reason.TOMBSTONE


def test_a_page_that_was_read_is_not_fetched_again(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene()
    monkeypatch.setattr(scene.hubspot, "fetch", None)
    page = {H: {"h1": Record("h1", {"email": "a@x", "name": "Ada"})}}
    assert scene.run("h1", preread=page).reason is Reason.CREATED


def test_an_unsafe_plan_stops_before_the_first_write_unless_approved() -> None:
    scene = Scene()
    pairs = [scene.linked(f"N{number}") for number in range(3)]
    for record_id, _ in pairs:
        scene.hubspot.edit(record_id, {"name": "x"})
    ids = [record_id for record_id, _ in pairs]
    scene.config = replace(scene.config, breaker=replace(scene.config.breaker, floor=2))
    before = scene.target.writes["writes"]
    with pytest.raises(UnsafePlan):
        scene.steps(*ids, linked_total=3)
    assert scene.target.writes["writes"] == before
    assert scene.run(*ids, linked_total=3, approved=True).reason is Reason.UPDATED


def test_a_worker_without_its_lease_writes_nothing() -> None:
    scene = Scene()
    flow = scene.flow(scene.store.lease(), scene.hubspot.put({"email": "a@x"}))
    next(flow)
    scene.store.lease()
    with pytest.raises(LeaseLost):
        next(flow)
    assert scene.target.rows == {}


def test_what_an_answer_leaves_out_is_read_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene()
    record_id, target_id = scene.linked()
    monkeypatch.setattr(scene.target, "_answer", lambda row, written: Record(row.id, {}))
    scene.hubspot.edit(record_id, {"name": "Eve"})
    settlement = scene.run(record_id)
    assert settlement.base is not None
    assert settlement.base.target["title"] == digest("Eve", KEY)


def test_a_value_that_nobody_confirmed_changes_no_base(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene()
    record_id, target_id = scene.linked()
    monkeypatch.setattr(scene.target, "_answer", lambda row, written: Record(row.id, {}))
    scene.target.normal = {"title": lambda value: "changed meanwhile"}
    scene.hubspot.edit(record_id, {"name": "Eve"})
    settlement = scene.run(record_id)
    assert (settlement.reason, settlement.retry_after) == (Reason.WRITE_UNKNOWN, 0.0)
    assert settlement.base is not None
    assert settlement.base.hubspot["name"] == digest("Ada", KEY)
    assert settlement.base.target["title"] == digest("Ada", KEY)
