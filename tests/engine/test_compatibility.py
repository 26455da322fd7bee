"""Every pair of types: what joins it, in which directions, and why a rule cannot work."""

from __future__ import annotations

from dataclasses import replace

import pytest

from integrations.engine.catalogue import TRANSFORM_ENTRIES
from integrations.engine.compatibility import PROPOSERS, Fit, problem, suggestions
from integrations.engine.mapping import Direction, FieldRule
from integrations.engine.records import FieldType
from integrations.engine.specs import FieldSpec, Option

T, N, B, D, I, C, M, R = FieldType  # noqa: E741 - the columns of the tables
BOTH, THERE, BACK = Direction
ANY = (BOTH, THERE, BACK)


def options(*values: str) -> tuple[Option, ...]:
    """Return options whose labels are their values."""
    return tuple(Option(value, value) for value in values)


def field(kind: FieldType, name: str = "field", **more: object) -> FieldSpec:
    """Return a field; a list gets the options 1 and 0, read as yes and no and as numbers."""
    listed = options("1", "0") if kind in (C, M) else ()
    made = FieldSpec(name, name.title(), kind, listed)
    return replace(made, **more)  # type: ignore[arg-type]


def fit(hubspot: FieldSpec, target: FieldSpec) -> Fit:
    """Return the best way to join two fields."""
    return suggestions(hubspot, target)[0]


def ruled(best: Fit, direction: Direction | None = None, **more: object) -> FieldRule:
    """Return the rule that follows a suggestion."""
    made = FieldRule(
        "field",
        "field",
        transform=best.transform,
        arguments=best.arguments,
        direction=direction or best.directions[0],
    )
    return replace(made, **more)  # type: ignore[arg-type]


MATRIX: dict[FieldType, tuple[str | None, ...]] = {
    # target:  T, N, B, D, I, C, M, R
    T: (
        "",
        "text_to_number",
        "text_to_boolean",
        "text_to_date",
        "text_to_datetime",
        "choice",
        "split",
        None,
    ),
    N: ("number_to_text", "", None, None, None, "number_to_text", None, None),
    B: ("boolean_to_text", None, "", None, None, "boolean_to_text", None, None),
    D: ("date_to_text", None, None, "", "date_to_datetime", None, None, None),
    I: ("datetime_to_text", None, None, "datetime_to_date", "", None, None, None),
    C: (
        "choice",
        "text_to_number",
        "text_to_boolean",
        None,
        None,
        "value_map",
        "choice_to_list",
        None,
    ),
    M: ("join", None, None, None, None, "list_to_choice", "value_map", None),
    R: (None, None, None, None, None, None, None, ""),
}
PAIRS = [
    (hubspot, target, MATRIX[hubspot][column])
    for hubspot in FieldType
    for column, target in enumerate(FieldType)
]


@pytest.mark.parametrize(("hubspot", "target", "best"), PAIRS)
def test_each_pair_of_types_is_joined_by_its_transform_or_by_none(
    hubspot: FieldType, target: FieldType, best: str | None
) -> None:
    found = suggestions(field(hubspot), field(target))
    assert (found[0].transform if found else None) == best
    assert ((hubspot, target) in PROPOSERS) is (best is not None)


@pytest.mark.parametrize(("hubspot", "target", "best"), PAIRS)
def test_every_suggestion_makes_a_rule_without_a_problem_in_each_direction_it_names(
    hubspot: FieldType, target: FieldType, best: str | None
) -> None:
    for read_only in ((False, False), (False, True), (True, False)):
        here = field(hubspot, read_only=read_only[0])
        there = field(target, read_only=read_only[1])
        for found in suggestions(here, there):
            for direction in found.directions:
                rule = ruled(found, direction, reference="companies")
                assert problem(rule, here, there) is None
            for direction in set(Direction) - set(found.directions):
                rule = ruled(found, direction, reference="companies")
                assert problem(rule, here, there) is not None


@pytest.mark.parametrize(("hubspot", "target", "best"), PAIRS)
def test_a_transform_that_does_not_join_the_types_is_refused(
    hubspot: FieldType, target: FieldType, best: str | None
) -> None:
    for entry in TRANSFORM_ENTRIES.values():
        if (hubspot, target) not in entry.pairs:
            found = problem(
                FieldRule("f", "f", transform=entry.name), field(hubspot), field(target)
            )
            assert found is not None


@pytest.mark.parametrize(
    ("hubspot", "target", "best"), [pair for pair in PAIRS if pair[2] is not None]
)
def test_what_cannot_be_written_forces_the_direction(
    hubspot: FieldType, target: FieldType, best: str
) -> None:
    one_way = best == "datetime_to_date"
    here, there = field(hubspot), field(target)
    locked_here, locked_there = (replace(spec, read_only=True) for spec in (here, there))
    assert fit(here, there).directions == ((THERE,) if one_way else ANY)
    assert fit(locked_here, there).directions == (THERE,)
    assert [f.directions for f in suggestions(here, locked_there)[:1]] == [(BACK,)] * (not one_way)
    assert suggestions(locked_here, locked_there) == ()


def test_telephone_mail_and_domain_fields_are_offered_their_spelling() -> None:
    assert fit(field(T, "work_email"), field(T, "mail")).transform == "email"
    assert fit(field(T, "email_subject"), field(T, "email")).transform == ""
    assert fit(field(T, "domain"), field(T, "primaryDomain")).transform == "domain"
    phone = suggestions(field(T, "phone"), field(T, "phoneNumber"))
    assert [found.transform for found in phone] == ["", "text", "phone_international"]


