"""What a changed field breaks, and that nothing else is said to be broken."""

from __future__ import annotations

from dataclasses import replace

import pytest

from integrations.engine.compatibility import problem
from integrations.engine.config import MatchKey, SideObject, SyncConfig, Trigger
from integrations.engine.drift import (
    Drift,
    Kind,
    Remedy,
    Repair,
    Use,
    compare_fields,
    pause,
    repaired,
)
from integrations.engine.filters import Condition, Filter, Operator
from integrations.engine.mapping import Direction, FieldRule, Privacy
from integrations.engine.records import FieldType, Side
from integrations.engine.specs import FieldSpec, Option

H, T = Side.HUBSPOT, Side.TARGET
Fields = dict[str, FieldSpec]


def options(*values: str) -> tuple[Option, ...]:
    """Return options labelled by their value in capitals."""
    return tuple(Option(value, value.upper()) for value in values)


def listed(name: str, *values: str) -> FieldSpec:
    """Return a list field."""
    return FieldSpec(name, name.title(), FieldType.CHOICE, options(*values))


HUBSPOT: Fields = {
    spec.name: spec
    for spec in (
        FieldSpec("name", "Name"),
        FieldSpec("domain", "Domain"),
        listed("stage", "a", "b"),
        listed("kind", "x", "y"),
        FieldSpec("unused", "Unused"),
    )
}
TARGET: Fields = {
    spec.name: spec
    for spec in (
        FieldSpec("title", "Title"),
        FieldSpec("web", "Web"),
        listed("status", "1", "2"),
        listed("sort", "x", "y"),
    )
}
STAGE = FieldRule("stage", "status", transform="value_map", arguments=(("a", "1"), ("b", "2")))
KIND = FieldRule("kind", "sort")
CONFIG = SyncConfig(
    hubspot=SideObject("companies"),
    target=SideObject("accounts"),
    rules=(FieldRule("name", "title"), FieldRule("domain", "web"), STAGE, KIND),
    match_keys=(MatchKey("domain", "web"),),
    filters=((H, Filter(((Condition("kind", Operator.EQUALS, ("x",)),),))),),
)


def changed(fields: Fields, name: str, **changes: object) -> Fields:
    """Return the fields with one of them changed."""
    return {**fields, name: replace(fields[name], **changes)}  # type: ignore[arg-type]


def without(fields: Fields, name: str) -> Fields:
    """Return the fields without one of them."""
    return {key: spec for key, spec in fields.items() if key != name}


def here(now: Fields, config: SyncConfig = CONFIG) -> tuple[Drift, ...]:
    """Compare HubSpot's fields."""
    return compare_fields(config, HUBSPOT, now, H, TARGET)


def there(now: Fields, config: SyncConfig = CONFIG) -> tuple[Drift, ...]:
    """Compare the target's fields."""
    return compare_fields(config, TARGET, now, T, HUBSPOT)


def test_unchanged_fields_do_not_drift() -> None:
    assert here(HUBSPOT) == there(TARGET) == ()


@pytest.mark.parametrize(
    "now",
    [
        without(HUBSPOT, "unused"),
        changed(HUBSPOT, "unused", type=FieldType.NUMBER),
        changed(HUBSPOT, "name", label="Company name", description="x", group="y"),
        changed(HUBSPOT, "stage", options=(Option("b", "Bee"), Option("a", "Ay"))),
        {**HUBSPOT, "more": FieldSpec("more", "More")},
    ],
)
def test_what_the_configuration_does_not_use_may_change(now: Fields) -> None:
    assert here(now) == ()


def test_a_vanished_field_pauses_itself_and_is_to_be_dropped() -> None:
    assert here(without(HUBSPOT, "name")) == (
        Drift(
            Kind.VANISHED,
            H,
            "name",
            "Name",
            "“Name” does not exist any more.",
            pauses=("name|title",),
            repairs=(Repair("name|title", Remedy.DROP),),
        ),
    )


@pytest.mark.parametrize(
    ("side", "name", "spoils"),
    [(H, "domain", (Use.MATCH_KEY,)), (H, "kind", (Use.FILTER,)), (T, "web", (Use.MATCH_KEY,))],
)
def test_a_vanished_field_that_is_needed_otherwise_is_left_to_a_person(
    side: Side, name: str, spoils: tuple[Use, ...]
) -> None:
    (drift,) = here(without(HUBSPOT, name)) if side is H else there(without(TARGET, name))
    assert (drift.spoils, drift.repairs) == (spoils, ())


