"""RXNT's JSON: what is sent, what is understood, and what is never repeated."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from integrations.connectors.auth import TokenSet
from integrations.connectors.rxnt import payloads
from integrations.connectors.rxnt.payloads import Reply, read_reply
from integrations.engine.records import ABSENT, BLANK, Value
from tests.connectors.rxnt.rig import IDA

FIXTURES = Path(payloads.__file__).parent / "fixtures"
NOW = datetime(2026, 11, 20, 21, 40, tzinfo=UTC)


def answer(name: str) -> Reply:
    reply = read_reply(json.loads((FIXTURES / "answers.json").read_text())[name])
    assert reply is not None
    return reply


def signed_in(**changes: object) -> TokenSet:
    reply = answer("signed_in")
    tokens = payloads.read_tokens(Reply(True, (), {**reply.body, **changes}), "", NOW)
    assert tokens is not None
    return tokens


def test_a_patient_is_sent_with_every_field_and_its_external_id() -> None:
    assert payloads.save_patient("hubspot_901", IDA, "%Y-%m-%d") == {
        "Patient": {
            "ExternalReferencePatientId": "hubspot_901",
            "FirstName": "Ida",
            "LastName": "Brandt",
            "DOB": "1988-02-29",
            "Sex": "F",
            "Email": "ida@example.org",
            "CellPhone": "4105550142",
            "Address1": "12 Dock St",
            "City": "Annapolis",
            "State": "MD",
            "Zip": "21401",
        }
    }


def test_fields_without_a_value_are_not_sent_so_rxnt_keeps_what_it_has() -> None:
    values: dict[str, Value] = {"FirstName": "Ida", "City": BLANK, "Zip": ABSENT}
    assert payloads.save_patient("hubspot_1", values, "%Y-%m-%d") == {
        "Patient": {"ExternalReferencePatientId": "hubspot_1", "FirstName": "Ida"}
    }


def test_the_date_of_birth_takes_the_form_that_the_portal_is_set_to() -> None:
    values: dict[str, Value] = {"DOB": date(2024, 2, 29)}
    sent = payloads.save_patient("hubspot_1", values, "%m/%d/%Y")["Patient"]
    assert isinstance(sent, dict)
    assert sent["DOB"] == "02/29/2024"


def test_every_call_is_signed_with_the_four_documented_keys() -> None:
    assert payloads.signed(signed_in()) == {
        "DoctorCompanyId": 731,
        "RequestCompanyId": 731,
        "Token": "b7f0c2",
        "Signature": "Qm9nU=",
    }


def test_a_request_company_given_by_rxnt_replaces_the_practice_id() -> None:
    tokens = payloads.read_tokens(answer("signed_in"), "9001", NOW)
    assert tokens is not None
    assert payloads.signed(tokens)["RequestCompanyId"] == 9001
    assert payloads.signed(tokens)["DoctorCompanyId"] == 731


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-20T22:40:03.847Z", datetime(2026, 11, 20, 22, 40, 3, 847000, UTC)),
        ("2026-11-20T22:40:03", datetime(2026, 11, 20, 22, 40, 3, tzinfo=UTC)),
        ("soon", NOW + payloads.UNKNOWN_LIFETIME),
        (None, NOW + payloads.UNKNOWN_LIFETIME),
    ],
)
def test_the_token_lives_as_long_as_rxnt_says(text: str | None, expected: datetime) -> None:
    assert signed_in(TokenExpiryDate=text).expires_at == expected


def test_a_fresh_token_that_seems_to_have_expired_is_used_all_the_same() -> None:
    tokens = signed_in(TokenExpiryDate="2026-11-20T17:40:00")
    assert not tokens.stale(NOW)
    assert tokens.stale(NOW + timedelta(minutes=2))


@pytest.mark.parametrize("key", ["Token", "DoctorCompanyId"])
def test_a_login_without_token_or_company_gives_no_tokens(key: str) -> None:
    reply = Reply(True, (), {**answer("signed_in").body, key: None})
    assert payloads.read_tokens(reply, "", NOW) is None


def test_tokens_do_not_show_in_their_own_text() -> None:
    shown = repr(signed_in())
    assert "b7f0c2" not in shown
    assert "Qm9nU=" not in shown


@pytest.mark.parametrize("parsed", [None, [], "Success", {}, {"ValidationStatus": None}])
def test_an_answer_without_the_envelope_is_not_the_protocol(parsed: object) -> None:
    assert read_reply(parsed) is None


def test_messages_may_be_a_list_one_text_or_nothing() -> None:
    failed = {"ValidationStatus": "Failed"}
    told = [read_reply({**failed, "ValidationMessages": said}) for said in (["a", "b"], "a", None)]
    assert [reply.messages for reply in told if reply] == [("a", "b"), ("a",), ()]


# ---------------------------------------------------------------- refusals


def test_a_refusal_names_its_fields() -> None:
    assert payloads.refusal(answer("refused").messages, IDA) == (
        "LastName is required. Zip is required when an address is given.",
        ("LastName", "Zip"),
    )


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("City 'Annapolis' is not valid.", "City '…' is not valid."),
        ("DOB 02/29/1988 is not a valid date.", "DOB … is not a valid date."),
        ("Email ida@example.org exists.", "Email … exists."),
        ("Address1 '12 Dock St' is too long.", "Address1 '…' is too long."),
        ("Ida Brandt, 29 Feb 1988: duplicate patient", "…: duplicate patient"),
        ("CellPhone +1 (410) 555-0142 is not valid", "CellPhone +… is not valid"),
    ],
)
def test_a_refusal_never_repeats_a_value(message: str, shown: str) -> None:
    assert payloads.refusal([message], IDA)[0] == shown


def test_a_name_that_is_a_plain_word_is_hidden_too() -> None:
    values: dict[str, Value] = {"FirstName": "Ida", "LastName": "Long"}
    assert payloads.refusal(["LastName Long is too short."], values)[0] == (
        "LastName … is too short."
    )


@pytest.mark.parametrize(
    "message",
    [
        "The token is invalid or has expired.",
        "Signature mismatch",
        "AccessToken not found",
        "Please login again",
        "User is not authenticated.",
    ],
)
def test_a_refused_token_is_told_by_its_words(message: str) -> None:
    assert payloads.speaks_of_login([message], IDA)


@pytest.mark.parametrize(
    ("message", "values"),
    [
        ("LastName is required.", IDA),
        ("Email token@example.org has expired.", IDA),
        ("Patient Ida Token already exists.", {"FirstName": "Ida", "LastName": "Token"}),
    ],
)
def test_a_refused_patient_is_not_taken_for_a_refused_token(
    message: str, values: dict[str, Value]
) -> None:
    assert not payloads.speaks_of_login([message], values)
