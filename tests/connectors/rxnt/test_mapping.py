"""What becomes of a contact on its way to RXNT: the fixed mapping, required fields, addresses."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from itertools import product

import pytest

from integrations.connectors.rxnt.spec import RXNT, build
from integrations.engine.config import SyncConfig
from integrations.engine.mapping import Mapper, Translation
from integrations.engine.reasons import Reason
from integrations.engine.records import ABSENT, BLANK, Record, Side, Value
from tests.connectors.rxnt.rig import IDA, RxntRig, save

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
CONTACT: dict[str, Value] = {
    "firstname": " Ida ",
    "lastname": "Brandt",
    "rxnt_date_of_birth": date(1988, 2, 29),
    "rxnt_sex": "F",
    "email": "Ida@Example.org ",
    "phone": "+1 (410) 555-0142",
    "address": "12  Dock St",
    "city": "Annapolis",
    "state": "Maryland",
    "zip": "21401",
    "lifecyclestage": "customer",
}
ADDRESS = {"Address1": "address", "City": "city", "State": "state", "Zip": "zip"}
PARTIAL = [given for given in product((True, False), repeat=4) if any(given)]


def mapper(config: SyncConfig) -> Mapper:
    return Mapper(config.rules, config.groups, {Side.TARGET: config.target.always_send})


def translated(
    changes: Mapping[str, Value] | None = None, incomplete_address: str = ""
) -> Translation:
    record = Record("901", {**CONTACT, **(changes or {})})
    config = build({"incomplete_address": incomplete_address})
    return mapper(config).translate(record, Side.HUBSPOT, NOW)


def address(given: tuple[bool, ...]) -> dict[str, Value]:
    """Return the contact's address fields with the ones not given blank."""
    return {
        name: CONTACT[name] if filled else BLANK
        for name, filled in zip(ADDRESS.values(), given, strict=True)
    }


def test_a_full_contact_becomes_the_patient_of_the_guide() -> None:
    result = translated()
    assert result.values == IDA
    assert (result.notes, result.failure) == ({}, None)


def test_what_the_mapping_sends_rxnt_accepts(rig: RxntRig) -> None:
    assert isinstance(save(rig, **translated().values), Record)


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("firstname", "First Name"),
        ("lastname", "Last Name"),
        ("rxnt_date_of_birth", "Date of Birth"),
    ],
)
@pytest.mark.parametrize("gap", [BLANK, ABSENT])
def test_each_required_field_is_missed_by_its_name(name: str, label: str, gap: Value) -> None:
    assert translated({name: gap}).failure == (Reason.REQUIRED_MISSING, f"{label}.")


def test_an_optional_field_may_be_empty() -> None:
    for name in ("rxnt_sex", "email", "phone"):
        assert translated({name: BLANK}).failure is None


@pytest.mark.parametrize(
    "day",
    [date(2026, 12, 24), date(1899, 12, 31), "February 2nd", datetime(1988, 2, 29, tzinfo=UTC)],
)
def test_a_date_of_birth_that_cannot_be_is_refused_without_showing_it(day: Value) -> None:
    failure = translated({"rxnt_date_of_birth": day}).failure
    assert failure is not None
    assert failure[0] is Reason.VALUE_INVALID
    assert "Date of Birth" in failure[1]
    assert str(day) not in failure[1]


@pytest.mark.parametrize("sex", ["M", "F", "U"])
def test_each_sex_is_sent_as_it_is(sex: str) -> None:
    assert translated({"rxnt_sex": sex}).values["Sex"] == sex


def test_an_unknown_sex_is_left_out_and_the_patient_still_goes() -> None:
    result = translated({"rxnt_sex": "X"})
    assert "Sex" not in result.values
    assert result.notes["Sex"].reason is Reason.VALUE_INVALID
    assert result.failure is None


@pytest.mark.parametrize("given", PARTIAL)
def test_a_partial_address_fails_the_contact_and_names_what_is_missing(
    given: tuple[bool, ...],
) -> None:
    failure = translated(address(given)).failure
    missing = [
        label
        for label, filled in zip(("City", "State/Region", "Zip Code"), given[1:], strict=True)
        if not filled
    ]
    if not missing:
        assert failure is None
        return
    assert failure is not None
    assert failure[0] is Reason.GROUP_INCOMPLETE
    assert [label for label in ("City", "State/Region", "Zip Code") if label in failure[1]] == (
        missing
    )


@pytest.mark.parametrize("given", PARTIAL)
def test_with_the_other_setting_the_patient_goes_without_the_partial_address(
    given: tuple[bool, ...], rig: RxntRig
) -> None:
    result = translated(address(given), "quarantine")
    assert result.failure is None
    complete = all(given[1:])
    assert bool(result.notes) is not complete
    if not complete:
        assert not set(result.values) & set(ADDRESS)
        assert {note.reason for note in result.notes.values()} == {Reason.GROUP_INCOMPLETE}
    without = dict.fromkeys(ADDRESS, ABSENT)
    assert isinstance(save(rig, **{**without, **result.values}), Record)


def test_a_street_missing_alone_is_remarked_on_and_stops_nothing() -> None:
    result = translated({"address": BLANK})
    assert result.failure is None
    assert result.values["City"]
    assert [(r.target, r.reason, r.detail) for r in result.remarks] == [
        ("Address1", Reason.FIELD_EMPTY, "Address: Street Address is empty.")
    ]
    assert not translated().remarks


def test_no_address_at_all_is_fine() -> None:
    result = translated(address((False,) * 4))
    assert result.failure is None
    assert not result.notes


def test_a_state_outside_the_list_fails_the_address() -> None:
    failure = translated({"state": "Bavaria"}).failure
    assert failure is not None
    assert failure[0] is Reason.VALUE_INVALID
    assert "Bavaria" not in failure[1]


@pytest.mark.parametrize(
    ("typed", "sent"),
    [("md", "MD"), (" MD ", "MD"), ("new york", "NY"), ("District of Columbia", "DC")],
)
def test_states_are_sent_as_two_letter_codes(typed: str, sent: str) -> None:
    assert translated({"state": typed}).values["State"] == sent


@pytest.mark.parametrize(
    ("typed", "sent"), [("410.555.0142", "4105550142"), ("+49 89 12345", "+49 89 12345")]
)
def test_phone_numbers_lose_their_punctuation_unless_they_are_foreign(
    typed: str, sent: str
) -> None:
    assert translated({"phone": typed}).values["CellPhone"] == sent


def test_nothing_ever_travels_to_hubspot() -> None:
    config = build({})
    record = Record("88213", IDA)
    assert not mapper(config).translate(record, Side.TARGET, NOW).values
    assert not config.hubspot.can_create
    assert not config.hubspot.can_update


def test_a_patch_of_one_field_carries_the_required_ones_and_its_group() -> None:
    patch = mapper(build({})).complete({"City": "Bowie"}, translated().values, Side.TARGET)
    assert set(patch) == {"FirstName", "LastName", "DOB", *ADDRESS}
    assert patch["City"] == "Bowie"


def test_an_emptied_field_never_blanks_what_rxnt_has() -> None:
    assert not any(rule.clears for rule in build({}).rules)


def test_every_mapped_hubspot_field_of_ours_is_one_that_we_create() -> None:
    created = {spec.name for spec in RXNT.sync("patients").hubspot_fields}
    assert created == {r.hubspot for r in build({}).rules if r.hubspot.startswith("rxnt_")}