def test_a_vanished_trigger_is_found_though_it_is_not_mapped() -> None:
    config = replace(CONFIG, trigger=Trigger("unused", "yes"))
    (drift,) = here(without(HUBSPOT, "unused"), config)
    assert (drift.pauses, drift.spoils) == ((), (Use.TRIGGER,))


def test_a_field_that_became_sensitive_is_masked_and_goes_on() -> None:
    now = {**HUBSPOT, "name": replace(HUBSPOT["name"], privacy=Privacy.HEALTH)}
    (drift,) = compare_fields(CONFIG, HUBSPOT, now, H, TARGET)
    assert (drift.kind, drift.pauses, drift.spoils) == (Kind.SENSITIVE, (), ())
    config, notes = pause(CONFIG, [drift])
    assert notes == ()
    assert [rule.privacy for rule in config.rules][:2] == [Privacy.HEALTH, Privacy.PERSONAL]
    assert compare_fields(config, HUBSPOT, now, H, TARGET) == ()


def test_another_type_pauses_the_rule_and_proposes_the_transform_that_fits() -> None:
    (drift,) = here(changed(HUBSPOT, "name", type=FieldType.NUMBER))
    assert (drift.kind, drift.pauses) == (Kind.RETYPED, ("name|title",))
    assert drift.sentence == "“Name” was of the type “text” and is “number” now."
    assert drift.repairs == (Repair("name|title", Remedy.TRANSFORM, "number_to_text"),)


def test_another_type_that_fits_only_one_way_proposes_that_way() -> None:
    config = replace(CONFIG, rules=(FieldRule("at", "day"),), match_keys=(), filters=())
    then, other = ({name: FieldSpec(name, name, FieldType.DATE)} for name in ("at", "day"))
    now = {"at": FieldSpec("at", "at", FieldType.DATETIME)}
    (drift,) = compare_fields(config, then, now, H, other)
    (repair,) = drift.repairs
    assert (repair.transform, repair.direction) == ("datetime_to_date", Direction.TO_TARGET)


def test_another_type_that_nothing_fits_is_to_be_dropped() -> None:
    (drift,) = here(changed(HUBSPOT, "name", type=FieldType.REFERENCE))
    assert drift.repairs == (Repair("name|title", Remedy.DROP),)


def test_another_type_that_the_rule_can_live_with_pauses_nothing() -> None:
    (drift,) = here(changed(HUBSPOT, "stage", type=FieldType.TEXT, options=()))
    assert (drift.kind, drift.pauses, drift.repairs) == (Kind.RETYPED, (), ())


def test_another_type_spoils_the_filter_only_if_it_cannot_be_asked_any_more() -> None:
    (text,) = here(changed(HUBSPOT, "kind", type=FieldType.TEXT, options=()))
    (number,) = here(changed(HUBSPOT, "kind", type=FieldType.NUMBER, options=()))
    assert (text.spoils, number.spoils) == ((), (Use.FILTER,))


def test_without_the_other_side_another_type_pauses() -> None:
    now = changed(HUBSPOT, "stage", type=FieldType.TEXT, options=())
    (drift,) = compare_fields(CONFIG, HUBSPOT, now, H)
    assert drift.pauses == ("stage|status",)


def test_a_lost_option_that_may_be_written_pauses_and_its_entry_is_to_go() -> None:
    (drift,) = there(changed(TARGET, "status", options=options("1", "3")))
    assert (drift.kind, drift.pauses) == (Kind.REOPTIONED, ("stage|status",))
    assert drift.sentence == "“Status” has lost “2” and gained “3”."
    (repair,) = drift.repairs
    assert (repair.remedy, repair.transform) == (Remedy.VALUE_LIST, "value_map")
    assert repair.arguments == (("a", "1"),)


def test_a_lost_option_that_is_only_read_stops_nothing() -> None:
    one_way = replace(CONFIG, rules=(replace(STAGE, direction=Direction.TO_TARGET),))
    assert here(changed(HUBSPOT, "stage", options=options("a")), one_way) == ()


def test_a_new_option_without_an_entry_is_reported_and_its_entry_is_proposed() -> None:
    now = changed(HUBSPOT, "stage", options=(*options("a", "b"), Option("c", "Three")))
    other = changed(TARGET, "status", options=(*options("1", "2"), Option("3", "three")))
    (drift,) = compare_fields(CONFIG, HUBSPOT, now, H, other)
    assert (drift.pauses, drift.spoils) == ((), ())
    (repair,) = drift.repairs
    assert repair.arguments == (("a", "1"), ("b", "2"), ("c", "3"))


