"""Statuses and bodies of Thena become the right errors, and none of them repeats a value."""

from __future__ import annotations

from email.utils import format_datetime
from typing import Any

import pytest
import requests
import responses

from integrations.connectors.auth import MemoryVault
from integrations.connectors.thena.client import API_URL
from integrations.connectors.thena.connector import ThenaConnector
from integrations.connectors.thena.errors import LONGEST_WAIT, WAIT_AFTER_429
from integrations.engine.errors import (
    AuthFailed,
    ConfigInvalid,
    Duplicate,
    Misconfigured,
    MissingScope,
    NotFound,
    RateLimited,
    Rejected,
    ReplyLost,
    SyncError,
    Unavailable,
)
from integrations.engine.ports import CreateItem
from integrations.engine.reasons import Reason
from tests.connectors.thena.fixtures import answer
from tests.connectors.thena.rig import START

ADA = CreateItem("1", {"firstName": "Ada", "email": "ada@acme.example"})
CONTACTS = f"{API_URL}/v1/accounts/contacts"


class Told:
    """A budget that remembers what it was told."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, int, str]] = []

    def acquire(self, lane: str) -> None:
        pass

    def observe(self, lane: str, status: int, headers: Any) -> None:
        self.seen.append((lane, status, headers.get("Retry-After", "")))


def connector(budget: Told | None = None) -> ThenaConnector:
    vault = MemoryVault({"api_key": "pk_live_x"})
    return ThenaConnector(vault, {}, budget or Told(), requests.Session())


def create(status: int, body: Any, headers: dict[str, str] | None = None) -> SyncError:
    """Return the error of a create that is answered like this, and its search with nobody."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as http:
        http.post(CONTACTS, json=body, status=status, headers=headers)
        http.get(f"{CONTACTS}/search", json=[])
        [outcome] = connector().create("contacts", [ADA])
    assert outcome.error is not None
    return outcome.error


def nest(status: int, message: Any) -> dict[str, Any]:
    return {"statusCode": status, "message": message, "error": "Bad"}


def test_a_validation_is_told_by_field_in_our_own_words() -> None:
    error = create(400, answer("refused"))
    assert isinstance(error, Rejected)
    assert error.detail == (
        "Thena refused it: email is not an email address; firstName is missing."
    )
    assert error.fields == ("email", "firstName")
    assert error.reason is Reason.REQUIRED_MISSING


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("name must be shorter than or equal to 255 characters", "name is too long"),
        ("employees must be a number conforming", "employees is not a fitting number"),
        ("logo must be a URL address", "logo is not a web address"),
        ("property foo should not exist", "is not known to Thena"),
        ("status AV9 not found", "status names something that is not there"),
        ("customFieldValues.0 holds an invalid value for Tier: ['Lead']",
         "customFieldValues is not one of the allowed values"),
        (["email must be an email", "email must be an email"], "email is not an email address"),
        ("Ada Lovelace is not welcome", "HTTP 400"),
        ([], "HTTP 400"),
    ],
)  # fmt: skip
def test_each_complaint_is_reworded(message: Any, said: str) -> None:
    error = create(400, nest(400, message))
    assert type(error) is Rejected
    assert error.detail == f"Thena refused it: {said}."


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, AuthFailed),
        (403, MissingScope),
        (404, NotFound),
        (405, Misconfigured),
        (408, Unavailable),
        (409, Duplicate),
        (418, Rejected),
        (422, Rejected),
        (429, RateLimited),
        (500, ReplyLost),
        (503, ReplyLost),
    ],
)
def test_a_status_has_its_error(status: int, kind: type[SyncError]) -> None:
    assert type(create(status, nest(status, "Ada is refused"))) is kind


@pytest.mark.parametrize("status", [400, 409])
def test_a_taken_value_is_a_duplicate_whichever_status_says_so(status: int) -> None:
    error = create(status, nest(status, "A contact with email ada@acme.example already exists"))
    assert isinstance(error, Duplicate)
    assert error.existing_id == "", "nobody was found"
    assert "ada" not in error.detail


