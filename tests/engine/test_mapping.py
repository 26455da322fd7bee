"""Translation of whole records: quarantine, required fields, groups, overwrite modes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from integrations.engine.mapping import (
    Direction,
    FieldGroup,
    FieldRule,
    IncompleteGroup,
    Mapper,
    Overwrite,
    overwritten,
)
from integrations.engine.reasons import Reason
from integrations.engine.records import ABSENT, BLANK, UNREADABLE, Record, Side, Value

NOW = datetime(2026, 11, 20, tzinfo=UTC)
H, T = Side.HUBSPOT, Side.TARGET
RULES = (
    FieldRule("first", "First", label="First name", required=True),
    FieldRule("born", "Born", label="Birthday", transform="date", required=True),
    FieldRule("phone", "Phone", label="Phone", transform="phone_digits"),
    FieldRule("code", "Code", label="Code", transform="value_map", arguments=(("a", "1"),)),
    FieldRule("street", "Street", label="Street"),
    FieldRule("city", "City", label="City"),
    FieldRule("state", "State", label="State", transform="us_state"),
    FieldRule("score", "Score", direction=Direction.TO_HUBSPOT),
)
GOOD: dict[str, Value] = {"first": "Ida", "born": "1988-02-29"}


def mapper(incomplete: IncompleteGroup = IncompleteGroup.QUARANTINE) -> Mapper:
    """Return a mapper with an address group and one field that always goes along."""
    group = FieldGroup(
        "address", "Address", ("Street", "City", "State"), ("City", "State"), incomplete
    )
    return Mapper(RULES, (group,), {T: ("First",)})


def test_values_change_names_and_spelling_and_keep_their_way() -> None:
    record = Record("1", {**GOOD, "phone": "+1 410 555 0142", "code": BLANK, "score": "7"})
    translated = mapper().translate(record, H, NOW)
    assert translated.failure is None
    assert translated.values["Phone"] == "4105550142"
    assert translated.values["Code"] is BLANK
    assert translated.values.keys() == {"First", "Born", "Phone", "Code"}


def test_a_one_way_transform_lets_nothing_come_back() -> None:
    record = Record("1", {"First": "Ida", "Phone": "4105550142", "Score": "7"})
    assert mapper().translate(record, T, NOW).values == {"first": "Ida", "score": "7"}


@pytest.mark.parametrize("seen", [ABSENT, UNREADABLE])
def test_what_is_not_known_is_not_sent(seen: Value) -> None:
    assert "Code" not in mapper().translate(Record("1", {**GOOD, "code": seen}), H, NOW).values


def test_an_invalid_value_is_quarantined_and_the_others_go() -> None:
    translated = mapper().translate(Record("1", {**GOOD, "code": "x", "city": BLANK}), H, NOW)
    assert translated.failure is None
    assert "Code" not in translated.values
    assert translated.notes["Code"].reason is Reason.VALUE_INVALID
    assert "First" in translated.values


@pytest.mark.parametrize(
    ("values", "reason", "names"),
    [
        ({"first": BLANK, "born": BLANK}, Reason.REQUIRED_MISSING, ("First name", "Birthday")),
        ({"first": "Ida"}, Reason.REQUIRED_MISSING, ("Birthday",)),
        ({"first": "Ida", "born": "soon"}, Reason.VALUE_INVALID, ("Birthday",)),
    ],
)
def test_a_required_field_fails_the_record_by_name(
    values: dict[str, Value], reason: Reason, names: tuple[str, ...]
) -> None:
    failure = mapper().translate(Record("1", values), H, NOW).failure
    assert failure is not None
    assert failure[0] is reason
    assert all(name in failure[1] for name in names)


FILLED = {"street": "12 Dock St", "city": "Annapolis", "state": "MD"}


@pytest.mark.parametrize("mask", range(8))
def test_each_partial_address_is_complete_or_quarantined_or_fails(mask: int) -> None:
    names = [name for bit, name in enumerate(FILLED) if mask & 1 << bit]
    record = Record("1", {**GOOD, **dict.fromkeys(FILLED, BLANK), **{n: FILLED[n] for n in names}})
    complete = not names or {"city", "state"} <= set(names)
    translated = mapper().translate(record, H, NOW)
    assert translated.failure is None
    assert ("City" in translated.values) is complete
    assert bool(translated.notes) is not complete
    failure = mapper(IncompleteGroup.FAIL).translate(record, H, NOW).failure
    assert (failure is None) is complete
    if failure is not None:
        missing = {"city": "City", "state": "State"}
        assert all((missing[n] in failure[1]) is (n not in names) for n in missing)


def test_an_invalid_member_takes_its_whole_group_along() -> None:
    record = Record("1", {**GOOD, **FILLED, "state": "Atlantis"})
    translated = mapper().translate(record, H, NOW)
    assert not {"Street", "City", "State"} & translated.values.keys()
    assert {note.reason for note in translated.notes.values()} == {Reason.VALUE_INVALID}


def test_a_patch_takes_its_group_and_the_always_sent_fields_along() -> None:
    values: dict[str, Value] = {"First": "Ida", "Street": BLANK, "City": "Reno", "State": "NV"}
    patch = mapper().complete({"State": "NV"}, values, T)
    assert patch == {"First": "Ida", "City": "Reno", "State": "NV"}


@pytest.mark.parametrize(
    ("mode", "new", "old", "creating", "expected"),
    [
        (Overwrite.ALWAYS, "a", "b", False, "a"),
        (Overwrite.ALWAYS, BLANK, "b", False, BLANK),
        (Overwrite.ALWAYS, BLANK, ABSENT, True, ABSENT),
        (Overwrite.IF_EMPTY, "a", "b", False, ABSENT),
        (Overwrite.IF_EMPTY, "a", BLANK, False, "a"),
        (Overwrite.IF_EMPTY, "a", UNREADABLE, False, ABSENT),
        (Overwrite.IF_EMPTY, "a", ABSENT, False, ABSENT),
        (Overwrite.ON_CREATE, "a", BLANK, False, ABSENT),
        (Overwrite.ON_CREATE, "a", ABSENT, True, "a"),
        (Overwrite.NEVER, "a", BLANK, False, ABSENT),
        (Overwrite.NEVER, "a", ABSENT, True, ABSENT),
        (Overwrite.APPEND, ("a", "c"), ("b", "a"), False, ("b", "a", "c")),
        (Overwrite.APPEND, ("a",), ("b", "a"), False, ABSENT),
        (Overwrite.APPEND, ("a",), BLANK, False, ("a",)),
        (Overwrite.APPEND, "a", "b", False, ABSENT),
    ],
)
def test_an_overwrite_mode_says_what_is_written(
    mode: Overwrite, new: Value, old: Value, creating: bool, expected: Value
) -> None:
    rule = FieldRule("f", "f", overwrite=mode)
    assert overwritten(rule, Side.TARGET, new, old, creating=creating) == expected
