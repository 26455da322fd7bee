"""The whole table: every operator of the seed against every type of field and every state."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from integrations.engine.catalogue import OPERATORS
from integrations.engine.filters import Condition, Filter, Operator, holds, passes
from integrations.engine.operands import operand_problem
from integrations.engine.records import ABSENT, BLANK, UNREADABLE, FieldType, Record, Value
from integrations.engine.specs import FieldSpec, Option

VALUES: dict[FieldType, tuple[Value, str, str, str]] = {
    # what is seen; an operand that is the same, one that is less and one that is greater
    FieldType.TEXT: ("Mead", " mead", "Maad", "Meed"),
    FieldType.NUMBER: (Decimal("9.50"), "9.5", "-10", "10"),
    FieldType.BOOLEAN: (True, "Yes", "no", "no"),
    FieldType.DATE: (date(2026, 3, 1), "2026-03-01", "2026-02-28", "2026-03-02"),
    FieldType.DATETIME: (
        datetime(2026, 3, 1, 12, tzinfo=UTC),
        "2026-03-01T13:00:00+01:00",
        "2026-03-01T11:59:59Z",
        "2026-03-02",
    ),
    FieldType.CHOICE: ("lead", "Lead", "a", "z"),
    FieldType.MULTI_CHOICE: (("red",), "RED", "blue", "white"),
    FieldType.REFERENCE: (("17",), "17", "16", "18"),
}
O = Operator  # noqa: E741 - reads as the column of a table
ANSWERS: dict[Operator, tuple[bool, bool, bool]] = {
    # asked with the same, a lesser and a greater operand
    O.EQUALS: (True, False, False),
    O.NOT_EQUALS: (False, True, True),
    O.CONTAINS: (True, False, False),
    O.NOT_CONTAINS: (False, True, True),
    O.GREATER: (False, True, False),
    O.LESS: (False, False, True),
    O.EMPTY: (False, False, False),
    O.NOT_EMPTY: (True, True, True),
    O.STARTS_WITH: (True, False, False),
    O.ENDS_WITH: (True, False, False),
    O.ANY_OF: (True, False, False),
    O.NONE_OF: (False, True, True),
}
CELLS = [(kind, operator) for kind in FieldType for operator in Operator]


@pytest.mark.parametrize(("kind", "operator"), CELLS)
def test_an_operator_answers_alike_for_every_type_it_is_offered_for(
    kind: FieldType, operator: Operator
) -> None:
    seen, *operands = VALUES[kind]
    if kind not in OPERATORS[operator].types:
        refused = operand_problem(
            Condition("f", operator, (operands[0],)), FieldSpec("f", "F", kind)
        )
        assert refused is not None
        return
    answers = tuple(holds(Condition("f", operator, (operand,)), seen) for operand in operands)
    assert answers == ANSWERS[operator]


@pytest.mark.parametrize(("kind", "operator"), CELLS)
@pytest.mark.parametrize("seen", [BLANK, ABSENT, UNREADABLE])
def test_blank_meets_the_negative_operators_and_the_unknown_meets_none(
    seen: Value, kind: FieldType, operator: Operator
) -> None:
    operand = VALUES[kind][1]
    blank_meets = operator in (O.EMPTY, O.NOT_EQUALS, O.NOT_CONTAINS, O.NONE_OF)
    assert holds(Condition("f", operator, (operand,)), seen) is (seen is BLANK and blank_meets)


@pytest.mark.parametrize(("kind", "operator"), CELLS)
def test_an_operand_that_says_nothing_equals_nothing(kind: FieldType, operator: Operator) -> None:
    seen = VALUES[kind][0]
    meets = operator in (O.NOT_EMPTY, O.NOT_EQUALS, O.NOT_CONTAINS, O.NONE_OF)
    assert holds(Condition("f", operator, ("  ",)), seen) is meets
    assert holds(Condition("f", operator), seen) is meets


@pytest.mark.parametrize("operator", [O.ANY_OF, O.NONE_OF])
@pytest.mark.parametrize("kind", FieldType)
def test_one_of_several_operands_is_enough(kind: FieldType, operator: Operator) -> None:
    seen, same, less, _ = VALUES[kind]
    assert holds(Condition("f", operator, (less, same)), seen) is (operator is O.ANY_OF)


@pytest.mark.parametrize("kind", [FieldType.MULTI_CHOICE, FieldType.REFERENCE])
def test_a_field_of_several_is_asked_about_all_it_holds(kind: FieldType) -> None:
    seen = ("b", "a")
    assert holds(Condition("f", O.EQUALS, ("a", "b")), seen)
    assert not holds(Condition("f", O.EQUALS, ("a",)), seen)
    assert holds(Condition("f", O.ANY_OF, ("a", "c")), seen)
    assert not holds(Condition("f", O.NONE_OF, ("a", "c")), seen)
    assert holds(Condition("f", O.EMPTY), ())


@pytest.mark.parametrize(
    ("operator", "operand", "expected"),
    [
        (O.EQUALS, "2026-03-01T23:30:00-05:00", True),
        (O.LESS, "2026-03-02T00:30:00+14:00", True),
        (O.GREATER, "2026-02-28T23:30:00-11:00", True),
    ],
)
def test_a_day_meets_the_day_as_written_whatever_the_zone(
    operator: Operator, operand: str, expected: bool
) -> None:
    assert holds(Condition("f", operator, (operand,)), date(2026, 3, 1)) is expected


@pytest.mark.parametrize("operand", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_an_operand_at_the_end_of_time_does_not_stop_the_record(operand: str) -> None:
    seen = datetime(2026, 3, 1, tzinfo=UTC)
    assert holds(Condition("f", O.LESS, (operand,)), seen) is operand.startswith("9")


@pytest.mark.parametrize(
    ("a", "b", "c", "passed"),
    [("1", "1", "0", True), ("1", "0", "0", False), ("0", "0", "1", True), ("0", "0", "0", False)],
)
def test_groups_are_alternatives_whose_conditions_must_all_hold(
    a: str, b: str, c: str, passed: bool
) -> None:
    one, two, three = (Condition(name, O.EQUALS, ("1",)) for name in "abc")
    record = Record("1", {"a": a, "b": b, "c": c})
    assert passes(Filter(((one, two), (three,))), record).passed is passed


OPTIONS = (Option("a", "A"), Option("b", "B"))
REFUSED: tuple[tuple[FieldType, Operator, tuple[str, ...], str], ...] = (
    (FieldType.NUMBER, O.EQUALS, ("many",), "holds a number, and “many” is none"),
    (FieldType.NUMBER, O.ANY_OF, ("1", "NaN"), "“NaN” is none"),
    (FieldType.NUMBER, O.LESS, ("1e999",), "“1e999” is none"),
    (FieldType.BOOLEAN, O.EQUALS, ("maybe",), "is yes or no"),
    (FieldType.DATE, O.GREATER, ("31.01.2026",), "such as 2026-01-31"),
    (FieldType.DATE, O.GREATER, ("2026-02-30",), "holds a date"),
    (FieldType.DATE, O.GREATER, ("2026-01-31T12:00:00Z",), "holds a date"),
    (FieldType.DATETIME, O.LESS, ("soon",), "holds a date and time"),
    (FieldType.DATETIME, O.LESS, ("2026-01-31T25:00",), "holds a date and time"),
    (FieldType.CHOICE, O.EQUALS, ("c",), "“c” is no option of “Field”"),
    (FieldType.MULTI_CHOICE, O.CONTAINS, ("c",), "“c” is no option"),
    (FieldType.TEXT, O.EQUALS, (), "is missing"),
    (FieldType.TEXT, O.EQUALS, (" ",), "is missing"),
    (FieldType.TEXT, O.ANY_OF, ("a", ""), "is missing"),
    (FieldType.TEXT, O.EQUALS, ("a", "b"), "takes one value"),
    (FieldType.TEXT, O.EMPTY, ("a",), "takes no value"),
    (FieldType.CHOICE, O.STARTS_WITH, ("a",), "holds one option: “starts with” cannot"),
)


@pytest.mark.parametrize(("kind", "operator", "operands", "words"), REFUSED)
def test_a_condition_that_makes_no_sense_is_explained(
    kind: FieldType, operator: Operator, operands: tuple[str, ...], words: str
) -> None:
    options = OPTIONS if kind in (FieldType.CHOICE, FieldType.MULTI_CHOICE) else ()
    spec = FieldSpec("field", "Field", kind, options)
    found = operand_problem(Condition("field", operator, operands), spec)
    assert found is not None
    assert words in found


@pytest.mark.parametrize(("kind", "operator"), CELLS)
def test_a_condition_that_makes_sense_is_accepted(kind: FieldType, operator: Operator) -> None:
    entry = OPERATORS[operator]
    operands = {"none": (), "one": VALUES[kind][1:2], "several": VALUES[kind][1:3]}
    wanted = Condition("f", operator, tuple(str(o) for o in operands[entry.operands]))
    if kind in entry.types:
        assert operand_problem(wanted, FieldSpec("f", "F", kind)) is None


def test_options_are_recognised_without_case_and_unknown_lists_are_trusted() -> None:
    wanted = Condition("field", O.ANY_OF, (" A", "b"))
    assert operand_problem(wanted, FieldSpec("field", "F", FieldType.CHOICE, OPTIONS)) is None
    assert operand_problem(wanted, FieldSpec("field", "F", FieldType.CHOICE)) is None
