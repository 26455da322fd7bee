"""Every operator meets every type of value; groups, blanks and the sentence of a failure."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from integrations.engine.filters import (
    Condition,
    Filter,
    Operator,
    holds,
    passes,
    sentence,
)
from integrations.engine.mapping import Privacy
from integrations.engine.records import ABSENT, BLANK, UNREADABLE, Record, Value

O = Operator  # noqa: E741 - reads as the column of a table
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TABLE: tuple[tuple[Value, Operator, tuple[str, ...], bool], ...] = (
    # text: case and outer spaces do not count
    ("Acme ", O.EQUALS, ("acme",), True),
    ("Acme", O.EQUALS, ("other",), False),
    ("Acme", O.NOT_EQUALS, ("acme",), False),
    ("Acme", O.NOT_EQUALS, ("other",), True),
    ("Acme Ltd", O.CONTAINS, ("LTD",), True),
    ("Acme Ltd", O.NOT_CONTAINS, ("ltd",), False),
    ("Acme Ltd", O.STARTS_WITH, ("acme",), True),
    ("Acme Ltd", O.ENDS_WITH, ("acme",), False),
    ("Acme Ltd", O.ENDS_WITH, ("ltd",), True),
    ("b", O.ANY_OF, ("a", "B"), True),
    ("c", O.ANY_OF, ("a", "b"), False),
    ("c", O.NONE_OF, ("a", "b"), True),
    ("B", O.NONE_OF, ("a", "b"), False),
    ("b", O.GREATER, ("a",), True),
    ("10", O.GREATER, ("9",), True),
    ("10", O.LESS, ("9",), False),
    ("1e999999999", O.GREATER, ("9",), False),  # a text: no number is that large
    ("x", O.NOT_EMPTY, (), True),
    ("x", O.EMPTY, (), False),
    # numbers compare as decimals
    (Decimal("1.50"), O.EQUALS, ("1.5",), True),
    (Decimal("10"), O.GREATER, ("9",), True),
    (Decimal("9"), O.GREATER, ("9",), False),
    (Decimal("-1"), O.LESS, ("0",), True),
    (Decimal("1"), O.EQUALS, ("one",), False),
    (Decimal("1"), O.NOT_EQUALS, ("one",), True),
    (Decimal("1"), O.ANY_OF, ("3", "1.0"), True),
    (Decimal("120"), O.CONTAINS, ("2",), True),
    # booleans
    (True, O.EQUALS, ("yes",), True),
    (False, O.EQUALS, ("true",), False),
    (False, O.NOT_EQUALS, ("true",), True),
    (True, O.ANY_OF, ("0", "1"), True),
    (True, O.GREATER, ("false",), False),
    # dates
    (date(2026, 3, 1), O.EQUALS, ("2026-03-01",), True),
    (date(2026, 3, 1), O.LESS, ("2026-03-02",), True),
    (date(2026, 3, 1), O.GREATER, ("2026-03-01",), False),
    (date(2026, 3, 1), O.EQUALS, ("soon",), False),
    # instants: a day as operand compares UTC days
    (NOON, O.EQUALS, ("2026-03-01",), True),
    (NOON, O.GREATER, ("2026-03-01",), False),
    (NOON, O.GREATER, ("2026-03-01T11:59:00Z",), True),
    (NOON, O.LESS, ("2026-03-01T12:30:00+00:00",), True),
    (NOON.astimezone(timezone(timedelta(hours=14))), O.EQUALS, ("2026-03-01",), True),
    # multi-choices are sets
    (("b", "a"), O.EQUALS, ("a", "b"), True),
    (("b", "a"), O.EQUALS, ("a",), False),
    (("b", "a"), O.NOT_EQUALS, ("a",), True),
    (("b", "a"), O.CONTAINS, ("A",), True),
    (("ab",), O.CONTAINS, ("a",), False),
    (("b",), O.NOT_CONTAINS, ("a",), True),
    (("b", "c"), O.ANY_OF, ("a", "c"), True),
    (("b", "c"), O.NONE_OF, ("a", "c"), False),
    (("beta",), O.STARTS_WITH, ("be",), True),
    (("beta",), O.GREATER, ("a",), False),
)


@pytest.mark.parametrize(("seen", "operator", "operands", "expected"), TABLE)
def test_an_operator_compares_by_the_type_of_the_value(
    seen: Value, operator: Operator, operands: tuple[str, ...], expected: bool
) -> None:
    assert holds(Condition("f", operator, operands), seen) is expected


@pytest.mark.parametrize("seen", [BLANK, "", "  ", ()])
@pytest.mark.parametrize("operator", list(Operator))
def test_a_blank_meets_empty_and_the_negative_operators_only(
    seen: Value, operator: Operator
) -> None:
    wanted = {O.EMPTY, O.NOT_EQUALS, O.NOT_CONTAINS, O.NONE_OF}
    assert holds(Condition("f", operator, ("a",)), seen) is (operator in wanted)


@pytest.mark.parametrize("seen", [ABSENT, UNREADABLE])
@pytest.mark.parametrize("operator", list(Operator))
def test_what_is_not_known_meets_no_condition(seen: Value, operator: Operator) -> None:
    assert not holds(Condition("f", operator, ("a",)), seen)


def test_conditions_of_a_group_are_anded_and_groups_are_ored() -> None:
    is_a, is_b = (Condition(name, O.EQUALS, ("1",)) for name in "ab")
    both = Filter(((is_a, is_b),))
    either = Filter(((is_a,), (is_b,)))
    record = Record("1", {"a": "1", "b": "2"})
    assert not passes(both, record).passed
    assert passes(either, record).passed
    assert passes(Filter(), record).passed


def test_a_verdict_names_the_first_failed_condition_and_what_it_saw() -> None:
    good, bad = Condition("a", O.EQUALS, ("1",)), Condition("b", O.EQUALS, ("1",))
    verdict = passes(Filter(((good, bad),)), Record("1", {"a": "1", "b": "2"}))
    assert (verdict.condition, verdict.seen) == (bad, "2")


def test_the_sentence_names_the_condition_and_the_value_if_it_is_public() -> None:
    condition = Condition("stage", O.ANY_OF, ("customer", "other"), "Stage")
    assert sentence(condition, "lead", Privacy.PUBLIC) == (
        "“Stage” must be one of “customer” or “other”, but it is “lead”."
    )
    for privacy in (Privacy.PERSONAL, Privacy.HEALTH):
        assert sentence(condition, "lead", privacy).endswith("but it does not meet this.")
        assert sentence(condition, BLANK, privacy).endswith("it is empty.")
        assert sentence(condition, ABSENT, privacy).endswith("it could not be read.")
