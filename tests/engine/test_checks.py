"""A draft that can run raises nothing; each way to break it is found and named."""

from __future__ import annotations

from dataclasses import replace

import pytest

from integrations.engine.checks import Problem, Severity, check, creatable, made_like, writes
from integrations.engine.config import MatchKey, SideObject, SyncConfig, Trigger
from integrations.engine.filters import Condition, Filter, Operator
from integrations.engine.mapping import Direction, FieldGroup, FieldRule, Overwrite
from integrations.engine.records import FieldType, Side
from integrations.engine.specs import FieldSpec, Option

H, T = Side.HUBSPOT, Side.TARGET
STAGES = (Option("a", "Lead"), Option("b", "Customer"))
HUBSPOT = {
    spec.name: spec
    for spec in (
        FieldSpec("name", "Name"),
        FieldSpec("domain", "Domain"),
        FieldSpec("stage", "Stage", FieldType.CHOICE, STAGES),
        FieldSpec("size", "Size", FieldType.NUMBER),
        FieldSpec("score", "Score", FieldType.NUMBER, read_only=True, style="calculation_equation"),
        FieldSpec("city", "City"),
    )
}
TARGET = {
    spec.name: spec
    for spec in (
        FieldSpec("title", "Title", required=True),
        FieldSpec("web", "Web"),
        FieldSpec("status", "Status", FieldType.CHOICE, (Option("a", "Lead"), Option("c", "Lost"))),
        FieldSpec("id", "Id", required=True, read_only=True),
        FieldSpec("town", "Town"),
    )
}
NAME, DOMAIN = FieldRule("name", "title"), FieldRule("domain", "web")
GOOD = SyncConfig(
    hubspot=SideObject("companies"),
    target=SideObject("accounts"),
    rules=(NAME, DOMAIN, FieldRule("size", "new:size", FieldType.NUMBER)),
    match_keys=(MatchKey("domain", "web"),),
    filters=((H, Filter(((Condition("size", Operator.GREATER, ("9",)),),))),),
)


def found(config: SyncConfig) -> tuple[Problem, ...]:
    """Check a configuration in which the name is locked."""
    return check(config, HUBSPOT, TARGET, locked=("name",))


def ruled(*rules: FieldRule, **more: object) -> SyncConfig:
    """Return the good configuration with more rules."""
    return replace(GOOD, rules=(*GOOD.rules, *rules), **more)  # type: ignore[arg-type]


def filtered(*conditions: Condition, side: Side = H) -> SyncConfig:
    """Return the good configuration with one group of a filter."""
    return replace(GOOD, filters=((side, Filter((conditions,))),))


def test_a_configuration_that_can_run_raises_nothing() -> None:
    assert found(GOOD) == ()


UNSYNCED = "“Name” is always synced: map it, and let it be written."
BROKEN: tuple[tuple[SyncConfig, str, str, str], ...] = (
    (replace(GOOD, rules=GOOD.rules[1:]), "", "locked", UNSYNCED),
    (
        replace(GOOD, rules=(replace(GOOD.rules[0], overwrite=Overwrite.NEVER), *GOOD.rules[1:])),
        "",
        "locked",
        UNSYNCED,
    ),
    (replace(GOOD, rules=()), "", "nothing_selected", "No field is selected for sync."),
    (
        ruled(FieldRule("gone", "town", label="Gone")),
        "gone|town",
        "unknown_field",
        "HubSpot has no field “Gone” any more.",
    ),
    (
        ruled(FieldRule("city", "cf:9")),
        "city|cf:9",
        "unknown_field",
        "“City”: the target has no field “cf:9”.",
    ),
    (
        ruled(FieldRule("score", "new:score", direction=Direction.TO_TARGET)),
        "score|new:score",
        "not_creatable",
        "No field like “Score” can be made: its kind is not supported.",
    ),
    (
        ruled(FieldRule("stage", "town")),
        "stage|town",
        "rule",
        "“As it is” does not turn “one option” in HubSpot into “text”: choose another transform "
        "or another field.",
    ),
    (
        ruled(FieldRule("city", "web")),
        "city|web",
        "written_twice",
        "Two fields write “Web”: only one may.",
    ),
    (
        ruled(FieldRule("domain", "town")),
        "domain|town",
        "written_twice",
        "Two fields write “Domain”: only one may.",
    ),
    (
        replace(GOOD, match_keys=(MatchKey("domain", "host"),)),
        "",
        "match_key",
        "Records are matched by “host”, which does not exist.",
    ),
    (
        replace(GOOD, rules=(replace(NAME, direction=Direction.TO_HUBSPOT), *GOOD.rules[1:])),
        "",
        "required",
        "New records need “Title”, and no field writes it.",
    ),
    (
        replace(GOOD, rules=(replace(NAME, overwrite=Overwrite.NEVER), *GOOD.rules[1:])),
        "",
        "required",
        "New records need “Title”, and no field writes it.",
    ),
    (
        replace(GOOD, groups=(FieldGroup("place", "Place", ("web", "town"), ("web", "town")),)),
        "",
        "group",
        "Place travels as a whole: map “town” too.",
    ),
    (
        filtered(Condition("size", Operator.EMPTY), Condition("stage", Operator.EQUALS, ("a",))),
        "filter:hubspot:0:1",
        "filter_not_selected",
        "Select “Stage” for sync before filtering on it.",
    ),
    (
        filtered(Condition("gone", Operator.EMPTY, label="Gone"), side=T),
        "filter:target:0:0",
        "filter_not_selected",
        "Select “Gone” for sync before filtering on it.",
    ),
    (
        filtered(Condition("new:size", Operator.EMPTY, label="Size"), side=T),
        "filter:target:0:0",
        "unknown_field",
        "The filter asks about “Size”, which is made by publishing and is empty until then.",
    ),
    (
        filtered(Condition("size", Operator.LESS, ("few",))),
        "filter:hubspot:0:0",
        "filter",
        "“Size” holds a number, and “few” is none.",
    ),
    (
        filtered(),
        "filter:hubspot:0:0",
        "empty_group",
        "A group without a condition lets every record in.",
    ),
    (
        replace(GOOD, trigger=Trigger("gone", "yes", "Gone")),
        "",
        "trigger",
        "The sync starts by “Gone”, which does not exist.",
    ),
)