def test_an_unknown_address_is_our_own_fault() -> None:
    assert isinstance(create(404, nest(404, "Cannot POST /v1/accounts/contacts")), Misconfigured)


@pytest.mark.parametrize("status", [404, 405])
def test_a_404_of_something_in_between_proves_nothing(status: int) -> None:
    with responses.RequestsMock() as http:
        http.post(CONTACTS, body="<h1>Not Found</h1>", status=status)
        [outcome] = connector().create("contacts", [ADA])
    assert type(outcome.error) is Unavailable


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7),
        ({"X-RateLimit-Reset": str(int(START.timestamp()) + 40)}, 40),
        ({"X-RateLimit-Reset": str(int(START.timestamp()) - 5)}, 1),
        ({"X-RateLimit-Reset": str(int(START.timestamp()) * 1000)}, LONGEST_WAIT),
        ({"X-RateLimit-Reset": "soon"}, WAIT_AFTER_429),
        ({}, WAIT_AFTER_429),
    ],
)
def test_the_wait_after_a_429_is_counted_in_thenas_clock(
    headers: dict[str, str], seconds: float
) -> None:
    dated = {**headers, "Date": format_datetime(START, usegmt=True)}
    error = create(429, nest(429, "Too Many Requests"), dated)
    assert isinstance(error, RateLimited)
    assert error.retry_after == pytest.approx(seconds)


def test_without_a_date_our_own_clock_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.time", lambda: START.timestamp())
    reset = str(int(START.timestamp()) + 30)
    error = create(429, nest(429, "Too Many Requests"), {"X-RateLimit-Reset": reset, "Date": "?"})
    assert isinstance(error, RateLimited)
    assert error.retry_after == pytest.approx(30)


def test_the_budget_is_told_how_long_the_account_must_rest() -> None:
    budget = Told()
    headers = {"X-RateLimit-Reset": str(int(START.timestamp()) + 40)}
    headers["Date"] = format_datetime(START, usegmt=True)
    with responses.RequestsMock() as http:
        http.post(CONTACTS, json=nest(429, "Too Many"), status=429, headers=headers)
        connector(budget).create("contacts", [ADA])
    assert budget.seen == [("general", 429, "40.0")]


@pytest.mark.parametrize("body", ["{", "[]", "{}", '{"data": null, "status": true}', '"made"'])
def test_a_success_that_names_no_record_may_have_happened(body: str) -> None:
    with responses.RequestsMock() as http:
        http.post(CONTACTS, body=body, status=201)
        [outcome] = connector().create("contacts", [ADA])
    assert isinstance(outcome.error, ReplyLost)


@pytest.mark.parametrize("body", ["{", "{}", '{"data": {}, "status": true}', "[1]", "null"])
def test_a_list_that_is_none_is_unavailable(body: str) -> None:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as http:
        http.get(CONTACTS, body=body)
        with pytest.raises(Unavailable):
            connector().scan("contacts", "", ["email"])


def test_a_connection_without_a_key_asks_for_one_and_sends_nothing() -> None:
    lost = ThenaConnector(MemoryVault({}), {}, Told(), requests.Session())
    with pytest.raises(AuthFailed, match="API key"):
        lost.scan("contacts", "", ["email"])
    assert lost.calls == 0


@pytest.mark.parametrize("cursor", ["x", "1", "1:x", ":", '{"page"'])
def test_a_position_that_never_was_one_is_refused(cursor: str) -> None:
    with pytest.raises(ConfigInvalid):
        connector().scan("contacts", cursor, ["email"])


@pytest.mark.parametrize("cursor", ["x", "[1]", '{"never": 1}'])
def test_a_position_of_changes_that_never_was_one_is_refused(cursor: str) -> None:
    with pytest.raises(ConfigInvalid):
        connector().changes("contacts", cursor, ["email"])
