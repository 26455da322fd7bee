"""What the connector makes of RXNT's answers to saves and look-ups."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from integrations.connectors.sandbox_kit import Fault, FaultKind
from integrations.engine.errors import (
    ConfigInvalid,
    Misconfigured,
    RateLimited,
    Rejected,
    ReplyLost,
    Scope,
    SyncError,
    Unavailable,
)
from integrations.engine.ports import EXTERNAL_KEY, CreateItem, UpdateItem
from integrations.engine.records import BLANK, Record, Value
from integrations.engine.specs import FieldSpec
from tests.connectors.rxnt.rig import IDA, LOOKUP, SAVE, RxntRig, answers, fails_with, save
from tests.rig import record_of

# ---------------------------------------------------------------- saving


@pytest.mark.parametrize("sex", ["M", "F", "U", BLANK])
def test_each_sex_and_none_is_saved(rig: RxntRig, sex: Value) -> None:
    assert isinstance(save(rig, Sex=sex), Record)
    patient = rig.sandbox.patient("hubspot_1")
    assert patient is not None
    assert patient.fields.get("Sex", BLANK) == sex


def test_a_leap_day_arrives_as_that_day(rig: RxntRig) -> None:
    assert isinstance(save(rig, DOB=date(2004, 2, 29)), Record)
    patient = rig.sandbox.patient("hubspot_1")
    assert patient is not None
    assert patient.fields["DOB"] == "2004-02-29"


@pytest.mark.parametrize("name", ["FirstName", "LastName", "DOB"])
def test_a_missing_required_field_is_named(rig: RxntRig, name: str) -> None:
    error = save(rig, **{name: BLANK})
    assert isinstance(error, Rejected)
    assert error.fields == (name,)
    assert error.detail == f"{name} is required."


def test_a_second_save_updates_the_same_patient_and_keeps_what_it_does_not_name(
    rig: RxntRig,
) -> None:
    [(patient_id, item)] = rig.fill(1).items()
    values = {name: IDA[name] for name in ("FirstName", "LastName", "DOB")}
    update = UpdateItem("9", patient_id, {**values, "LastName": "Berg"}, item.external_key)
    record = record_of(rig.connector.update("patients", [update])[0])
    assert (record.id, record.values) == (patient_id, update.values)
    patient = rig.sandbox.patient("hubspot_1")
    assert patient is not None
    assert (patient.saves, patient.fields["LastName"], patient.fields["City"]) == (
        2,
        "Berg",
        "Annapolis",
    )


def test_a_timeout_after_rxnt_saved_never_makes_a_second_patient(rig: RxntRig) -> None:
    rig.sandbox.faults.inject(Fault(FaultKind.LOST_REPLY, path=SAVE))
    assert isinstance(save(rig), ReplyLost)
    assert set(rig.connector.find("patients", EXTERNAL_KEY, ["hubspot_1"], ())) == {"hubspot_1"}
    assert isinstance(save(rig), Record)
    assert [patient.saves for patient in rig.sandbox.patients()] == [2]


@pytest.mark.parametrize(
    "body",
    [
        {"ValidationStatus": "Success", "PatientId": None},
        {"ValidationStatus": "Success", "PatientId": 7},
        {
            "ValidationStatus": "Success",
            "PatientId": 7,
            "ExternalReferencePatientId": "hubspot_2",
        },
        {"PatientId": 7},
        ["Success"],
        "<html>Welcome</html>",
    ],
)
def test_a_success_that_names_no_patient_counts_as_a_lost_reply(rig: RxntRig, body: object) -> None:
    rig.connector.check()
    answers(rig, SAVE, body)
    assert isinstance(save(rig), ReplyLost)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (400, Rejected),
        (404, Misconfigured),
        (413, Rejected),
        (429, RateLimited),
        (500, ReplyLost),
        (503, ReplyLost),
    ],
)
def test_each_status_of_a_save_has_its_class(
    rig: RxntRig, status: int, expected: type[SyncError]
) -> None:
    rig.connector.check()
    answers(rig, SAVE, "<html></html>", status)
    assert type(save(rig)) is expected


def test_a_bad_request_is_explained_by_its_envelope(rig: RxntRig) -> None:
    rig.connector.check()
    fails_with(rig, SAVE, "LastName is required.", 400)
    error = save(rig)
    assert isinstance(error, Rejected)
    assert error.fields == ("LastName",)


def test_a_slowed_down_caller_waits_as_long_as_rxnt_says_or_a_minute(rig: RxntRig) -> None:
    rig.connector.check()
    for headers, seconds in (({"Retry-After": "12"}, 12), ({}, 60), ({"Retry-After": "x"}, 60)):
        rig.sandbox.faults.inject(Fault(FaultKind.STATUS, path=SAVE, status=429, headers=headers))
        error = save(rig)
        assert isinstance(error, RateLimited)
        assert error.retry_after == seconds


def test_a_wrong_path_is_our_own_fault_and_names_the_settings() -> None:
    rig = RxntRig({"RXNT_SAVE_PATIENT_PATH": "/patients/SaveIt"})
    error = save(rig)
    assert isinstance(error, Misconfigured)
    assert error.scope is Scope.INSTALLATION
    assert "RXNT_SAVE_PATIENT_PATH" in error.detail


def test_an_item_without_our_key_is_not_sent(rig: RxntRig) -> None:
    [outcome] = rig.connector.create("patients", [CreateItem("1", IDA)])
    assert isinstance(outcome.error, ConfigInvalid)
    assert not rig.sandbox.counters


# ---------------------------------------------------------------- looking up, and what RXNT lacks


def test_an_unclear_look_up_is_never_taken_for_a_missing_patient(rig: RxntRig) -> None:
    fails_with(rig, LOOKUP, "The database is busy.")
    with pytest.raises(Unavailable):
        rig.connector.find("patients", EXTERNAL_KEY, ["hubspot_1"], ())


def test_patients_are_found_by_our_key_only(rig: RxntRig) -> None:
    with pytest.raises(ConfigInvalid):
        rig.connector.find("patients", "Email", ["ida@example.org"], ())


def test_fields_are_never_created_in_rxnt(rig: RxntRig) -> None:
    with pytest.raises(ConfigInvalid):
        rig.connector.ensure_field("patients", FieldSpec("a", "A"))


def test_changes_cannot_be_asked_for(rig: RxntRig) -> None:
    with pytest.raises(ConfigInvalid):
        rig.connector.changes("patients", "", ())
    with pytest.raises(ConfigInvalid):
        rig.connector.changes_since("patients", datetime(2026, 1, 1, tzinfo=UTC))
