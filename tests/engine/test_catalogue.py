"""Everything that can be chosen has its words, and no words speak of what cannot be chosen."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from integrations.engine import catalogue
from integrations.engine.catalogue import (
    OPERATORS,
    TRANSFORM_ENTRIES,
    ArgumentKind,
    Choice,
    Operands,
    TransformEntry,
)
from integrations.engine.config import DeletePolicy, ExitRule, MergePolicy
from integrations.engine.errors import ConfigInvalid
from integrations.engine.filters import Operator
from integrations.engine.mapping import ConflictPolicy, Direction, Overwrite
from integrations.engine.records import FieldType, Value
from integrations.engine.transforms import TRANSFORMS, UNMAPPED, UNMAPPED_RULES, transform

NOW = datetime(2026, 11, 20, tzinfo=UTC)
KINDS: Mapping[FieldType, type] = {
    FieldType.TEXT: str,
    FieldType.NUMBER: Decimal,
    FieldType.BOOLEAN: bool,
    FieldType.DATE: date,
    FieldType.DATETIME: datetime,
    FieldType.CHOICE: str,
    FieldType.MULTI_CHOICE: tuple,
    FieldType.REFERENCE: tuple,
}
"""What a value of each type is made of."""
WHOLE: Mapping[str, dict[str, str]] = {
    "cut": {"max": "3"},
    "case": {"to": "upper"},
    "affix": {"prefix": "C-"},
    "strip_affix": {"prefix": "C-"},
    "choice": {"options": "C-1;MD"},
    "datetime_to_date": {"zone": "UTC"},
    "value_map": {UNMAPPED: "keep"},
    "synonyms": {"C-1": "C-1"},
    "table": {"@name": "owners", ">C-1": "C-1", "<C-1": "C-1"},
}
"""Arguments without which a transform cannot work."""
TYPED: Mapping[str, Value] = {
    "domain": "acme.example",
    "us_state": "MD",
    "country": "DE",
    "text_to_date": "2026-03-01",
    "text_to_datetime": "2026-03-01T12:00:00Z",
    "text_to_number": "1",
    "text_to_boolean": "true",
    "phone_international": "+4930123456",
}
SAMPLES: Mapping[FieldType, Value] = {
    FieldType.TEXT: "C-1",
    FieldType.NUMBER: Decimal(1),
    FieldType.BOOLEAN: True,
    FieldType.DATE: date(2026, 3, 1),
    FieldType.DATETIME: datetime(2026, 3, 1, 12, tzinfo=UTC),
    FieldType.CHOICE: "C-1",
    FieldType.MULTI_CHOICE: ("C-1",),
    FieldType.REFERENCE: ("17",),
}


def test_every_transform_has_its_words_and_no_other() -> None:
    assert TRANSFORM_ENTRIES.keys() == TRANSFORMS.keys()
    assert all(name == entry.name for name, entry in TRANSFORM_ENTRIES.items())


def test_every_operator_has_its_words_and_no_other() -> None:
    assert OPERATORS.keys() == set(Operator)
    assert all(operator is entry.operator for operator, entry in OPERATORS.items())


@pytest.mark.parametrize(
    ("words", "members"),
    [
        (catalogue.DIRECTIONS, Direction),
        (catalogue.OVERWRITES, Overwrite),
        (catalogue.CONFLICT_POLICIES, ConflictPolicy),
        (catalogue.EXIT_RULES, ExitRule),
        (catalogue.DELETE_POLICIES, DeletePolicy),
        (catalogue.MERGE_POLICIES, MergePolicy),
    ],
)
def test_every_member_of_a_choice_has_its_words(
    words: Mapping[enum.StrEnum, Choice], members: type[enum.StrEnum]
) -> None:
    assert list(words) == list(members)
    assert all(choice.label and choice.help.endswith(".") for choice in words.values())


def test_types_and_the_blank_rule_have_their_words() -> None:
    assert catalogue.TYPE_LABELS.keys() == set(FieldType)
    assert catalogue.BLANK_RULES.keys() == {True, False}


def test_labels_are_not_used_twice() -> None:
    for labels in (
        [entry.label for entry in TRANSFORM_ENTRIES.values()],
        [entry.label for entry in OPERATORS.values()],
    ):
        assert len(set(labels)) == len(labels)


@pytest.mark.parametrize("entry", TRANSFORM_ENTRIES.values(), ids=lambda entry: entry.name)
def test_an_argument_says_what_it_asks_for(entry: TransformEntry) -> None:
    keys = [argument.key for argument in entry.arguments]
    assert len(set(keys)) == len(keys)
    for argument in entry.arguments:
        assert argument.label
        assert bool(argument.choices) is (argument.kind is ArgumentKind.CHOICE)
        assert (argument.key == "") is (argument.kind is ArgumentKind.ENTRIES)
        offered = {option.value for option in argument.choices}
        assert not argument.default or not offered or argument.default in offered


@pytest.mark.parametrize("entry", TRANSFORM_ENTRIES.values(), ids=lambda entry: entry.name)
def test_a_transform_without_its_required_arguments_is_refused(entry: TransformEntry) -> None:
    required = [argument.key for argument in entry.arguments if argument.required]
    for missing in required:
        given = {key: "x" for key in required if key != missing}
        with pytest.raises(ConfigInvalid):
            transform(entry.name, given)
    if not required and "affix" not in entry.name:
        defaults = {a.key: a.default for a in entry.arguments if a.default}
        assert transform(entry.name, defaults)


@pytest.mark.parametrize(
    ("name", "pair"),
    [(name, pair) for name, entry in TRANSFORM_ENTRIES.items() for pair in sorted(entry.pairs)],
)
def test_a_transform_makes_values_of_the_type_it_promises(
    name: str, pair: tuple[FieldType, FieldType]
) -> None:
    bound = transform(name, WHOLE.get(name))
    made = bound.forth(TYPED.get(name, SAMPLES[pair[0]]), NOW)
    assert type(made) is KINDS[pair[1]]
    if bound.back is not None:
        assert type(bound.back(made, NOW)) is KINDS[pair[0]]


def test_the_types_taken_and_given_are_those_of_the_pairs() -> None:
    entry = TRANSFORM_ENTRIES["number_to_text"]
    assert entry.takes == {FieldType.NUMBER}
    assert entry.gives == {FieldType.TEXT, FieldType.CHOICE}


def test_the_rules_for_values_without_an_entry_are_all_offered() -> None:
    arguments = {argument.key: argument for argument in TRANSFORM_ENTRIES["value_map"].arguments}
    offered = [option.value for option in arguments[UNMAPPED].choices]
    assert offered == list(UNMAPPED_RULES)


def test_an_operator_says_how_many_operands_it_takes_and_for_which_types() -> None:
    assert OPERATORS[Operator.EMPTY].operands is Operands.NONE
    assert OPERATORS[Operator.ANY_OF].operands is Operands.SEVERAL
    for kind in FieldType:
        offered = {operator for operator, entry in OPERATORS.items() if kind in entry.types}
        assert {Operator.EMPTY, Operator.NOT_EMPTY} <= offered
        for one, other in (
            (Operator.EQUALS, Operator.NOT_EQUALS),
            (Operator.CONTAINS, Operator.NOT_CONTAINS),
            (Operator.ANY_OF, Operator.NONE_OF),
            (Operator.GREATER, Operator.LESS),
        ):
            assert (one in offered) is (other in offered)
