"""Two configurations side by side: every change is told once, and nothing else is."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from integrations.engine.config import (
    Breaker,
    DeletePolicy,
    ExitRule,
    MatchKey,
    MergePolicy,
    SideObject,
    SyncConfig,
    Trigger,
)
from integrations.engine.filters import Condition, Filter, Operator
from integrations.engine.mapping import ConflictPolicy, Direction, FieldRule, Overwrite
from integrations.engine.records import Side
from integrations.engine.versions import (
    Difference,
    What,
    differences,
    filter_sentence,
    rule_sentence,
)

NAME = FieldRule("name", "title", label="Name")
PLAIN = "“name” and “title”; both ways; written: always; when emptied: keep the value."
OLD = SyncConfig(hubspot=SideObject("companies"), target=SideObject("accounts"), rules=(NAME,))
STAGE = Condition("stage", Operator.ANY_OF, ("a", "b"), "Stage")
SIZE = Condition("size", Operator.EMPTY)


def test_equal_configurations_differ_in_nothing_whatever_their_number() -> None:
    assert differences(OLD, replace(OLD, version=7)) == ()


def test_a_field_that_comes_and_one_that_goes_are_told() -> None:
    city = FieldRule("city", "town", direction=Direction.TO_TARGET)
    text = "“city” and “town”; from HubSpot only; written: always; when emptied: keep the value."
    assert differences(OLD, replace(OLD, rules=(city,))) == (
        Difference(What.FIELD, "Name", PLAIN, ""),
        Difference(What.FIELD, "city", "", text),
    )


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (replace(NAME, direction=Direction.TO_HUBSPOT), "; to HubSpot only;"),
        (replace(NAME, overwrite=Overwrite.IF_EMPTY), "written: only if empty"),
        (replace(NAME, clears=True), "when emptied: empty it too"),
        (replace(NAME, transform="email"), "by “E-mail address”"),
        (replace(NAME, conflict=ConflictPolicy.HUBSPOT_WINS), "conflict: HubSpot wins"),
        (replace(NAME, required=True), "; required."),
        (
            replace(NAME, transform="value_map", arguments=(("a", "x"), ("@unmapped", "keep"))),
            "by “Value list (a → x, A value without an entry: keep)”",
        ),
        (replace(NAME, transform="magic"), "by “magic”"),
    ],
)
def test_what_a_rule_does_differently_is_told(rule: FieldRule, words: str) -> None:
    (found,) = differences(OLD, replace(OLD, rules=(rule,)))
    assert (found.what, found.label, found.before) == (What.FIELD, "Name", PLAIN)
    assert words in found.after
    assert found.after == rule_sentence(rule)


def test_a_filter_is_told_by_side() -> None:
    wanted = Filter(((STAGE, SIZE), (SIZE,)))
    text = "“Stage” must be one of “a” or “b” and “size” must be empty; or “size” must be empty."
    assert filter_sentence(wanted) == text
    new = replace(OLD, filters=((Side.HUBSPOT, wanted),))
    other = replace(OLD, filters=((Side.TARGET, Filter(((SIZE,),))),))
    assert differences(OLD, new) == (Difference(What.FILTER, "Records from HubSpot", "", text),)
    assert [(one.label, one.before, one.after) for one in differences(new, other)] == [
        ("Records from HubSpot", text, ""),
        ("Records from the target", "", "“size” must be empty."),
    ]


POLICIES: tuple[tuple[SyncConfig, str, str, str], ...] = (
    (
        replace(OLD, create_in=(Side.TARGET, Side.HUBSPOT)),
        "New records",
        "created in the target.",
        "created in HubSpot and created in the target.",
    ),
    (replace(OLD, create_in=()), "New records", "created in the target.", "not created."),
    (
        replace(OLD, conflict=ConflictPolicy.NEWEST_WINS),
        "When both sides changed",
        "Ask a person.",
        "The newest wins.",
    ),
    (
        replace(OLD, exit_rule=ExitRule.UNLINK),
        "When a record no longer matches",
        "Stop updating.",
        "Unlink.",
    ),
    (
        replace(OLD, on_hubspot_delete=DeletePolicy.HOLD),
        "When deleted in HubSpot",
        "Leave the other record.",
        "Ask a person.",
    ),
    (
        replace(OLD, on_target_delete=DeletePolicy.ARCHIVE),
        "When deleted in the target",
        "Leave the other record.",
        "Archive the other record.",
    ),
    (
        replace(OLD, merge=MergePolicy.KEEP),
        "When merged in HubSpot",
        "Ask a person.",
        "Leave the extra record.",
    ),
    (
        replace(OLD, match_keys=(MatchKey("email", "mail"),)),
        "Records are the same with equal",
        "nothing.",
        "“email” and “mail”.",
    ),
    (
        replace(OLD, trigger=Trigger("stage", "customer", "Stage")),
        "Starts when",
        "anything changes.",
        "“Stage” becomes “customer”.",
    ),
    (
        replace(OLD, grace_seconds=60),
        "Certain of a deletion after",
        "300 seconds.",
        "60 seconds.",
    ),
    (
        replace(OLD, breaker=Breaker(0.5, 10)),
        "Stops before changing",
        "30% of the linked records, when there are more than 50.",
        "50% of the linked records, when there are more than 10.",
    ),
)


@pytest.mark.parametrize(("new", "label", "before", "after"), POLICIES)
def test_a_policy_is_told_with_both_sentences(
    new: SyncConfig, label: str, before: str, after: str
) -> None:
    assert differences(OLD, new) == (Difference(What.POLICY, label, before, after),)


def test_everything_an_admin_can_edit_is_compared() -> None:
    fixed = {"hubspot", "target", "groups", "version"}
    fixed |= {"creation_only", "hubspot_first", "closed", "closed_by"}
    told = {"rules", "filters"} | {
        f.name
        for f in fields(SyncConfig)
        if any(getattr(OLD, f.name) != getattr(new, f.name) for new, *_ in POLICIES)
    }
    assert {f.name for f in fields(SyncConfig)} == fixed | told
