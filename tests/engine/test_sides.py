"""What holds for one side only: closed sides, filters for new pairs, write order, born fields."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from integrations.engine.closing import keep_closed
from integrations.engine.config import DeletePolicy, ExitRule, SideObject
from integrations.engine.errors import Rejected, ReplyLost, SyncError, Unavailable
from integrations.engine.filters import Condition, Filter, Operator
from integrations.engine.mapping import ConflictPolicy, FieldRule, Overwrite
from integrations.engine.pairs import Action, LinkState, Pair
from integrations.engine.ports import Outcome, UpdateItem
from integrations.engine.reasons import Reason
from integrations.engine.records import BLANK, Record, Side, digest
from tests.engine.cases import (
    CONFIG,
    LINK,
    H,
    T,
    based,
    hubspot,
    moved,
    rule,
    short,
    target,
    verdict,
)
from tests.engine.scene import KEY, Scene

ONLY_A = Filter(((Condition("name", Operator.EQUALS, ("a",)),),))


# ------------------------------------------------ closed sides


@pytest.mark.parametrize("side", list(Side))
def test_what_would_write_to_a_closed_side_waits_with_the_whole_pair(side: Side) -> None:
    pair = Pair(
        based(), hubspot("new" if side is T else "old"), target("new" if side is H else "old")
    )
    config = replace(CONFIG, closed=(side,))
    decision = keep_closed(verdict(pair, config), pair, config)
    assert short(decision) == (Action.WAIT, Reason.JOB_OFF, LinkState.LINKED)
    assert not decision.patches


def test_what_writes_only_to_the_open_side_goes_on() -> None:
    pair, config = Pair(based(), hubspot("new"), target()), replace(CONFIG, closed=(H,))
    decision = verdict(pair, config)
    assert keep_closed(decision, pair, config) is decision


def test_a_record_that_would_be_created_on_a_closed_side_is_pending() -> None:
    pair, config = Pair(replace(LINK, key=0, target_id=""), hubspot()), replace(CONFIG, closed=(T,))
    decision = keep_closed(verdict(pair, config), pair, config)
    assert short(decision) == (Action.WAIT, Reason.JOB_OFF, LinkState.PENDING)


def test_nothing_is_archived_on_a_closed_side() -> None:
    config = replace(CONFIG, closed=(T,), on_hubspot_delete=DeletePolicy.ARCHIVE)
    pair = Pair(based(missing_since=1.0), hubspot(archived=True), target())
    assert verdict(pair, config).action is Action.ARCHIVE
    assert keep_closed(verdict(pair, config), pair, config).reason is Reason.JOB_OFF


def test_a_change_made_while_its_side_was_closed_arrives_once_it_is_open() -> None:
    scene = Scene(closed=(H,))
    contact, person = scene.linked()
    scene.target.edit(person, {"title": "Eve"})
    assert scene.run(person).reason is Reason.JOB_OFF
    assert scene.hubspot.rows[contact].values["name"] == "Ada"
    scene.config = replace(scene.config, closed=())
    scene.run(person)
    assert scene.hubspot.rows[contact].values["name"] == "Eve"


# ------------------------------------------------ filters for new pairs only


def test_a_filter_for_new_pairs_keeps_out_what_is_new() -> None:
    config = replace(CONFIG, filters=((H, ONLY_A),), creation_only=(H,))
    decision = verdict(Pair(replace(LINK, target_id=""), hubspot("b")), config)
    assert short(decision) == (Action.EXCLUDE, Reason.FILTERED_OUT, LinkState.EXCLUDED)


def test_a_filter_for_new_pairs_lets_linked_ones_go_on() -> None:
    config = replace(CONFIG, filters=((H, ONLY_A),), creation_only=(H,))
    decision = verdict(Pair(based(), hubspot("b"), target()), config)
    assert decision.patches == {T: {"title": "b"}}


def test_the_other_sides_filter_still_freezes() -> None:
    kept_in = Filter(((Condition("title", Operator.EQUALS, ("in",)),),))
    config = replace(
        CONFIG, filters=((H, ONLY_A), (T, kept_in)), creation_only=(H,), exit_rule=ExitRule.FREEZE
    )
    decision = verdict(Pair(based(), hubspot("b"), target()), config)
    assert decision.reason is Reason.FROZEN


# ------------------------------------------------ HubSpot first


class Both(Scene):
    """A scene in which both sides get something: each changed another field."""

    def __init__(self, *, first: bool) -> None:
        super().__init__(
            hubspot_first=first,
            rules=(
                FieldRule("email", "mail"),
                FieldRule("name", "title", clears=True, conflict=ConflictPolicy.HUBSPOT_WINS),
            ),
        )
        self.contact, self.person = self.linked()
        self.hubspot.edit(self.contact, {"name": "From HubSpot"})
        self.target.edit(self.person, {"mail": "new@x"})

    def refuse(self, error: SyncError) -> None:
        """Let HubSpot answer its next update with an error."""
        real = self.hubspot.update

        def answer(object_type: str, items: Sequence[UpdateItem]) -> list[Outcome]:
            self.hubspot.update = real  # type: ignore[method-assign]
            return [Outcome(item.ref, error=error) for item in items]

        self.hubspot.update = answer  # type: ignore[method-assign]


@pytest.mark.parametrize("error", [Rejected("No."), Unavailable("Away."), ReplyLost("Lost.")])
def test_the_target_gets_nothing_while_hubspot_has_not_taken_its_part(error: SyncError) -> None:
    scene = Both(first=True)
    link = scene.store.links[scene.store.aliases[H, scene.contact]]
    scene.refuse(error)
    try:
        scene.run(scene.contact)
    except SyncError:
        assert error.scope is not Rejected("").scope
    after = scene.store.links[link.key]
    assert scene.target.rows[scene.person].values["title"] == "Ada"
    assert (after.hubspot_id, after.target_id, after.base) == (
        link.hubspot_id,
        link.target_id,
        link.base,
    )


def test_without_that_rule_the_target_is_written_first() -> None:
    scene = Both(first=False)
    scene.refuse(Rejected("No."))
    scene.run(scene.contact)
    assert scene.target.rows[scene.person].values["title"] == "From HubSpot"


# ------------------------------------------------ fields of new records, kept values


def test_a_new_record_is_born_with_its_constant_fields() -> None:
    scene = Scene(target=SideObject("accounts", born_with=(("kind", "lead"),)))
    scene.target.names += ("kind",)
    record_id = scene.hubspot.put({"email": "ada@x", "name": "Ada"})
    made = scene.run(record_id).target_id
    assert scene.target.rows[made].values["kind"] == "lead"
    scene.hubspot.edit(record_id, {"name": "Eve"})
    scene.target.edit(made, {"kind": "customer"})
    scene.run(record_id)
    assert scene.target.rows[made].values["kind"] == "customer"


def test_a_default_does_not_stand_in_for_a_value_that_could_not_be_carried_over() -> None:
    country = FieldRule("country", "land", transform="country")
    scene = Scene(target=SideObject("accounts", born_with=(("land", "DE"),)))
    scene.config = replace(scene.config, rules=(*scene.config.rules, country))
    scene.hubspot.names += ("country",)
    scene.target.names += ("land",)
    known = scene.hubspot.put({"email": "ada@x", "country": BLANK})
    unknown = scene.hubspot.put({"email": "eve@x", "country": "Narnia"})
    lands = {}
    for one in (known, unknown):
        lands[one] = scene.target.rows[scene.run(one).target_id].values.get("land", BLANK)
    assert lands == {known: "DE", unknown: BLANK}
    scene.hubspot.edit(unknown, {"country": "Austria"})
    assert scene.target.rows[scene.run(unknown).target_id].values["land"] == "AT"


def test_what_a_record_was_born_with_does_not_travel_back() -> None:
    scene = Scene(target=SideObject("accounts", born_with=(("title", "default"),)))
    record_id = scene.hubspot.put({"email": "ada@x"})
    made = scene.run(record_id).target_id
    assert scene.target.rows[made].values["title"] == "default"
    assert not scene.run(record_id).writes
    scene.target.edit(made, {"title": "Ann"})
    scene.run(record_id)
    assert scene.hubspot.rows[record_id].values["name"] == "Ann"


def test_a_filled_value_is_kept_with_a_remark_and_travels_back_when_it_changes() -> None:
    config = rule(overwrite=Overwrite.IF_EMPTY, back=Overwrite.ALWAYS)
    kept = moved("new", "old", config)
    assert (kept.action, kept.patches) == (Action.SETTLE, {})
    assert [note.reason for note in kept.notes] == [Reason.VALUE_KEPT]
    assert not kept.open_fields
    assert moved("old", "new", config).patches == {H: {"name": "new"}}


def test_an_empty_value_is_filled() -> None:
    config = rule(overwrite=Overwrite.IF_EMPTY, back=Overwrite.ALWAYS)
    pair = Pair(based("", BLANK), hubspot("new"), target(BLANK))
    link = replace(pair.link, base=replace(pair.link.base, hubspot={"name": digest("old", KEY)}))
    decision = verdict(Pair(link, Record("1", {"name": "new"}), target(BLANK)), config)
    assert decision.patches == {T: {"title": "new"}}
