"""A plan counts, shows field changes, and the breaker stops what is too much."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from integrations.engine.config import Breaker
from integrations.engine.pairs import Action, Decision, Link, LinkState, Pair
from integrations.engine.plan import PlanItem, build_plan
from integrations.engine.reasons import Reason
from integrations.engine.records import Record, Side

T = Side.TARGET
UPDATE = Decision(Action.UPDATE, Reason.UPDATED, LinkState.LINKED, patches={T: {"a": "new"}})
CREATE = Decision(Action.CREATE, Reason.CREATED, LinkState.LINKED, patches={T: {"a": "new"}})
IN_STEP = Decision(Action.NOTHING, Reason.IN_STEP, LinkState.LINKED)
WAIT = Decision(Action.WAIT, Reason.GONE_GRACE, LinkState.LINKED)
BOTH = Pair(Link(1, LinkState.LINKED, "1", "9"), Record("1", {}), Record("9", {"a": "old"}))
LOST = Pair(BOTH.link, None, BOTH.target)


def items(decision: Decision, number: int, pair: Pair = BOTH) -> list[PlanItem]:
    """Return some equal plan items."""
    return [PlanItem(pair, decision)] * number


def test_a_plan_counts_actions_reasons_and_writes() -> None:
    plan = build_plan([*items(UPDATE, 2), *items(CREATE, 1), *items(IN_STEP, 3)], (), Breaker())
    assert plan.actions == {Action.UPDATE: 2, Action.CREATE: 1, Action.NOTHING: 3}
    assert plan.reasons[Reason.IN_STEP] == 3
    assert (plan.writes[T], plan.changed_links, plan.unsafe) == (3, 2, "")


@pytest.mark.parametrize(
    ("decided", "total", "before", "stops"),
    [
        (items(UPDATE, 31), 100, 0, True),
        (items(UPDATE, 30), 100, 0, False),
        (items(UPDATE, 1), 100, 30, True),
        (items(CREATE, 90), 100, 0, False),
        (items(UPDATE, 50), 50, 0, False),
        (items(UPDATE, 50), 51, 0, True),
        (items(UPDATE, 90), 0, 0, False),
    ],
)
def test_the_breaker_stops_a_plan_that_changes_too_much(
    decided: Sequence[PlanItem], total: int, before: int, stops: bool
) -> None:
    plan = build_plan(decided, (), Breaker(0.30, 50), total, before)
    assert bool(plan.unsafe) is stops


def test_an_emptied_source_stops_a_run_of_any_size() -> None:
    assert build_plan(items(WAIT, 10, LOST), (), Breaker(), 10).unsafe
    assert not build_plan(items(WAIT, 9, LOST), (), Breaker(), 9).unsafe
    mixed = [*items(WAIT, 10, LOST), *items(IN_STEP, 1)]
    assert not build_plan(mixed, (), Breaker(), 11).unsafe
