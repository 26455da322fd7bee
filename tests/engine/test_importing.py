"""Options that the target's picklists lack: found by internal value, added, never removed."""

from __future__ import annotations

import pytest

from integrations.engine.importing import foreseen, lacking, shares_values, with_options
from integrations.engine.mapping import Direction, FieldRule
from integrations.engine.records import FieldType
from integrations.engine.specs import FieldSpec, Option

GOLD, TIN = Option("gold", "Gold"), Option("tin", "Tin can")
C = FieldType.CHOICE
HERE = {"tier": FieldSpec("tier", "Tier", C, (GOLD, TIN))}
THERE = {"Tier__c": FieldSpec("Tier__c", "Level", C, (GOLD, Option("old", "Old")))}
RULE = FieldRule("tier", "Tier__c", C)


def test_what_is_lacking_is_found_by_value_and_nothing_is_too_much() -> None:
    (lack,) = lacking([RULE], HERE, THERE)
    assert lack.options == (TIN,)
    assert lack.by_hand == "Add these options to the picklist “Level”: tin (Tin can)."
    assert lack.shown == "Level: “Tin can”"


def test_the_foreseen_field_has_its_own_options_and_the_new_ones() -> None:
    grown = foreseen([RULE], HERE, THERE)["Tier__c"]
    assert [option.value for option in grown.options] == ["gold", "old", "tin"]
    assert lacking([RULE], HERE, {"Tier__c": grown}) == ()


def test_a_field_that_only_travels_to_hubspot_lacks_nothing() -> None:
    rule = FieldRule("tier", "Tier__c", C, direction=Direction.TO_HUBSPOT)
    assert lacking([rule], HERE, THERE) == ()


def test_a_read_only_or_unknown_field_lacks_nothing() -> None:
    fixed = {"Tier__c": FieldSpec("Tier__c", "Level", C, (GOLD,), read_only=True)}
    assert lacking([RULE], HERE, fixed) == ()
    assert lacking([RULE], HERE, {}) == ()


def test_a_field_whose_options_are_not_known_lacks_nothing() -> None:
    assert lacking([RULE], HERE, {"Tier__c": FieldSpec("Tier__c", "Level", C)}) == ()


def test_a_typing_error_in_a_value_list_is_not_imported() -> None:
    arguments = (("gold", "platinum"), ("@unmapped", "keep"))
    rule = FieldRule("tier", "Tier__c", C, transform="value_map", arguments=arguments)
    (lack,) = lacking([rule], HERE, THERE)
    assert lack.options == (TIN,)


def test_adding_options_twice_changes_nothing() -> None:
    once = with_options(THERE["Tier__c"], [TIN])
    assert with_options(once, [TIN, GOLD]) == once


@pytest.mark.parametrize(
    ("options", "alike"),
    [
        ((GOLD,), True),
        ((), True),
        ((Option("x", "Other"),), True),
        ((Option("G-1", "gold"),), False),
    ],
)
def test_a_list_travels_as_it_is_unless_its_options_are_spelled_in_another_way(
    options: tuple[Option, ...], alike: bool
) -> None:
    assert shares_values(HERE["tier"], FieldSpec("T", "T", C, options)) is alike


def test_fields_of_other_types_share_no_list() -> None:
    assert not shares_values(HERE["tier"], FieldSpec("T", "T"))
    assert not shares_values(HERE["tier"], FieldSpec("T", "T", C, (GOLD,), read_only=True))