def test_options_are_paired_by_value_then_by_label_and_the_rest_is_named() -> None:
    here = field(C, "stage", options=(Option("a", "A"), Option("b1", "Bee"), Option("c", "Sea")))
    there = field(C, "status", options=(Option("a", "Ay"), Option("77", "bee "), Option("88", "X")))
    found = fit(here, there)
    assert found.arguments == (("a", "a"), ("b1", "77"))
    assert found.warning == "No entry for “Sea” of “Stage”. No entry for “X” of “Status”."


def test_long_lists_of_unpaired_options_are_cut() -> None:
    here = field(C, "stage", options=options("a", *"bcdefgh"))
    found = fit(here, field(C, "status", options=options("a")))
    assert found.warning == "No entry for “b”, “c”, “d”, “e”, “f” and 2 more of “Stage”."


def test_lists_without_known_options_travel_as_they_are() -> None:
    assert fit(field(C, options=()), field(C)) == Fit("", (), ANY)
    assert fit(field(C, options=()), field(M)).transform == "choice_to_list"


def test_lists_that_share_no_option_are_left_to_the_person() -> None:
    found = fit(field(C, options=options("a")), field(C, options=options("b")))
    assert (found.transform, found.arguments) == ("value_map", ())
    assert found.warning


def test_an_option_meets_a_text_by_its_label_where_it_has_one() -> None:
    listed = field(C, options=(Option("1", "Hot"), Option("2", "Cold")))
    there, back = suggestions(listed, field(T)), suggestions(field(T), listed)
    assert there[0].arguments == (("1", "Hot"), ("2", "Cold"))
    assert back[0].arguments == (("Hot", "1"), ("Cold", "2"))
    assert [found.transform for found in there] == ["value_map", "choice"]
    assert there[1].arguments == (("options", "1;2"),)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (("No", "Yes"), ("Yes", "No")),
        (("1", "0"), ("1", "0")),
        (("a", "b"), None),
        (("yes",), None),
    ],
)
def test_a_yes_or_no_meets_the_two_options_that_mean_it(
    values: tuple[str, ...], expected: tuple[str, str] | None
) -> None:
    found = suggestions(field(B), field(C, options=options(*values)))
    if expected is None:
        assert found == ()
    else:
        assert found[0].arguments == (("true", expected[0]), ("false", expected[1]))


def test_a_number_meets_options_only_if_all_are_numbers() -> None:
    assert suggestions(field(N), field(C, options=options("1", "2.5", "-3")))
    assert not suggestions(field(N), field(C, options=options("1", "many")))
    assert not suggestions(field(N), field(C, options=()))


def test_an_option_that_holds_the_separator_is_not_offered_as_text() -> None:
    assert suggestions(field(T), field(C, options=options("a;b"))) == ()


STAGES = field(C, options=options("a", "b"))
OTHER = field(C, options=options("x", "y"))
WRONG: tuple[tuple[FieldRule, FieldSpec, FieldSpec, str], ...] = (
    (FieldRule("f", "f", transform="magic"), field(T), field(T), "no transform “magic”"),
    (FieldRule("f", "f", transform="cut"), field(T), field(T), "“max” must be"),
    (FieldRule("f", "f"), field(R), field(R), "which records “Field” points to"),
    (FieldRule("f", "f"), field(R), field(T), "“other records” in HubSpot into “text”"),
    (FieldRule("f", "f"), STAGES, OTHER, "does not have “a”, “b” among its options: use a value"),
    (FieldRule("f", "f", transform="value_map"), STAGES, OTHER, "value list is empty"),
    (
        FieldRule("f", "f", transform="value_map", arguments=(("a", "z"),)),
        STAGES,
        OTHER,
        "“Field” does not have “z” among its options.",
    ),
    (
        FieldRule("f", "f", transform="value_map", arguments=(("q", "x"),)),
        STAGES,
        OTHER,
        "does not have “q”",
    ),
    (
        FieldRule("f", "f", direction=THERE, transform="value_map",
                  arguments=(("a", "x"), ("@unmapped", "default"), ("@default", "z"))),
        STAGES,
        OTHER,
        "does not have “z”",
    ),
    (
        FieldRule("f", "f", direction=THERE, transform="value_map",
                  arguments=(("a", "x"), ("@unmapped", "keep"))),
        STAGES,
        OTHER,
        "does not have “b”",
    ),
    (
        FieldRule("f", "f", transform="choice", arguments=(("options", "x; z"),)),
        field(T),
        OTHER,
        "does not have “z”",
    ),
    (
        FieldRule("f", "f", transform="boolean_to_text"),
        field(B),
        OTHER,
        "does not have “true”, “false”",
    ),
    (
        FieldRule("f", "f", transform="value_map", arguments=(("a", "x"), ("b", "x"))),
        STAGES,
        OTHER,
        "“Value list” has no way back",
    ),
)  # fmt: skip


@pytest.mark.parametrize(("rule", "hubspot", "target", "words"), WRONG)
def test_a_rule_that_cannot_work_is_explained(
    rule: FieldRule, hubspot: FieldSpec, target: FieldSpec, words: str
) -> None:
    found = problem(rule, hubspot, target)
    assert found is not None
    assert words in found
    assert found.endswith(".")


@pytest.mark.parametrize(
    "rule",
    [
        FieldRule("f", "f", transform="value_map", arguments=(("a", "x"), ("b", "y"))),
        FieldRule("f", "f", direction=THERE, transform="value_map", arguments=(("q", "x"),)),
        FieldRule("f", "f", direction=BACK, transform="value_map", arguments=(("a", "z"),)),
        FieldRule("f", "f", direction=THERE, transform="value_map",
                  arguments=(("@unmapped", "default"), ("@default", "x"))),
    ],
)  # fmt: skip
def test_entries_for_the_side_that_is_not_written_do_no_harm(rule: FieldRule) -> None:
    assert problem(rule, STAGES, OTHER) is None
