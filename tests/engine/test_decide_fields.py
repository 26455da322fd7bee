"""The decision table, field by field: which value travels between two linked records."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from integrations.engine.config import SideObject
from integrations.engine.mapping import ConflictPolicy, Direction, FieldRule, Overwrite
from integrations.engine.pairs import Action, Base, LinkState, OpenIntent, Pair
from integrations.engine.reasons import Reason
from integrations.engine.records import ABSENT, BLANK, UNREADABLE, Record, Side, Value, digest
from tests.engine.cases import (
    CONFIG,
    KEY,
    LINK,
    NOW,
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

# ------------------------------------------------ linked: fields


def test_nothing_moved() -> None:
    decision = moved("old", "old")
    assert short(decision) == (Action.NOTHING, Reason.IN_STEP, LinkState.LINKED)


def test_both_moved_to_the_same() -> None:
    assert short(moved("new", "new")) == (Action.SETTLE, Reason.SETTLED, LinkState.LINKED)


def test_a_spelling_that_only_one_system_uses_is_no_change() -> None:
    link = based("+1 555", "1555")
    decision = verdict(Pair(link, hubspot("+1 555"), target("1555")))
    assert decision.reason is Reason.IN_STEP


def test_hubspot_moved() -> None:
    decision = moved("new", "old")
    assert short(decision) == (Action.UPDATE, Reason.UPDATED, LinkState.LINKED)
    assert decision.patches == {T: {"title": "new"}}


def test_the_target_moved() -> None:
    assert moved("old", "new").patches == {H: {"name": "new"}}


@pytest.mark.parametrize(
    ("policy", "patches"),
    [
        (ConflictPolicy.HUBSPOT_WINS, {T: {"title": "mine"}}),
        (ConflictPolicy.TARGET_WINS, {H: {"name": "yours"}}),
    ],
)
def test_both_moved_apart_and_one_side_wins(
    policy: ConflictPolicy, patches: dict[Side, dict[str, str]]
) -> None:
    assert moved("mine", "yours", replace(CONFIG, conflict=policy)).patches == patches
    assert moved("mine", "yours", rule(conflict=policy)).patches == patches


def test_both_moved_apart_and_a_person_decides() -> None:
    decision = moved("mine", "yours")
    assert short(decision) == (Action.HOLD, Reason.CONFLICT, LinkState.HELD)
    assert (decision.patches, decision.detail) == ({}, "Name")


@pytest.mark.parametrize(
    ("seconds", "winner"), [(61, H), (60, None), (0, None), (-60, None), (-61, T)]
)
def test_newest_wins_only_beyond_the_tolerance(seconds: int, winner: Side | None) -> None:
    config = replace(CONFIG, conflict=ConflictPolicy.NEWEST_WINS)
    mine = hubspot("mine", modified_at=NOW + timedelta(seconds=seconds))
    decision = verdict(Pair(based(), mine, target("yours", modified_at=NOW)), config)
    assert list(decision.patches) == ([winner.other] if winner else [])
    assert (decision.reason is Reason.CONFLICT) is (winner is None)


def test_newest_wins_needs_two_certain_times() -> None:
    config = replace(CONFIG, conflict=ConflictPolicy.NEWEST_WINS)
    pair = Pair(based(), hubspot("mine", modified_at=NOW), target("yours"))
    assert verdict(pair, config).reason is Reason.CONFLICT


def test_a_conflict_stops_only_its_own_field() -> None:
    config = replace(CONFIG, rules=(*CONFIG.rules, FieldRule("city", "town")))
    link = based()
    base = Base(
        {**link.base.hubspot, "city": digest("A", KEY)},
        {**link.base.target, "town": digest("A", KEY)},
    )
    pair = Pair(
        replace(link, base=base),
        Record("1", {"name": "mine", "city": "B"}),
        Record("9", {"title": "yours", "town": "A"}),
    )
    decision = verdict(pair, config)
    assert short(decision) == (Action.UPDATE, Reason.CONFLICT, LinkState.HELD)
    assert decision.patches == {T: {"town": "B"}}
    assert decision.open_fields == {("name", "title")}


def test_a_clear_travels_only_where_the_rule_says_so() -> None:
    assert moved(BLANK, "old").action is Action.SETTLE
    assert moved(BLANK, "old", rule(clears=True)).patches == {T: {"title": BLANK}}


def test_what_cannot_be_read_never_moves() -> None:
    for decision in (
        moved(UNREADABLE, "old", rule(clears=True)),
        moved("old", UNREADABLE, rule(clears=True)),
    ):
        assert short(decision) == (Action.NOTHING, Reason.IN_STEP, LinkState.LINKED)


@pytest.mark.parametrize("other", ["old", "new"])
def test_what_an_answer_left_out_is_looked_at_again_and_decides_nothing(other: Value) -> None:
    for decision in (
        moved(ABSENT, other, rule(clears=True)),
        moved(other, ABSENT, rule(clears=True)),
    ):
        assert short(decision) == (Action.NOTHING, Reason.FIELD_UNSEEN, LinkState.LINKED)
        assert decision.wants_another_look
        assert decision.open_fields == {("name", "title")}


def test_a_change_against_the_direction_stays_and_is_named() -> None:
    decision = moved("old", "new", rule(direction=Direction.TO_TARGET))
    assert short(decision) == (Action.NOTHING, Reason.DIRECTION_FORBIDS, LinkState.LINKED)
    assert decision.open_fields == {("name", "title")}


def test_on_a_one_way_field_the_source_wins_without_a_policy() -> None:
    decision = moved("mine", "yours", rule(direction=Direction.TO_TARGET))
    assert decision.patches == {T: {"title": "mine"}}


@pytest.mark.parametrize("mode", [Overwrite.NEVER, Overwrite.ON_CREATE, Overwrite.IF_EMPTY])
def test_a_change_that_the_overwrite_mode_keeps_back_is_agreed(mode: Overwrite) -> None:
    assert short(moved("new", "old", rule(overwrite=mode)))[:2] == (Action.SETTLE, Reason.SETTLED)


def test_a_side_that_cannot_be_changed_is_named() -> None:
    config = replace(CONFIG, target=SideObject("accounts", can_update=False))
    assert moved("new", "old", config).reason is Reason.CANNOT_UPDATE


def test_an_invalid_value_is_quarantined() -> None:
    config = rule(transform="value_map", arguments=(("old", "old"),))
    decision = moved("strange", "old", config)
    assert short(decision) == (Action.NOTHING, Reason.FIELDS_QUARANTINED, LinkState.LINKED)
    assert decision.detail.startswith("Name ")


def test_a_required_field_that_became_empty_fails_the_record() -> None:
    decision = moved(BLANK, "old", rule(required=True, direction=Direction.TO_TARGET))
    assert short(decision) == (Action.FAIL, Reason.REQUIRED_MISSING, LinkState.FAILING)
    assert "Name" in decision.detail


# ------------------------------------------------ linked: first contact and doubt


@pytest.mark.parametrize(
    ("name", "title", "direction", "patches"),
    [
        ("a", "a", Direction.BOTH, {}),
        ("a", "b", Direction.BOTH, {T: {"title": "a"}}),
        ("a", "b", Direction.TO_HUBSPOT, {H: {"name": "b"}}),
        ("a", "b", Direction.TO_TARGET, {T: {"title": "a"}}),
        ("a", BLANK, Direction.BOTH, {T: {"title": "a"}}),
        (BLANK, "b", Direction.BOTH, {H: {"name": "b"}}),
        (BLANK, "b", Direction.TO_TARGET, {}),
        (BLANK, BLANK, Direction.BOTH, {}),
        ("a", UNREADABLE, Direction.TO_TARGET, {T: {"title": "a"}}),
        ("a", ABSENT, Direction.BOTH, {}),
    ],
)
def test_at_first_contact_hubspot_wins_and_blanks_are_filled(
    name: Value, title: Value, direction: Direction, patches: dict[Side, dict[str, Value]]
) -> None:
    config = rule(direction=direction, clears=True)
    decision = verdict(Pair(LINK, hubspot(name), target(title)), config, matched=True)
    assert short(decision) == (Action.LINK, Reason.LINKED, LinkState.LINKED)
    assert decision.patches == patches


def test_after_a_lost_update_the_writing_side_counts() -> None:
    lost = OpenIntent(1, T, Action.UPDATE, fields=("title",))
    pair = Pair(based(unresolved=(lost,)), hubspot("old"), target("ours"))
    assert verdict(pair).patches == {T: {"title": "old"}}


def test_after_a_lost_save_an_unreadable_side_gets_everything_again() -> None:
    lost = OpenIntent(1, T, Action.UPDATE)
    pair = Pair(based(unresolved=(lost,)), hubspot("old"), target(UNREADABLE))
    config = replace(rule(direction=Direction.TO_TARGET), target=SideObject("p", readable=False))
    assert verdict(pair, config).patches == {T: {"title": "old"}}
