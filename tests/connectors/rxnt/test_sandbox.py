"""The RXNT sandbox keeps its own promises: sign-in, validation, upsert and the back door."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from integrations.connectors.rxnt import payloads
from integrations.connectors.rxnt.sandbox import DEMO_PASSWORD, DEMO_USER, RxntSandbox
from integrations.connectors.sandbox_kit import SandboxRequest, SandboxResponse
from tests.connectors.rxnt.rig import IDA

START = datetime(2026, 11, 20, 12, tzinfo=UTC)
PATIENT = payloads.save_patient("hubspot_1", IDA, payloads.DOB_FORMAT)["Patient"]


class Desk:
    """A sandbox with a clock that a test moves, and short ways to call it."""

    def __init__(self) -> None:
        self.instant = START
        self.sandbox = RxntSandbox(lambda: self.instant)

    def post(self, path: str, body: object) -> SandboxResponse:
        request = SandboxRequest.build("POST", path, body=json.dumps(body).encode())
        return self.sandbox.handle(request)

    def get(self, path: str) -> Any:
        return self.sandbox.handle(SandboxRequest.build("GET", path)).json()

    def call(self, path: str, body: object) -> Any:
        return self.post(payloads.API_ROOT + path, body).json()

    def sign_in(self, **changes: object) -> Any:
        pair = {"UserName": DEMO_USER, "Password": DEMO_PASSWORD}
        return self.call(payloads.LOGIN_PATH, {**pair, **changes})

    def signed(self, **more: object) -> dict[str, object]:
        answer = self.sign_in()
        keys = ("DoctorCompanyId", "Token", "Signature")
        company = {"RequestCompanyId": answer["DoctorCompanyId"]}
        return {**{key: answer[key] for key in keys}, **company, **more}

    def save(self, **changes: object) -> Any:
        assert isinstance(PATIENT, dict)
        body = self.signed(Patient={**PATIENT, **changes})
        return self.call(payloads.SAVE_PATIENT_PATH, body)


@pytest.fixture
def desk() -> Desk:
    return Desk()


# ---------------------------------------------------------------- signing in


def test_signing_in_answers_with_every_documented_key(desk: Desk) -> None:
    answer = desk.sign_in()
    assert set(answer) == {
        "AppLoginId",
        "DoctorCompanyId",
        "TokenExpiryDate",
        "Token",
        "Signature",
        "NoOfDaysToExpire",
        "ValidationMessages",
        "ValidationStatus",
        "Meta",
    }
    assert answer["TokenExpiryDate"] == "2026-11-20T13:00:00.000Z"
    assert desk.sign_in()["Token"] != answer["Token"]


def test_the_user_name_may_be_spelled_as_in_either_document(desk: Desk) -> None:
    body = {"Username": DEMO_USER, "Password": DEMO_PASSWORD}
    assert desk.call(payloads.LOGIN_PATH, body)["ValidationStatus"] == "Success"


def test_wrong_locked_and_incomplete_log_ins_are_told_apart(desk: Desk) -> None:
    wrong = desk.sign_in(Password="nonsense")
    missing = desk.post(payloads.API_ROOT + payloads.LOGIN_PATH, {"UserName": DEMO_USER})
    desk.post(f"/sandbox/users/{DEMO_USER}/lock", {})
    locked = desk.sign_in()
    assert wrong["ValidationMessages"] != locked["ValidationMessages"]
    assert (wrong["Token"], locked["Token"]) == (None, None)
    assert missing.status == 400
    assert missing.json()["ValidationStatus"] == "Failed"


@pytest.mark.parametrize("style", [200, 401])
@pytest.mark.parametrize(
    "change",
    [{"Token": "x"}, {"Signature": "x"}, {"DoctorCompanyId": 1}, {"RequestCompanyId": "x"}],
)
def test_every_call_needs_all_four_keys_of_one_sign_in(
    desk: Desk, style: int, change: dict[str, object]
) -> None:
    desk.sandbox.auth_error_style = style
    body = desk.signed(ExternalReferencePatientId="hubspot_1", **change)
    answer = desk.post(payloads.API_ROOT + payloads.LOOKUP_PATH, body)
    assert answer.status == style
    assert payloads.speaks_of_login(answer.json()["ValidationMessages"], {})


def test_a_token_ends_when_it_said_it_would(desk: Desk) -> None:
    body = desk.signed(ExternalReferencePatientId="hubspot_1")
    path = payloads.API_ROOT + payloads.LOOKUP_PATH
    desk.instant += timedelta(minutes=59)
    assert desk.post(path, body).status == 200
    desk.instant += timedelta(minutes=1)
    assert desk.post(path, body).status == 401


# ---------------------------------------------------------------- saving


def test_a_second_save_updates_and_keeps_what_is_left_out(desk: Desk) -> None:
    first = desk.save()
    second = desk.save(City="Bowie", Email=None)
    assert first["PatientId"] == second["PatientId"]
    [patient] = desk.get("/sandbox/patients")["patients"]
    assert (patient["saves"], patient["fields"]["City"]) == (2, "Bowie")
    assert patient["fields"]["Email"] == IDA["Email"]


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"FirstName": ""}, "FirstName"),
        ({"LastName": None}, "LastName"),
        ({"DOB": None}, "DOB"),
        ({"DOB": "2023-02-29"}, "DOB"),
        ({"DOB": "1899-12-31"}, "DOB"),
        ({"DOB": "2026-11-21"}, "DOB"),
        ({"Sex": "X"}, "Sex"),
        ({"State": "Maryland"}, "State"),
        ({"Zip": None}, "Zip"),
        ({"City": ""}, "City"),
        ({"LastName": "x" * 51}, "LastName"),
        ({"Zip": "1" * 21}, "Zip"),
        ({"ExternalReferencePatientId": None}, "ExternalReferencePatientId"),
    ],
)
def test_each_fault_of_a_patient_is_named(
    desk: Desk, changes: dict[str, object], named: str
) -> None:
    answer = desk.save(**changes)
    assert (answer["ValidationStatus"], answer["PatientId"]) == ("Failed", None)
    [message] = answer["ValidationMessages"]
    assert message.startswith(named)
    assert desk.sandbox.count() == 0


@pytest.mark.parametrize("day", ["2024-02-29", "1900-01-01", "2026-11-20"])
def test_leap_days_and_the_first_and_last_day_are_birthdays(desk: Desk, day: str) -> None:
    assert desk.save(DOB=day)["ValidationStatus"] == "Success"


def test_a_street_may_be_missing_alone(desk: Desk) -> None:
    assert desk.save(Address1=None)["ValidationStatus"] == "Success"


def test_two_practices_never_share_a_patient(desk: Desk) -> None:
    desk.save()
    desk.sandbox.add_user("other", "pw", company=732)
    desk.sandbox.users[DEMO_USER].company = 732
    desk.save()
    assert [patient.company for patient in desk.sandbox.patients()] == [731, 732]


def test_looking_up_tells_only_whether_the_id_is_known(desk: Desk) -> None:
    desk.save()
    found, missing = (
        desk.call(payloads.LOOKUP_PATH, desk.signed(ExternalReferencePatientId=asked))
        for asked in ("hubspot_1", "hubspot_2")
    )
    assert found["ExternalReferencePatientId"] == "hubspot_1"
    assert "PatientId" not in found
    assert missing["ValidationStatus"] == "Failed"
    assert "hubspot_2" in missing["ValidationMessages"][0]


def test_unknown_operations_and_broken_bodies_are_refused(desk: Desk) -> None:
    assert desk.post(f"{payloads.API_ROOT}/patient/Delete", {}).status == 404
    broken = SandboxRequest.build("POST", payloads.API_ROOT + payloads.LOGIN_PATH, body=b"{")
    assert desk.sandbox.handle(broken).status == 400


# ---------------------------------------------------------------- the back door


def test_a_fault_is_injected_for_rxnts_calls_and_not_for_the_back_door(desk: Desk) -> None:
    fault = {"kind": "status", "status": 429, "headers": {"Retry-After": "3"}, "times": 2}
    assert desk.post("/sandbox/faults", fault).status == 200
    assert desk.get("/sandbox/count") == {"count": 0}
    answers = [desk.post(payloads.API_ROOT + payloads.LOGIN_PATH, {}) for _ in range(3)]
    assert [answer.status for answer in answers] == [429, 429, 400]
    assert answers[0].headers["Retry-After"] == "3"


def test_cleared_faults_no_longer_happen(desk: Desk) -> None:
    desk.post("/sandbox/faults", {"kind": "html"})
    desk.post("/sandbox/faults/clear", {})
    assert desk.sign_in()["ValidationStatus"] == "Success"


def test_a_changed_password_ends_old_tokens_and_old_log_ins(desk: Desk) -> None:
    body = desk.signed(ExternalReferencePatientId="hubspot_1")
    desk.post(f"/sandbox/users/{DEMO_USER}/password", {"Password": "new"})
    assert desk.post(payloads.API_ROOT + payloads.LOOKUP_PATH, body).status == 401
    assert desk.sign_in()["ValidationStatus"] == "Failed"
    assert desk.sign_in(Password="new")["ValidationStatus"] == "Success"


def test_a_locked_user_can_be_unlocked(desk: Desk) -> None:
    desk.post(f"/sandbox/users/{DEMO_USER}/lock", {})
    assert desk.sign_in()["ValidationStatus"] == "Failed"
    desk.post(f"/sandbox/users/{DEMO_USER}/unlock", {})
    assert desk.sign_in()["ValidationStatus"] == "Success"


def test_users_are_added_and_listed_without_their_passwords(desk: Desk) -> None:
    added = {"UserName": "second", "Password": "pw", "company": 99, "days_to_expire": 3}
    assert desk.post("/sandbox/users", added).status == 201
    listed = desk.get("/sandbox/users")["users"]
    assert [user["UserName"] for user in listed] == [DEMO_USER, "second"]
    assert "pw" not in str(listed)
    answer = desk.sign_in(UserName="second", Password="pw")
    assert (answer["DoctorCompanyId"], answer["NoOfDaysToExpire"]) == (99, 3)


def test_an_unknown_user_cannot_be_changed(desk: Desk) -> None:
    assert desk.post("/sandbox/users/nobody/lock", {}).status == 404
    assert desk.post("/sandbox/users/nobody/password", {"Password": "x"}).status == 404


def test_switches_are_shown_and_set(desk: Desk) -> None:
    assert desk.get("/sandbox/settings") == {"auth_error_style": 401, "token_minutes": 60}
    asked = {"auth_error_style": 200, "token_minutes": 2}
    assert desk.post("/sandbox/settings", asked).json() == asked
    assert desk.sign_in()["TokenExpiryDate"] == "2026-11-20T12:02:00.000Z"
    assert desk.post("/sandbox/settings", {"auth_error_style": 500}).status == 400


def test_counters_tell_calls_and_saves_per_patient(desk: Desk) -> None:
    desk.save()
    desk.save()
    counted = desk.get("/sandbox/counters")
    assert counted["saves"] == {"hubspot_1": 2}
    assert counted["calls"][f"POST {payloads.API_ROOT}{payloads.LOGIN_PATH}"] == 2


def test_patients_are_listed_newest_first_and_found_by_id(desk: Desk) -> None:
    desk.save()
    desk.save(ExternalReferencePatientId="hubspot_2")
    listed = [row["external_id"] for row in desk.get("/sandbox/patients")["patients"]]
    assert listed == ["hubspot_2", "hubspot_1"]
    [one] = desk.get("/sandbox/patients?external_id=hubspot_1&company=731")["patients"]
    assert one["external_id"] == "hubspot_1"
    assert desk.get("/sandbox/patients?company=5") == {"patients": []}


def test_a_reset_forgets_patients_and_keeps_users(desk: Desk) -> None:
    desk.save()
    desk.post("/sandbox/reset", {})
    assert desk.get("/sandbox/count") == {"count": 0}
    assert desk.sign_in()["ValidationStatus"] == "Success"


def test_a_dump_carries_everything_but_tokens_into_another_sandbox(desk: Desk) -> None:
    first = desk.save()
    desk.sandbox.auth_error_style = 200
    other = Desk()
    other.sandbox.load(json.loads(json.dumps(desk.sandbox.dump())))
    assert other.sandbox.dump() == desk.sandbox.dump()
    assert not other.sandbox.tokens
    assert other.save()["PatientId"] == first["PatientId"]
    fresh = other.save(ExternalReferencePatientId="hubspot_2")
    assert fresh["PatientId"] == first["PatientId"] + 1
