"""A choice lets a side count for a field that moved on no side, as long as both values stand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from integrations.engine.config import SideObject, SyncConfig
from integrations.engine.decide import Context, decide
from integrations.engine.filters import Condition, Filter, Operator
from integrations.engine.mapping import Direction, FieldRule
from integrations.engine.pairs import Action, Base, Choice, Decision, Link, LinkState, Pair
from integrations.engine.reconcile import mapper_of
from integrations.engine.records import Record, Side, digest

H, T = Side.HUBSPOT, Side.TARGET
KEY = b"key"
NOW = datetime(2026, 11, 20, tzinfo=UTC)
RULE = FieldRule(
    "stage", "step", transform="table", arguments=(("@name", "stages"), (">a", "2"), ("<2", "a"))
)
CONFIG = SyncConfig(SideObject("deals"), SideObject("tasks"), (RULE,))


def pair(stage: str, step: str, side: Side = H) -> Pair:
    """A pair that agreed on a ↔ 1, with the choice that `side` counts; with these values now."""
    agreed = (digest("a", KEY), digest("1", KEY))
    link = Link(
        1,
        LinkState.LINKED,
        "7",
        "8",
        base=Base({"stage": agreed[0]}, {"step": agreed[1]}),
        choices={("stage", "step"): Choice(side, agreed)},
    )
    return Pair(link, Record("7", {"stage": stage}), Record("8", {"step": step}))


def decided(found: Pair, config: SyncConfig = CONFIG) -> Decision:
    return decide(found, config, mapper_of(config), Context(NOW, KEY))


def test_a_field_that_moved_nowhere_gets_what_its_table_says_now() -> None:
    assert decided(pair("a", "1")).patches == {T: {"step": "2"}}


def test_without_a_choice_nothing_moves() -> None:
    found = pair("a", "1")
    assert decided(replace(found, link=replace(found.link, choices={}))).action is Action.NOTHING


def test_what_somebody_changed_since_is_left_to_the_usual_rules() -> None:
    assert decided(pair("a", "3")).patches.get(T) is None


def test_a_value_that_is_right_already_is_only_settled() -> None:
    agreed = (digest("a", KEY), digest("2", KEY))
    found = pair("a", "2")
    link = replace(
        found.link,
        base=Base({"stage": agreed[0]}, {"step": agreed[1]}),
        choices={("stage", "step"): Choice(H, agreed)},
    )
    assert decided(replace(found, link=link)).patches == {}


def test_the_other_side_can_be_the_one_that_counts() -> None:
    rule = replace(RULE, arguments=(("@name", "stages"), (">b", "1"), ("<1", "b")))
    config = replace(CONFIG, rules=(rule,))
    assert decided(pair("a", "1", T), config).patches == {H: {"stage": "b"}}


@pytest.mark.parametrize(("step", "action"), [("1", Action.UPDATE), ("3", Action.FREEZE)])
def test_a_filter_is_asked_about_what_the_record_is_to_hold(step: str, action: Action) -> None:
    wanted = Filter(((Condition("step", Operator.ANY_OF, ("2",)),),))
    config = replace(CONFIG, filters=((T, wanted),))
    assert decided(pair("a", step), config).action is action


def test_a_filter_is_not_stretched_for_a_field_that_does_not_travel_there() -> None:
    wanted = Filter(((Condition("step", Operator.ANY_OF, ("2",)),),))
    rule = replace(RULE, direction=Direction.TO_HUBSPOT)
    config = replace(CONFIG, rules=(rule,), filters=((T, wanted),))
    assert decided(pair("a", "1"), config).action is Action.FREEZE


def test_a_value_that_cannot_be_translated_meets_the_filter_as_it_is() -> None:
    wanted = Filter(((Condition("step", Operator.ANY_OF, ("2",)),),))
    rule = replace(RULE, arguments=(("@name", "stages"), (">z", "2")))
    config = replace(CONFIG, rules=(rule,), filters=((T, wanted),))
    assert decided(pair("a", "1"), config).action is Action.FREEZE
