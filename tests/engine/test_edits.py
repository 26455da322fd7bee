"""Steps of editing a draft: each gives the next configuration or says why it makes no sense."""

from __future__ import annotations

from dataclasses import replace

import pytest

from integrations.engine.config import (
    DeletePolicy,
    ExitRule,
    MatchKey,
    MergePolicy,
    SideObject,
    SyncConfig,
)
from integrations.engine.edits import (
    EditRefused,
    Ground,
    add_rule,
    key_of,
    refuse_special,
    remove_rule,
    set_filter,
    set_policies,
    set_rule,
    within_limits,
)
from integrations.engine.filters import Condition, Filter, Operator
from integrations.engine.mapping import ConflictPolicy, Direction, FieldRule, Overwrite, Privacy
from integrations.engine.records import FieldType, Side
from integrations.engine.selecting import select_fields
from integrations.engine.specs import FieldSpec, Option

H, T = Side.HUBSPOT, Side.TARGET
EMAIL, NAME, CITY = FieldRule("email", "mail"), FieldRule("name", "title"), FieldRule("city", "c")
CONFIG = SyncConfig(
    SideObject("contacts"),
    SideObject("people"),
    (EMAIL, NAME, CITY),
    match_keys=(MatchKey("email", "mail"),),
)
OPTIONS = (Option("a", "A"), Option("b", "B"))
FIELDS = (
    FieldSpec("email", "E-mail"),
    FieldSpec("name", "Name"),
    FieldSpec("city", "City"),
    FieldSpec("visits", "Visits", FieldType.NUMBER),
    FieldSpec("seen", "Last seen", FieldType.DATETIME, read_only=True),
    FieldSpec("tier", "Tier", FieldType.CHOICE, OPTIONS),
    FieldSpec("blood", "Blood", privacy=Privacy.HEALTH),
    FieldSpec("team", "Team", FieldType.REFERENCE),
    FieldSpec("score", "Score", FieldType.NUMBER, style="calculation_score"),
)
THERE = (
    FieldSpec("mail", "E-mail"),
    FieldSpec("title", "Name"),
    FieldSpec("c", "City"),
    FieldSpec("cf:1", "visits"),
    FieldSpec("cf:2", "Tier", FieldType.CHOICE, (Option("1", "A"), Option("2", "B"))),
)
GROUND = Ground(
    CONFIG, {f.name: f for f in FIELDS}, {f.name: f for f in THERE}, ("email",), makes_fields=True
)


def bonn(name: str = "city") -> Filter:
    return Filter(((Condition(name, Operator.EQUALS, ("Bonn",)),),))


def keys(config: SyncConfig) -> list[tuple[str, str]]:
    return [key_of(rule) for rule in config.rules]


# ---------------------------------------------------------------- selecting


def test_fields_that_stay_keep_their_rules() -> None:
    config = set_rule(CONFIG, ("name", "title"), replace(NAME, overwrite=Overwrite.NEVER), GROUND)
    assert select_fields(config, ["email", "name"], GROUND).rules == config.rules[:2]


def test_a_field_selected_again_gets_the_specs_own_rule() -> None:
    config = select_fields(CONFIG, ["email", "name"], GROUND)
    assert select_fields(config, ["email", "name", "city"], GROUND).rules[-1] == CITY


@pytest.mark.parametrize(
    ("name", "target", "transform", "direction"),
    [
        ("visits", "cf:1", "number_to_text", Direction.BOTH),
        ("tier", "cf:2", "value_map", Direction.BOTH),
        ("blood", "new:blood", "", Direction.BOTH),
        ("seen", "new:seen", "", Direction.TO_TARGET),
    ],
)
def test_a_new_field_starts_with_a_suggestion(
    name: str, target: str, transform: str, direction: Direction
) -> None:
    rule = select_fields(CONFIG, ["email", "name", "city", name], GROUND).rules[-1]
    assert (rule.hubspot, rule.target, rule.transform, rule.direction) == (
        name, target, transform, direction,
    )  # fmt: skip
    assert rule.clears
    assert rule.privacy is GROUND.hubspot[name].privacy


def test_a_taken_target_field_is_not_suggested_twice() -> None:
    config = add_rule(CONFIG, FieldRule("name", "cf:1"))
    assert keys(select_fields(config, ["email", "name", "city", "visits"], GROUND))[-1] == (
        "visits",
        "new:visits",
    )


@pytest.mark.parametrize("name", ["team", "score", "unknown"])
def test_a_field_that_nothing_can_hold_is_refused_by_name(name: str) -> None:
    with pytest.raises(EditRefused) as caught:
        select_fields(CONFIG, ["email", "name", "city", name], GROUND)
    assert caught.value.fields == (name,)


def test_without_made_fields_only_what_exists_can_be_mapped() -> None:
    with pytest.raises(EditRefused, match="Blood"):
        select_fields(
            CONFIG, ["email", "name", "city", "blood"], replace(GROUND, makes_fields=False)
        )


def test_locked_fields_cannot_be_deselected() -> None:
    with pytest.raises(EditRefused, match="email") as caught:
        select_fields(CONFIG, ["name"], GROUND)
    assert caught.value.fields == ("email",)
    with pytest.raises(EditRefused):
        remove_rule(CONFIG, ("email", "mail"), GROUND)
    with pytest.raises(EditRefused):
        set_rule(CONFIG, ("email", "mail"), FieldRule("visits", "mail"), GROUND)