def test_a_new_option_that_the_value_list_provides_for_is_no_drift() -> None:
    rule = replace(STAGE, arguments=(*STAGE.arguments, ("@unmapped", "blank")))
    now = changed(HUBSPOT, "stage", options=options("a", "b", "c"))
    assert here(now, replace(CONFIG, rules=(rule,))) == ()


def test_a_new_option_of_a_list_sent_as_it_is_needs_a_value_list() -> None:
    (drift,) = here(changed(HUBSPOT, "kind", options=options("x", "y", "z")))
    assert drift.pauses == ()
    (repair,) = drift.repairs
    assert (repair.transform, repair.arguments) == ("value_map", (("x", "x"), ("y", "y")))


def test_lists_that_have_nothing_in_common_any_more_are_left_to_a_person() -> None:
    (drift,) = there(changed(TARGET, "sort", options=options("p", "q")))
    assert (drift.pauses, drift.repairs) == (("kind|sort",), ())


def test_a_default_that_was_lost_goes_with_its_rule() -> None:
    arguments = (("a", "1"), ("@unmapped", "default"), ("@default", "2"))
    rule = replace(STAGE, direction=Direction.TO_TARGET, arguments=arguments)
    now = changed(TARGET, "status", options=options("1"))
    (drift,) = there(now, replace(CONFIG, rules=(rule,)))
    assert drift.pauses == ("stage|status",)
    assert drift.repairs[0].arguments == (("a", "1"),)


def test_a_lost_option_that_a_filter_asks_about_spoils_it() -> None:
    (drift,) = here(changed(HUBSPOT, "kind", options=options("y")))
    assert drift.spoils == (Use.FILTER,)


def test_options_that_are_not_known_now_are_no_drift() -> None:
    assert here(changed(HUBSPOT, "stage", options=())) == ()


def test_a_list_checked_by_options_is_proposed_anew() -> None:
    rule = FieldRule("name", "status", transform="choice", arguments=(("options", "1;2"),))
    now = changed(TARGET, "status", options=options("2"))
    (drift,) = there(now, replace(CONFIG, rules=(rule,)))
    assert drift.pauses == ("name|status",)
    assert drift.repairs[0].remedy is Remedy.TRANSFORM


def test_a_field_that_cannot_be_written_any_more_keeps_the_other_direction() -> None:
    (drift,) = there(changed(TARGET, "title", read_only=True))
    assert (drift.kind, drift.pauses) == (Kind.READ_ONLY, ("name|title",))
    repair = Repair("name|title", Remedy.DIRECTION, direction=Direction.TO_HUBSPOT)
    assert drift.repairs == (repair,)


def test_a_field_that_was_only_written_is_to_be_dropped() -> None:
    rule = replace(CONFIG.rules[0], direction=Direction.TO_TARGET)
    (drift,) = there(changed(TARGET, "title", read_only=True), replace(CONFIG, rules=(rule,)))
    assert drift.repairs == (Repair("name|title", Remedy.DROP),)


def test_a_field_that_is_only_read_may_become_read_only() -> None:
    rule = replace(CONFIG.rules[0], direction=Direction.TO_TARGET)
    assert here(changed(HUBSPOT, "name", read_only=True), replace(CONFIG, rules=(rule,))) == ()


def test_a_field_that_new_records_need_now_is_reported() -> None:
    now = {**TARGET, "tier": FieldSpec("tier", "Tier", required=True)}
    (drift,) = there(now)
    assert (drift.kind, drift.field, drift.pauses) == (Kind.REQUIRED, "tier", ())
    assert there(now, replace(CONFIG, create_in=())) == ()
    assert there(changed(TARGET, "title", required=True)) == ()


@pytest.mark.parametrize(
    ("side", "now"),
    [
        (H, changed(HUBSPOT, "name", type=FieldType.NUMBER)),
        (H, changed(HUBSPOT, "kind", options=options("x", "y", "z"))),
        (T, changed(TARGET, "status", options=options("1", "3"))),
        (T, changed(TARGET, "title", read_only=True)),
        (T, changed(TARGET, "title", type=FieldType.DATE)),
    ],
)
def test_a_rule_that_is_repaired_as_proposed_works(side: Side, now: Fields) -> None:
    drifts = here(now) if side is H else there(now)
    config = repaired(CONFIG, [repair for drift in drifts for repair in drift.repairs])
    fields = {H: HUBSPOT, T: TARGET, side: now}
    for rule in config.rules:
        assert problem(rule, fields[H][rule.hubspot], fields[T][rule.target]) is None
    after = compare_fields(config, fields[side], now, side, fields[side.other])
    assert after == ()
