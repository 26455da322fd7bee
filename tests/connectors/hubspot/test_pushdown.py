"""Wherever a filter is left to HubSpot's search, it finds exactly what `passes` lets through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.engine.filters import Condition, Filter, Operator
from integrations.engine.records import FieldType
from tests.connectors.hubspot.filter_rig import (
    CONTACTS,
    SPECS,
    condition,
    new_rig,
    passing,
    selected,
)
from tests.connectors.hubspot.rig import HubSpotRig

STORED: Mapping[FieldType, Sequence[str]] = {
    FieldType.TEXT: (
        "Berlin",
        "BERLIN",
        "Köln",
        "ber lin",
        "Straße",
        "strasse",
        "ſ",
        "10",
        "9",
        "-",
    ),
    FieldType.NUMBER: (
        *("0", "1", "-1", "10", "9", "2.50", "100", "0.1", "99.9999999999999"),
        *("0.1000000000000000055511151231257827", "0.9999999999999995", "0.9999999999999994"),
        *("1.0000000000000004", "1.000000000000006", "99.9999999999999999", "12345678901234567890"),
    ),
    FieldType.BOOLEAN: ("true", "false"),
    FieldType.DATE: ("2026-01-30", "2026-01-31", "2026-02-01", "1969-12-31"),
    FieldType.DATETIME: (
        *("2026-01-30T23:59:59.999Z", "2026-01-31T00:00:00Z", "2026-01-31T12:00:00.001Z"),
        *("2026-01-31T23:59:59.999Z", "2026-02-01T00:00:00Z", "1969-12-31T23:00:00Z"),
    ),
    FieldType.CHOICE: tuple(option.value for option in SPECS[FieldType.CHOICE].options),
    FieldType.MULTI_CHOICE: ("new", "new;Open", "Open", "lost sheep;1"),
}
OPERANDS: Mapping[FieldType, Sequence[str]] = {
    FieldType.TEXT: (*STORED[FieldType.TEXT], " berlin ", "er", "", "KÖLN", "STRASSE", "K"),
    FieldType.NUMBER: (
        "0",
        "1",
        "1.0",
        "-1",
        " 9 ",
        "2.5",
        "100",
        "0.1",
        "1e2",
        "x",
        "",
        "1234567890123456",
    ),
    FieldType.BOOLEAN: ("true", "Yes", "0", "false", "tr", "e", "maybe", ""),
    FieldType.DATE: ("2026-01-31", "2026-01-31T23:30:00-05:00", "20260131", "soon", ""),
    FieldType.DATETIME: (
        *("2026-01-31", "2026-01-31T12:00:00.001Z", "2026-01-31T12:00:00.0015Z"),
        *("2026-01-31T13:00:00+13:00", "2026-01-31T00:00", "soon", "0001-01-01T00:00:00+05:00"),
    ),
    FieldType.CHOICE: ("NEW", "open", "open_deal", " lost SHEEP", "lost", "1", "gone", ""),
    FieldType.MULTI_CHOICE: ("new", "OPEN", "sheep", "gone"),
}
ASKED: Mapping[FieldType, str] = {kind: OPERANDS[kind][0] for kind in SPECS}
LEFT_TO_SEARCH = {
    FieldType.TEXT: "equals not_equals empty not_empty any_of none_of",
    FieldType.NUMBER: "equals not_equals greater less empty not_empty any_of none_of",
    FieldType.BOOLEAN: "equals not_equals contains not_contains starts_with ends_with empty"
    " not_empty any_of none_of",
    FieldType.DATE: "equals not_equals greater less empty not_empty any_of none_of",
    FieldType.DATETIME: "equals not_equals greater less empty not_empty any_of none_of",
    FieldType.CHOICE: "equals not_equals empty not_empty any_of none_of",
    FieldType.MULTI_CHOICE: "empty not_empty",
}


@pytest.fixture(scope="module")
def full() -> HubSpotRig:
    """Give an account with a contact per value of each type, and some without any."""
    rig = new_rig()
    for kind, values in STORED.items():
        for value in values:
            rig.person.create_contact({"firstname": "Ada", SPECS[kind].name: value})
    return rig


# ---------------------------------------------------------------- every operator and type


@pytest.mark.parametrize(("kind", "operator"), list(product(SPECS, Operator)))
def test_each_operator_and_type_finds_what_passes_or_is_not_left_to_search(
    full: HubSpotRig, kind: FieldType, operator: Operator
) -> None:
    singles = [(operand,) for operand in OPERANDS[kind]]
    pushed = 0
    for operands in (*singles, OPERANDS[kind][:2], OPERANDS[kind][1:3], ()):
        wanted = Filter(((condition(kind, operator, *operands),),))
        if full.connector.selects(CONTACTS, wanted):
            pushed += 1
            expected = passing(full, wanted)
            assert selected(full, wanted) == expected, operands
            assert full.connector.count(CONTACTS, wanted) == len(expected)
    assert bool(pushed) == (operator in LEFT_TO_SEARCH[kind].split())


@pytest.mark.parametrize(("kind", "operator"), list(product(SPECS, Operator)))
def test_it_does_not_matter_whether_a_negation_meets_blanks(
    kind: FieldType, operator: Operator
) -> None:
    rig = new_rig()
    for value in STORED[kind][:3]:
        rig.person.create_contact({"firstname": "Ada", SPECS[kind].name: value})
    rig.person.create_contact({"firstname": "Nobody"})
    rig.sandbox.behaviour.search_negates_blanks = False
    wanted = Filter(((condition(kind, operator, ASKED[kind]),),))
    if rig.connector.selects(CONTACTS, wanted):
        assert selected(rig, wanted) == passing(rig, wanted)


# ---------------------------------------------------------------- generated


conditions = st.sampled_from(list(SPECS)).flatmap(
    lambda kind: st.builds(
        lambda operator, operands: condition(kind, operator, *operands),
        st.sampled_from(Operator),
        st.lists(st.sampled_from(OPERANDS[kind]), max_size=3),
    )
)
filters = st.lists(st.lists(conditions, max_size=3).map(tuple), max_size=3).map(
    lambda groups: Filter(tuple(groups))
)


@given(wanted=filters)
def test_generated_filters_find_what_passes(full: HubSpotRig, wanted: Filter) -> None:
    if full.connector.selects(CONTACTS, wanted):
        assert selected(full, wanted) == passing(full, wanted)


texts = st.text("aAsSßſkK\u212afiﬁ éÉ1", min_size=1, max_size=4).filter(str.strip)
floats = st.floats(-1000, 1000).map(lambda number: f"{number:.17f}".rstrip("0").rstrip("."))
numbers = st.one_of(
    st.integers(-20, 20).map(str), floats, st.sampled_from(STORED[FieldType.NUMBER])
)
days = st.dates(date(2026, 1, 30), date(2026, 2, 2)).map(date.isoformat)
instants = st.integers(1_769_731_200_000, 1_770_000_000_000).map(
    lambda at: (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=at)).isoformat()
)
GENERATED: Mapping[FieldType, st.SearchStrategy[str]] = {
    FieldType.TEXT: texts,
    FieldType.NUMBER: numbers,
    FieldType.BOOLEAN: st.sampled_from(STORED[FieldType.BOOLEAN]),
    FieldType.DATE: days,
    FieldType.DATETIME: st.one_of(instants, days.map(lambda day: f"{day}T00:00:00Z")),
    FieldType.CHOICE: st.sampled_from(STORED[FieldType.CHOICE]),
    FieldType.MULTI_CHOICE: st.lists(st.sampled_from(STORED[FieldType.CHOICE]), min_size=1).map(
        ";".join
    ),
}
cases = st.sampled_from(list(SPECS)).flatmap(
    lambda kind: st.tuples(
        st.lists(GENERATED[kind], min_size=1, max_size=4).map(
            lambda values: [{"firstname": "Ada", SPECS[kind].name: value} for value in values]
        ),
        st.builds(
            lambda operator, operands: condition(kind, operator, *operands),
            st.sampled_from(Operator),
            st.lists(GENERATED[kind] | st.sampled_from(OPERANDS[kind]), min_size=1, max_size=2),
        ),
    )
)


@settings(max_examples=60)
@given(case=cases)
def test_generated_records_are_found_where_they_pass(
    case: tuple[list[dict[str, str]], Condition],
) -> None:
    rows, asked = case
    rig = new_rig()
    rig.person.create_many(CONTACTS, [*rows, {"firstname": "Nobody"}])
    wanted = Filter(((asked,),))
    if rig.connector.selects(CONTACTS, wanted):
        assert selected(rig, wanted) == passing(rig, wanted)