@pytest.mark.parametrize(("config", "where", "code", "sentence"), BROKEN)
def test_each_way_to_break_it_is_named_and_placed(
    config: SyncConfig, where: str, code: str, sentence: str
) -> None:
    assert Problem(where, sentence, Severity.ERROR, code) in found(config)


def test_a_field_that_vanished_under_a_filter_is_named() -> None:
    fields = {name: spec for name, spec in HUBSPOT.items() if name != "size"}
    problems = check(GOOD, fields, TARGET, locked=())
    assert [(one.where, one.code) for one in problems] == [
        ("size|new:size", "unknown_field"),
        ("filter:hubspot:0:0", "unknown_field"),
    ]


def test_a_required_field_is_only_a_warning_where_nothing_is_created() -> None:
    config = replace(GOOD, rules=(DOMAIN,), create_in=(), filters=())
    problems = check(config, HUBSPOT, TARGET, locked=())
    assert [(one.code, one.severity) for one in problems] == [("required", Severity.WARNING)]


def test_creating_without_a_match_key_deserves_a_look() -> None:
    problems = found(replace(GOOD, match_keys=()))
    assert [(one.code, one.severity) for one in problems] == [("no_match_key", Severity.WARNING)]


def test_options_that_the_value_list_leaves_out_deserve_a_look() -> None:
    rule = FieldRule("stage", "status", transform="value_map", arguments=(("a", "a"),))
    assert found(ruled(rule)) == (
        Problem(
            "stage|status",
            "“Stage”: the value list says nothing about “Customer”.",
            Severity.WARNING,
            "options_left",
        ),
    )
    kept = replace(rule, arguments=(("a", "a"), ("@unmapped", "blank")))
    back = replace(rule, direction=Direction.TO_HUBSPOT)
    assert found(ruled(kept)) == found(ruled(back)) == ()


def test_options_that_only_the_target_has_deserve_a_look_where_lists_travel_as_they_are() -> None:
    rule = FieldRule("stage", "status")
    more = FieldSpec("status", "Status", FieldType.CHOICE, (*STAGES, Option("c", "Lost")))

    def judged(rule: FieldRule) -> list[tuple[str, Severity]]:
        grown = {**TARGET, "status": more}
        problems = check(ruled(rule), HUBSPOT, grown, locked=("name",))
        return [(one.sentence, one.severity) for one in problems]

    sentence = "HubSpot's “Stage” does not have “c”: they stay where they are."
    assert judged(rule) == [(sentence, Severity.WARNING)]
    assert judged(replace(rule, direction=Direction.TO_TARGET)) == []
    [(_sentence, severity)] = judged(replace(rule, direction=Direction.TO_HUBSPOT))
    assert severity is Severity.ERROR


def test_errors_stand_before_warnings() -> None:
    config = replace(GOOD, match_keys=(), trigger=Trigger("gone", "x"))
    assert [one.severity for one in found(config)] == [Severity.ERROR, Severity.WARNING]


def test_two_fields_may_read_what_only_one_writes() -> None:
    reading = FieldRule("domain", "town", direction=Direction.TO_TARGET)
    never = FieldRule("city", "web", overwrite=Overwrite.NEVER)
    assert found(ruled(reading)) == found(ruled(never)) == ()


@pytest.mark.parametrize("kind", FieldType)
def test_fields_of_every_type_but_references_can_be_made(kind: FieldType) -> None:
    assert creatable(FieldSpec("f", "F", kind)) is (kind is not FieldType.REFERENCE)


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        ("textarea", True),
        ("html", True),
        ("currency", True),
        ("calculation_equation", False),
        ("calculation_rollup", False),
        ("file", False),
    ],
)
def test_what_others_calculate_or_store_elsewhere_is_not_made(style: str, expected: bool) -> None:
    assert creatable(FieldSpec("f", "F", style=style)) is expected


def test_a_made_field_can_be_written_whatever_its_model() -> None:
    made = made_like(FieldSpec("f", "F", read_only=True, required=True, unique=True), "new:f")
    assert (made.name, made.read_only, made.required, made.unique) == ("new:f", False, False, False)


@pytest.mark.parametrize(
    ("direction", "sides"),
    [
        (Direction.BOTH, [H, T]),
        (Direction.TO_TARGET, [T]),
        (Direction.TO_HUBSPOT, [H]),
    ],
)
def test_a_rule_writes_where_its_direction_leads(direction: Direction, sides: list[Side]) -> None:
    rule = replace(NAME, direction=direction)
    assert [side for side in Side if writes(rule, side)] == sides
