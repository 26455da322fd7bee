"""What Magentrix's statuses and bodies mean, and that no message repeats a value."""

from __future__ import annotations

import json

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from integrations.connectors.magentrix import errors
from integrations.engine.errors import (
    AuthFailed,
    Duplicate,
    MissingScope,
    NotFound,
    RateLimited,
    Rejected,
    SyncError,
    Unavailable,
    VersionConflict,
)
from integrations.engine.reasons import Reason

NAMES = {"lastname": "LastName", "email": "Email", "stage": "Stage"}


def answer(status: int, body: object = None, **headers: str) -> requests.Response:
    response = requests.Response()
    response.status_code = status
    response._content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    response.headers.update(headers)
    return response


def item(*entries: tuple[str, str | None, str]) -> dict[str, object]:
    found = [{"code": c, "fieldName": f, "message": m} for c, f, m in entries]
    return {"id": None, "errors": found, "success": False}


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, {"message": "The session is invalid.", "success": False}, AuthFailed),
        (403, {"message": "No.", "success": False}, MissingScope),
        (403, "<html>Blocked</html>", Rejected),
        (404, {"message": "Invalid entity: 'contact2'", "success": False}, NotFound),
        (404, "<html>", Unavailable),
        (405, "", Unavailable),
        (400, {"message": "The entity: 'Foo' does not exist.", "success": False}, Rejected),
        (409, {"message": "It exists.", "success": False}, Duplicate),
        (408, "", Unavailable),
        (429, "", RateLimited),
        (500, "", Unavailable),
        (503, {"message": "Busy", "success": False}, Unavailable),
    ],
)
def test_a_status_says_who_is_hit(status: int, body: object, kind: type[SyncError]) -> None:
    assert type(errors.classify(answer(status, body))) in (kind, errors.TokenRefused)
    assert isinstance(errors.classify(answer(status, body)), kind)


@pytest.mark.parametrize("body", [item(("A", None, "b")), [item(("A", None, "b"))]])
def test_results_of_records_are_left_to_who_reads_them(body: object) -> None:
    assert errors.classify(answer(400, body)) is None
    assert errors.classify(answer(200, body)) is None


@pytest.mark.parametrize(("given", "wait"), [("7", 7.0), ("", 30.0), ("soon", 30.0)])
def test_a_429_is_waited_for(given: str, wait: float) -> None:
    error = errors.classify(answer(429, "", **{"Retry-After": given}))
    assert isinstance(error, RateLimited)
    assert error.retry_after == wait


@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_refused_log_in_is_the_customers(status: int) -> None:
    body = {"token": None, "success": False, "errors": [{"code": "INVALID_SCOPE"}]}
    assert isinstance(errors.classify_login(answer(status, body)), AuthFailed)
    assert errors.classify_login(answer(200, body)) is None


@pytest.mark.parametrize(
    ("entry", "kind", "reason"),
    [
        (("REQUIRED_FIELD_MISSING", "LastName", "Enter it"), Rejected, Reason.REQUIRED_MISSING),
        (("INVALID_VALUE", "Stage", "Bad value"), Rejected, Reason.REJECTED),
        (("STRING_TOO_LONG", "Email", "Too long"), Rejected, Reason.REJECTED),
        (("DUPLICATE_VALUE", "Email", "In use"), Duplicate, Reason.AMBIGUOUS),
        (("NOT_FOUND", None, "Record not found"), NotFound, Reason.GONE),
        (("SERVER_ERROR", None, "Try again"), VersionConflict, Reason.UNAVAILABLE),
        (("", "LastName", "Last Name is required"), Rejected, Reason.REQUIRED_MISSING),
        (("", "Email", "A duplicate value was found"), Duplicate, Reason.AMBIGUOUS),
        (("", None, "The record does not exist"), NotFound, Reason.GONE),
        (("NOT_FOUND", "LastName", "Record not found"), Rejected, Reason.REJECTED),
        (("", None, "The approval for this deal was not found."), Rejected, Reason.REJECTED),
        (("", None, "This opportunity is locked by finance."), Rejected, Reason.REJECTED),
    ],
)
def test_an_items_error_is_judged_by_its_code_and_else_by_its_words(
    entry: tuple[str, str | None, str], kind: type[SyncError], reason: Reason
) -> None:
    error = errors.item_error(item(entry), NAMES)
    assert type(error) is kind
    assert error.reason is reason
    if entry[1] and kind in (Rejected, Duplicate):
        assert error.fields == (entry[1],)


def test_a_missing_reference_is_no_missing_record() -> None:
    error = errors.item_error(item(("INVALID_REFERENCE", None, "Account not found")), NAMES)
    assert type(error) is Rejected


def test_fields_are_named_as_we_name_them_and_unknown_ones_are_left_out() -> None:
    entries = (("INVALID_VALUE", "LASTNAME", "a"), ("INVALID_VALUE", "Other__c", "b"))
    assert errors.item_error(item(*entries), NAMES).fields == ("LastName",)


def test_a_customers_own_rule_is_shown_in_its_words() -> None:
    error = errors.item_error(item(("RULE", "Stage", "A won deal needs an amount.")), NAMES)
    assert error.detail == "Magentrix refused it: A won deal needs an amount."


def test_what_was_sent_is_not_repeated() -> None:
    said = "'Lovelace' of ada@acme.example at ACME GmbH breaks the rule of \"Email\"."
    shown = errors.wording(said, ["Lovelace", "Acme GmbH", None, True], NAMES)
    assert shown == '“…” of … at … breaks the rule of "Email".'


@given(st.text(alphabet=st.characters(categories=("L", "N")), min_size=3, max_size=30))
def test_no_value_survives_in_a_message(value: str) -> None:
    shown = errors.wording(f"The value {value} is not allowed here.", [value])
    assert f" {value} " not in shown


def test_an_item_without_a_reason_still_says_something() -> None:
    error = errors.item_error({"success": False}, NAMES)
    assert error.detail == "Magentrix refused it: no reason was given"


@pytest.mark.parametrize("status", [404, 403, 405, 501])
def test_a_portal_without_set_up_calls_is_recognised(status: int) -> None:
    assert isinstance(errors.classify_extension(answer(status, "<html>")), NotFound)


def test_a_page_instead_of_set_up_calls_is_none_either() -> None:
    page = answer(200, "<html>", **{"Content-Type": "text/html"})
    assert isinstance(errors.classify_extension(page), NotFound)
    assert isinstance(errors.classify_extension(answer(401, "")), errors.TokenRefused)
