"""The decision table, pair by pair: creating, filters, triggers, deletions. Every row is a test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from integrations.engine.config import DeletePolicy, ExitRule, SideObject, SyncConfig, Trigger
from integrations.engine.filters import Condition, Filter, Operator
from integrations.engine.mapping import Direction, Privacy
from integrations.engine.pairs import Action, Link, LinkState, OpenIntent, Pair, Verdict
from integrations.engine.reasons import Reason
from integrations.engine.records import Record
from tests.engine.cases import (
    CONFIG,
    LINK,
    NOW,
    H,
    T,
    based,
    hubspot,
    rule,
    short,
    target,
    verdict,
)

# ------------------------------------------------ not linked


def test_a_record_without_a_match_is_created() -> None:
    decision = verdict(Pair(Link(0, hubspot_id="1"), hubspot("Ida")))
    assert short(decision) == (Action.CREATE, Reason.CREATED, LinkState.LINKED)
    assert decision.patches == {T: {"title": "Ida"}}


def test_a_target_record_is_created_in_hubspot() -> None:
    decision = verdict(Pair(Link(0, target_id="9"), None, target("Ida")))
    assert decision.patches == {H: {"name": "Ida"}}


@pytest.mark.parametrize(
    "config",
    [
        replace(CONFIG, create_in=()),
        replace(CONFIG, target=SideObject("accounts", can_create=False)),
    ],
)
def test_a_create_needs_permission_and_capability(config: SyncConfig) -> None:
    decision = verdict(Pair(Link(0, hubspot_id="1"), hubspot("Ida")), config)
    assert short(decision) == (Action.NOTHING, Reason.CANNOT_CREATE, LinkState.EXCLUDED)


def test_a_record_with_nothing_to_send_is_not_created() -> None:
    config = rule(direction=Direction.TO_HUBSPOT)
    decision = verdict(Pair(Link(0, hubspot_id="1"), hubspot("Ida")), config)
    assert decision.reason is Reason.DIRECTION_FORBIDS


def test_several_matches_are_held() -> None:
    decision = verdict(Pair(Link(0, hubspot_id="1"), hubspot()), candidates=("8", "9"))
    assert short(decision) == (Action.HOLD, Reason.AMBIGUOUS, LinkState.HELD)
    assert decision.detail == "8, 9."


def test_a_create_that_may_have_happened_is_held() -> None:
    decision = verdict(Pair(Link(3, hubspot_id="1"), hubspot()), unresolved=True)
    assert short(decision) == (Action.HOLD, Reason.WRITE_UNKNOWN, LinkState.HELD)


# ------------------------------------------------ filters and triggers

NAMED = Filter(((Condition("name", Operator.EQUALS, ("Ida",), "Name"),),))


def test_a_record_outside_the_filter_is_excluded_with_what_was_seen() -> None:
    config = replace(CONFIG, filters=((H, NAMED),))
    decision = verdict(Pair(Link(0, hubspot_id="1"), hubspot("Bo")), config)
    assert short(decision) == (Action.EXCLUDE, Reason.FILTERED_OUT, LinkState.EXCLUDED)
    assert decision.evidence == "“Name” must be “Ida”, but it is “Bo”."


@pytest.mark.parametrize("link", [Link(0, hubspot_id="1"), based()])
@pytest.mark.parametrize(
    ("privacy", "stored", "told"),
    [
        (Privacy.PUBLIC, True, True),
        (Privacy.PERSONAL, False, True),
        (Privacy.HEALTH, False, False),
    ],
)
def test_what_is_stored_names_public_values_only(
    privacy: Privacy, stored: bool, told: bool, link: Link
) -> None:
    config = replace(rule(privacy=privacy), filters=((H, NAMED),))
    decision = verdict(Pair(link, hubspot("Bo"), target()), config)
    assert decision.action in (Action.EXCLUDE, Action.FREEZE)
    assert ("Bo" in decision.detail) is stored
    assert ("Bo" in decision.evidence) is told


@pytest.mark.parametrize(
    ("exit_rule", "expected"),
    [
        (ExitRule.FREEZE, (Action.FREEZE, Reason.FROZEN, LinkState.FROZEN)),
        (ExitRule.UNLINK, (Action.UNLINK, Reason.FILTERED_OUT, LinkState.EXCLUDED)),
        (ExitRule.KEEP_SYNCING, (Action.UPDATE, Reason.UPDATED, LinkState.LINKED)),
    ],
)
def test_a_linked_record_that_leaves_the_filter_follows_the_exit_rule(
    exit_rule: ExitRule, expected: tuple[Action, Reason, LinkState]
) -> None:
    config = replace(CONFIG, filters=((H, NAMED),), exit_rule=exit_rule)
    assert short(verdict(Pair(based(), hubspot("Bo"), target()), config)) == expected


STAGED = replace(CONFIG, trigger=Trigger("stage", "customer", "Stage"))


@pytest.mark.parametrize(
    ("stage", "hint", "expected"),
    [
        ("lead", {}, (Action.EXCLUDE, Reason.FILTERED_OUT, LinkState.EXCLUDED)),
        ("customer", {}, (Action.NOTHING, Reason.WAITING_FOR_TRIGGER, LinkState.PENDING)),
        ("customer", {"fired": True}, (Action.CREATE, Reason.CREATED, LinkState.LINKED)),
        ("lead", {"fired": True}, (Action.CREATE, Reason.CREATED, LinkState.LINKED)),
        ("customer", {"asked": True}, (Action.CREATE, Reason.CREATED, LinkState.LINKED)),
        ("lead", {"asked": True}, (Action.EXCLUDE, Reason.FILTERED_OUT, LinkState.EXCLUDED)),
    ],
)
def test_only_the_entry_into_the_stage_starts_a_sync(
    stage: str, hint: dict[str, bool], expected: tuple[Action, Reason, LinkState]
) -> None:
    record = Record("1", {"name": "Ida", "stage": stage})
    decision = verdict(Pair(Link(0, hubspot_id="1"), record), STAGED, **hint)
    assert short(decision) == expected
    assert ("Stage" in decision.detail) is (stage == "lead")


@pytest.mark.parametrize(
    ("stage", "fired", "expected"),
    [
        ("lead", False, (Action.FREEZE, Reason.FROZEN, LinkState.FROZEN)),
        ("customer", False, (Action.NOTHING, Reason.WAITING_FOR_TRIGGER, LinkState.LINKED)),
        ("customer", True, (Action.UPDATE, Reason.UPDATED, LinkState.LINKED)),
        ("lead", True, (Action.UPDATE, Reason.UPDATED, LinkState.LINKED)),
    ],
)
def test_a_linked_record_moves_only_with_the_next_entry(
    stage: str, fired: bool, expected: tuple[Action, Reason, LinkState]
) -> None:
    record = Record("1", {"name": "new", "stage": stage})
    assert short(verdict(Pair(based(), record, target()), STAGED, fired=fired)) == expected


def test_a_lost_write_is_seen_through_without_a_new_entry() -> None:
    lost = OpenIntent(1, T, Action.CREATE)
    record = Record("1", {"name": "Ida", "stage": "lead"})
    link = Link(3, hubspot_id="1", unresolved=(lost,))
    assert verdict(Pair(link, record), STAGED).action is Action.CREATE


# ------------------------------------------------ deletions

WAITED = (NOW - timedelta(seconds=300)).timestamp()
ARCHIVING = replace(CONFIG, on_hubspot_delete=DeletePolicy.ARCHIVE)
GRACE = (Action.WAIT, Reason.GONE_GRACE, LinkState.LINKED)
GONE = (Action.GONE, Reason.GONE, LinkState.GONE)
HELD = (Action.HOLD, Reason.DELETE_HELD, LinkState.HELD)
DELETIONS = [
    # policy, record, missing since, title in the target, decision
    (DeletePolicy.KEEP, None, 0.0, "old", GRACE),
    (DeletePolicy.KEEP, None, WAITED + 1, "old", GRACE),
    (DeletePolicy.KEEP, None, WAITED, "old", GONE),
    (DeletePolicy.KEEP, hubspot(archived=True), 0.0, "old", GONE),
    (DeletePolicy.HOLD, hubspot(archived=True), 0.0, "old", GRACE),
    (DeletePolicy.HOLD, hubspot(archived=True), WAITED, "old", HELD),
    (DeletePolicy.ARCHIVE, hubspot(archived=True), 0.0, "old", GRACE),
    (DeletePolicy.ARCHIVE, None, 0.0, "old", GRACE),
    (
        DeletePolicy.ARCHIVE,
        None,
        WAITED,
        "old",
        (Action.ARCHIVE, Reason.ARCHIVED, LinkState.GONE),
    ),
    (DeletePolicy.ARCHIVE, hubspot(archived=True), WAITED, "edited", HELD),
]


@pytest.mark.parametrize(("policy", "record", "since", "title", "expected"), DELETIONS)
def test_a_deletion_is_doubted_first_and_then_follows_the_policy(
    policy: DeletePolicy,
    record: Record | None,
    since: float,
    title: str,
    expected: tuple[Action, Reason, LinkState],
) -> None:
    config = replace(CONFIG, on_hubspot_delete=policy)
    pair = Pair(based(missing_since=since), record, target(title))
    assert short(verdict(pair, config)) == expected


def test_nothing_is_archived_where_the_system_cannot_or_both_sides_are_gone() -> None:
    config = replace(ARCHIVING, target=SideObject("accounts"))
    link = based(missing_since=WAITED)
    assert verdict(Pair(link, None, target()), config).action is Action.GONE
    assert verdict(Pair(link), ARCHIVING).action is Action.GONE


def test_the_deletion_policy_of_the_lost_side_counts() -> None:
    config = replace(CONFIG, on_target_delete=DeletePolicy.HOLD)
    pair = Pair(based(missing_since=WAITED), hubspot(), None)
    held = verdict(pair, config)
    assert held.reason is Reason.DELETE_HELD
    assert held.detail == "It was deleted in the other system."


JUDGED: Sequence[tuple[Verdict | None, dict[str, object], tuple[Action, Reason, LinkState]]] = (
    (None, {}, HELD),
    (Verdict.ARCHIVE, {}, (Action.ARCHIVE, Reason.ARCHIVED, LinkState.GONE)),
    (Verdict.KEEP, {}, GONE),
    (Verdict.ARCHIVE, {"target": SideObject("accounts")}, HELD),
    (None, {"on_hubspot_delete": DeletePolicy.KEEP}, GONE),
)


@pytest.mark.parametrize(("said", "changes", "expected"), JUDGED)
def test_a_held_deletion_waits_for_a_person_and_does_what_they_say(
    said: Verdict | None,
    changes: dict[str, object],
    expected: tuple[Action, Reason, LinkState],
) -> None:
    config = replace(CONFIG, on_hubspot_delete=DeletePolicy.HOLD)
    config = replace(config, **changes)  # type: ignore[arg-type]
    link = based(state=LinkState.HELD, reason=Reason.DELETE_HELD, verdict=said)
    assert short(verdict(Pair(link, None, target("moved since")), config)) == expected
    assert short(verdict(Pair(link, None, None), config)) == GONE
    assert verdict(Pair(link, hubspot(), target()), config).state is LinkState.LINKED


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (LinkState.LINKED, Reason.IN_STEP),
        (LinkState.HELD, Reason.CONFLICT),
        (LinkState.FAILING, Reason.DELETE_HELD),
    ],
)
def test_a_verdict_about_an_earlier_deletion_decides_nothing(
    state: LinkState, reason: Reason
) -> None:
    config = replace(CONFIG, on_hubspot_delete=DeletePolicy.HOLD)
    link = based(state=state, reason=reason, verdict=Verdict.ARCHIVE)
    assert verdict(Pair(link, None, target()), config).reason is Reason.GONE_GRACE
    assert verdict(Pair(link, None, None), config).reason is Reason.GONE_GRACE


def test_a_tombstone_is_kept_and_a_restore_revives_it() -> None:
    link = based(state=LinkState.GONE)
    assert short(verdict(Pair(link, None, target()))) == (
        Action.NOTHING,
        Reason.TOMBSTONE,
        LinkState.GONE,
    )
    assert short(verdict(Pair(link, hubspot("new"), target()))) == (
        Action.UPDATE,
        Reason.UPDATED,
        LinkState.LINKED,
    )


def test_an_unlinked_record_that_is_gone_needs_no_grace() -> None:
    assert short(verdict(Pair(Link(0, hubspot_id="1")))) == GONE


def test_a_superseded_link_stays_so() -> None:
    pair = Pair(replace(LINK, state=LinkState.SUPERSEDED), hubspot(), target("x"))
    assert verdict(pair).reason is Reason.SUPERSEDED