@pytest.mark.parametrize(("side", "name"), [(H, "city"), (T, "c")])
def test_a_field_that_a_filter_uses_cannot_be_deselected(side: Side, name: str) -> None:
    config = set_filter(CONFIG, side, bonn(name))
    with pytest.raises(EditRefused, match="filter on “city”"):
        select_fields(config, ["email", "name"], GROUND)
    assert keys(remove_rule(set_filter(config, side, Filter()), ("city", "c"), GROUND)) == [
        ("email", "mail"),
        ("name", "title"),
    ]


# ---------------------------------------------------------------- rules


def test_a_rule_is_replaced_in_its_place() -> None:
    rule = FieldRule("name", "cf:1", transform="text")
    assert keys(set_rule(CONFIG, ("name", "title"), rule, GROUND)) == [
        ("email", "mail"), ("name", "cf:1"), ("city", "c"),
    ]  # fmt: skip


def test_a_pair_of_fields_is_mapped_once() -> None:
    with pytest.raises(EditRefused):
        add_rule(CONFIG, NAME)
    with pytest.raises(EditRefused):
        set_rule(CONFIG, ("city", "c"), NAME, GROUND)


def test_an_unknown_rule_is_refused() -> None:
    with pytest.raises(EditRefused):
        remove_rule(CONFIG, ("city", "nowhere"), GROUND)


# ---------------------------------------------------------------- filters and policies


def test_filters_ask_only_about_selected_fields() -> None:
    with pytest.raises(EditRefused, match="visits") as caught:
        set_filter(CONFIG, H, bonn("visits"))
    assert caught.value.fields == ("visits",)
    with pytest.raises(EditRefused):
        set_filter(CONFIG, T, bonn("city"))


def test_filters_are_kept_per_side_and_empty_ones_go() -> None:
    config = set_filter(set_filter(CONFIG, T, bonn("c")), H, bonn())
    assert [side for side, _ in config.filters] == [H, T]
    assert config.filter_for(H).groups[0][0].label == "city"
    assert set_filter(config, T, Filter(((),))).filters == config.filters[:1]


def test_policies_left_out_stay() -> None:
    config = set_policies(CONFIG, conflict=ConflictPolicy.NEWEST_WINS, create_in=[H])
    config = set_policies(config, exit_rule=ExitRule.UNLINK, on_hubspot_delete=DeletePolicy.HOLD)
    assert (config.conflict, config.exit_rule) == (ConflictPolicy.NEWEST_WINS, ExitRule.UNLINK)
    assert (config.create_in, config.on_hubspot_delete) == ((H,), DeletePolicy.HOLD)
    assert set_policies(config, create_in=[]).create_in == ()
    assert set_policies(config, merge=MergePolicy.KEEP).merge is MergePolicy.KEEP
    assert set_policies(config, exit_rule=ExitRule.FREEZE).merge is CONFIG.merge


def test_what_the_systems_can_do_is_not_for_editing() -> None:
    start = replace(CONFIG, rules=(EMAIL, NAME, FieldRule("b", "b", privacy=Privacy.HEALTH)))
    edited = replace(
        start,
        target=SideObject("secrets", can_archive=True),
        match_keys=(),
        rules=(EMAIL, FieldRule("b", "b")),
        filters=((H, bonn()),),
        version=7,
    )
    config = within_limits(edited, start)
    assert (config.target, config.match_keys, config.version) == (
        start.target, start.match_keys, 0,
    )  # fmt: skip
    assert config.filters == edited.filters
    assert [rule.privacy for rule in config.rules] == [Privacy.PERSONAL, Privacy.HEALTH]


# ---------------------------------------------------------------- what has a page of its own

OWNED = FieldRule("owner", "OwnerId", transform="table", arguments=(("@name", "owners"),))
SPECIAL = replace(
    GROUND,
    start=replace(CONFIG, rules=(*CONFIG.rules, OWNED)),
    hubspot={**GROUND.hubspot, "pipeline": FieldSpec("pipeline", "Pipeline")},
    hidden=("owner", "pipeline"),
)


def test_a_rule_with_a_table_stays_as_it_is_and_may_go() -> None:
    config = SPECIAL.start
    for wanted in (
        replace(OWNED, clears=True),
        replace(OWNED, transform=""),
        FieldRule("owner", "c"),
    ):
        with pytest.raises(EditRefused, match="page of its own"):
            set_rule(config, key_of(OWNED), wanted, SPECIAL)
    assert set_rule(config, key_of(OWNED), OWNED, SPECIAL) == config
    assert OWNED not in remove_rule(config, key_of(OWNED), SPECIAL).rules


def test_no_other_rule_can_be_given_a_table() -> None:
    rule = CONFIG.rules[0]
    with pytest.raises(EditRefused):
        set_rule(CONFIG, key_of(rule), replace(rule, transform="table"), SPECIAL)


def test_a_hidden_field_is_not_mapped_but_the_specs_own_rule_comes_back() -> None:
    names = [rule.hubspot for rule in CONFIG.rules]
    with pytest.raises(EditRefused, match="handled by the integration itself"):
        select_fields(CONFIG, [*names, "pipeline"], SPECIAL)
    ground = replace(SPECIAL, hubspot={**SPECIAL.hubspot, "owner": FieldSpec("owner", "Owner")})
    assert OWNED in select_fields(CONFIG, [*names, "owner"], ground).rules


def test_the_order_of_a_tables_arguments_means_nothing() -> None:
    known = replace(OWNED, arguments=(("@name", "owners"), ("@unknown", "leave")))
    turned = replace(OWNED, arguments=tuple(reversed(known.arguments)))
    config = replace(CONFIG, rules=(*CONFIG.rules, known))
    refuse_special(config, [turned], SPECIAL)
