"""Codes, statuses and bodies of both interfaces become the right errors without any value."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from integrations.connectors.xentral.errors import (
    LONGEST_WAIT,
    WAIT_AFTER_429,
    Challenged,
    NoRoute,
    classify,
)
from integrations.engine.errors import (
    AuthFailed,
    MissingScope,
    NotFound,
    RateLimited,
    Rejected,
    Scope,
    SyncError,
    Unavailable,
)
from integrations.engine.reasons import Reason

DIGEST = {"WWW-Authenticate": 'Digest realm="Xentral-API", qop="auth", nonce="n", opaque="o"'}


class Answer(requests.Response):
    """A canned answer."""

    def __init__(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        super().__init__()
        self.status_code = status
        self.headers.update(headers or {})
        text = body if isinstance(body, str) else None
        self._content = (text or "").encode()
        self.parsed = None if text is not None else body

    def json(self, **_: Any) -> Any:
        if self.parsed is None:
            raise ValueError("no JSON")
        return self.parsed


def old(code: int, status: int, *details: str, message: str = "x", **headers: str) -> SyncError:
    """Return the error of an answer of the old interface."""
    body = {"error": {"code": code, "http_code": status, "message": message, "details": details}}
    body["error"]["details"] = list(details)
    found = classify(Answer(status, body, headers))
    assert found is not None
    return found


def present(status: int, body: Any, **headers: str) -> SyncError:
    found = classify(Answer(status, body, headers))
    assert found is not None
    return found


def test_a_success_is_no_error() -> None:
    assert classify(Answer(201, {"success": True})) is None


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        (7411, 401, AuthFailed),
        (7413, 401, AuthFailed),
        (7414, 401, AuthFailed),
        (7418, 401, AuthFailed),
        (7419, 401, AuthFailed),
        (7421, 401, MissingScope),
        (7431, 404, NoRoute),
        (7432, 405, NoRoute),
        (7433, 404, NoRoute),
        (7451, 400, Rejected),
        (7452, 404, NotFound),
        (7453, 400, Rejected),
        (7454, 400, NoRoute),
        (7499, 500, Unavailable),
    ],
)
def test_a_code_has_its_error(code: int, status: int, kind: type[SyncError]) -> None:
    assert type(old(code, status)) is kind


@pytest.mark.parametrize(
    ("code", "stale"), [(7411, False), (7412, False), (7416, True), (7417, True)]
)
def test_a_challenge_says_whether_a_new_nonce_helps(code: int, stale: bool) -> None:
    error = old(code, 401, **DIGEST)
    assert isinstance(error, Challenged)
    assert error.stale is stale
    assert error.challenge is not None


@pytest.mark.parametrize("code", [7413, 7414, 7419, 7421])
def test_other_refusals_are_no_challenge_although_they_carry_one(code: int) -> None:
    error = old(code, 401, **DIGEST)
    assert isinstance(error, AuthFailed)
    assert not isinstance(error, Challenged)


def test_what_is_missing_is_named() -> None:
    error = old(7453, 400, "The attribute 'bezeichnung' is required.")
    assert isinstance(error, Rejected)
    assert error.detail == "Xentral refused it: bezeichnung is missing."
    assert (error.fields, error.reason) == (("bezeichnung",), Reason.REQUIRED_MISSING)


@pytest.mark.parametrize(
    ("detail", "said"),
    [
        ("The attribute 'bezeichnung' must be at least 3 characters.", "bezeichnung is too short"),
        ("The resource for attribute 'stages' does not exist.",
         "stages names what is not there"),
        ("The attribute 'betrag' must be decimal.", "betrag is not a fitting number"),
        ("The attribute 'datum_erinnerung' is no valid date.",
         "datum_erinnerung is not of the wanted form"),
        ("The attribute 'kennziffer' must be unique.", "kennziffer is taken"),
        ("Frau Größler mag email nicht", "email is not accepted"),
        ("Größler", "HTTP 400"),
    ],
)  # fmt: skip
def test_each_complaint_is_reworded_without_its_values(detail: str, said: str) -> None:
    error = old(7453, 400, detail)
    assert error.detail.removeprefix("Xentral refused it: ") == f"{said}."
    assert "Größler" not in repr(vars(error))


def test_an_unknown_column_is_no_passing_failure() -> None:
    body = {
        "error": {"code": 7499, "message": "x", "errors": ["Unknown column 'betrag' in 'list'"]}
    }
    error = present(500, body)
    assert isinstance(error, Rejected)
    assert error.fields == ("betrag",)


def test_problems_of_the_present_interface_name_their_fields() -> None:
    error = present(400, {"type": "x", "violations": {"email": ["Größler is not valid"]}})
    assert isinstance(error, Rejected)
    assert (error.fields, error.detail) == (
        ("email",), "Xentral refused it: email is not of the wanted form.",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, "<h1>Unauthorized</h1>", AuthFailed),
        (403, {"title": "Forbidden"}, MissingScope),
        (404, {"title": "Not found"}, NotFound),
        (404, "<h1>Not found</h1>", Unavailable),
        (400, "nope", Unavailable),
        (409, {"title": "Conflict"}, Rejected),
        (408, "", Unavailable),
        (502, "<h1>Bad gateway</h1>", Unavailable),
    ],
)
def test_a_status_has_its_error(status: int, body: Any, kind: type[SyncError]) -> None:
    assert type(present(status, body)) is kind


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [({}, WAIT_AFTER_429), ({"Retry-After": "7"}, 7), ({"Retry-After": "99999"}, LONGEST_WAIT)],
)
def test_a_429_waits_although_xentral_does_not_say_how_long(
    headers: dict[str, str], seconds: float
) -> None:
    error = present(429, {"message": "Too Many Requests"}, **headers)
    assert isinstance(error, RateLimited)
    assert error.retry_after == pytest.approx(seconds)


def test_a_missing_operation_concerns_all_records_alike() -> None:
    assert old(7431, 404).scope is Scope.SYNC
