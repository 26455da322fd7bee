"""Every status and error body of HubSpot, and whose fault it is."""

from __future__ import annotations

import json

import pytest
import requests

from integrations.connectors.hubspot.errors import (
    ErrorBody,
    classify,
    classify_oauth,
    record_error,
)
from integrations.engine.errors import (
    AuthFailed,
    ConfigInvalid,
    Duplicate,
    Misconfigured,
    MissingScope,
    NotFound,
    RateLimited,
    Rejected,
    SyncError,
    Unavailable,
)
from integrations.engine.reasons import Reason


def answer(status: int, body: object = None, **headers: str) -> requests.Response:
    response = requests.Response()
    response.status_code = status
    response._content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    response.headers.update({name.replace("_", "-"): text for name, text in headers.items()})
    return response


def error_of(status: int, body: object = None, **headers: str) -> SyncError:
    error = classify(answer(status, body, **headers))
    assert error is not None
    return error


@pytest.mark.parametrize("status", [200, 201, 204, 207])
def test_a_success_is_no_error(status: int) -> None:
    assert classify(answer(status, {})) is None
    assert classify_oauth(answer(status, {})) is None


@pytest.mark.parametrize(
    ("status", "category", "expected"),
    [
        (401, "INVALID_AUTHENTICATION", AuthFailed),
        (401, "EXPIRED_AUTHENTICATION", AuthFailed),
        (403, "MISSING_SCOPES", MissingScope),
        (404, "", NotFound),
        (404, "OBJECT_NOT_FOUND", NotFound),
        (409, "CONFLICT", Duplicate),
        (409, "OBJECT_ALREADY_EXISTS", Duplicate),
        (400, "VALIDATION_ERROR", Rejected),
        (414, "", Rejected),
        (415, "", Rejected),
        (423, "", Unavailable),
        (477, "", Unavailable),
        (500, "", Unavailable),
        (502, "", Unavailable),
        (503, "", Unavailable),
        (504, "", Unavailable),
        (521, "", Unavailable),
        (523, "", Unavailable),
        (524, "", Unavailable),
    ],
)
def test_each_status_has_its_class(status: int, category: str, expected: type[SyncError]) -> None:
    body = {"status": "error", "category": category, "correlationId": "0b6"}
    assert type(error_of(status, body)) is expected


@pytest.mark.parametrize(
    "body",
    [
        "<html>oops</html>",
        "",
        "[]",
        '{"errors": "x"}',
        "null",
        '{"message": 7, "errors": [1, {"context": []}], "category": {}}',
    ],
)
@pytest.mark.parametrize("status", [400, 401, 403, 409, 429, 500])
def test_an_error_body_of_any_shape_is_survived(status: int, body: str) -> None:
    assert error_of(status, body).detail


def test_a_missing_scope_names_the_scopes_that_would_do() -> None:
    context = {"requiredGranularScopes": ["crm.objects.deals.read", "crm.objects.custom.*"]}
    error = error_of(403, {"category": "MISSING_SCOPES", "errors": [{"context": context}]})
    assert error.system_code == "crm.objects.deals.read crm.objects.custom.*"
    assert "crm.objects.deals.read" in error.detail


@pytest.mark.parametrize(
    ("body", "seconds"),
    [
        ({"policyName": "DAILY", "message": "You have reached your daily limit."}, 3600),
        ({"message": "You have reached your daily limit."}, 3600),
        ({"policyName": "TEN_SECONDLY_ROLLING"}, 10),
        ({"message": "You have reached your ten_secondly_rolling limit."}, 10),
        ({"policyName": "SECONDLY"}, 1),
        ({"message": "You have reached your secondly limit."}, 1),
        ({}, 10),
    ],
)
def test_each_rate_policy_has_its_wait(body: dict[str, str], seconds: float) -> None:
    error = error_of(429, body)
    assert isinstance(error, RateLimited)
    assert error.retry_after == seconds
    assert error.system_code == body.get("policyName", "")


@pytest.mark.parametrize(
    ("status", "given", "seconds"),
    [
        (429, "7", 7),
        (423, "", 2),
        (423, "5", 5),
        (477, "86400", 86400),
        (477, "", 60),
        (503, "4", 4),
        (503, "", 0),
        (503, "Fri, 20 Nov 2026 10:00:00 GMT", 0),
    ],
)
def test_a_wait_that_hubspot_names_is_kept(status: int, given: str, seconds: float) -> None:
    error = error_of(status, {}, Retry_After=given)
    assert isinstance(error, RateLimited | Unavailable)
    assert error.retry_after == seconds


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (409, "Contact already exists. Existing ID: 90210"),
        (
            400,
            'Property values were not valid: [{"isValid":false,"error":'
            '"CONFLICTING_UNIQUE_VALUE","name":"ext","message":"... 90210 already has that '
            'value."}]',
        ),
    ],
)
def test_a_duplicate_names_the_record_that_exists(status: int, message: str) -> None:
    error = error_of(status, {"message": message, "correlationId": "c"})
    assert isinstance(error, Duplicate)
    assert error.existing_id == "90210"


def test_a_duplicate_without_an_id_is_still_one() -> None:
    error = error_of(400, {"errors": [{"code": "CONFLICTING_UNIQUE_VALUE"}]})
    assert isinstance(error, Duplicate)
    assert error.existing_id == ""


@pytest.mark.parametrize(
    ("code", "expected", "reason"),
    [
        ("INVALID_OPTION", Rejected, Reason.VALUE_INVALID),
        ("INVALID_EMAIL", Rejected, Reason.VALUE_INVALID),
        ("INVALID_DATE", Rejected, Reason.VALUE_INVALID),
        ("MISSING_REQUIRED_PROPERTY", Rejected, Reason.REQUIRED_MISSING),
        ("MISSING_CONDITIONAL_REQUIRED_PROPERTY", Rejected, Reason.REQUIRED_MISSING),
        ("SOMETHING_NEW", Rejected, Reason.REJECTED),
        ("PROPERTY_DOESNT_EXIST", ConfigInvalid, Reason.CONFIG_INVALID),
        ("READ_ONLY_VALUE", ConfigInvalid, Reason.CONFIG_INVALID),
    ],
)
def test_codes_and_fields_are_read_from_both_places(
    code: str, expected: type[SyncError], reason: Reason
) -> None:
    newer = {"errors": [{"code": code, "context": {"propertyName": ["lifecyclestage"]}}]}
    older = {"message": f'Not valid: [{{"error":"{code}","name":"lifecyclestage"}}]'}
    for body in (newer, older):
        error = error_of(400, {"category": "VALIDATION_ERROR", **body})
        assert type(error) is expected
        assert (error.reason, error.fields) == (reason, ("lifecyclestage",))
        assert error.system_code == code


def test_values_in_messages_never_reach_the_error() -> None:
    entry = {"error": "INVALID_EMAIL", "name": "email", "message": "ida@x.test is invalid"}
    body = {
        "message": f"Property values were not valid: {json.dumps([entry])}",
        "category": "VALIDATION_ERROR",
        "errors": [{"message": "ida@x.test is invalid", "code": "INVALID_EMAIL"}],
        "context": {"propertyName": ["ida@x.test"]},
    }
    error = error_of(400, body)
    assert "ida" not in repr(vars(error))
    assert error.fields == ("email",)


def test_an_entry_of_a_207_is_read_like_an_answer_of_its_own() -> None:
    missing = ErrorBody.read({"category": "OBJECT_NOT_FOUND", "context": {"ids": ["1"]}})
    assert isinstance(record_error(missing), NotFound)
    taken = ErrorBody.read({"category": "CONFLICT", "message": "Existing ID: 5"})
    error = record_error(taken)
    assert isinstance(error, Duplicate)
    assert error.existing_id == "5"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"error": "invalid_grant", "status": "BAD_REFRESH_TOKEN"}, AuthFailed),
        ({"error": "invalid_grant"}, AuthFailed),
        ({"status": "BAD_REFRESH_TOKEN"}, AuthFailed),
        ({"error": "access_denied", "status": "BAD_HUB"}, AuthFailed),
        ({"status": "BAD_HUB"}, AuthFailed),
        ({"error": "invalid_grant", "status": "BAD_AUTH_CODE"}, AuthFailed),
        ({"status": "BAD_CODE_VERIFIER"}, AuthFailed),
        ({"error": "invalid_client", "status": "BAD_CLIENT_ID"}, Misconfigured),
        ({"status": "BAD_CLIENT_SECRET"}, Misconfigured),
        ({"error": "invalid_client", "status": "BAD_REFRESH_TOKEN"}, Misconfigured),
        ({"error": "invalid_request", "status": "BAD_REDIRECT_URI"}, Misconfigured),
        ({"error": "unsupported_grant_type", "status": "BAD_GRANT_TYPE"}, Misconfigured),
        ({"error": "invalid_scope", "status": "BAD_SCOPES"}, Misconfigured),
        ({"message": "no idea"}, Misconfigured),
        ("<html>", Misconfigured),
    ],
)
def test_only_the_customers_own_refusal_disconnects(
    body: object, expected: type[SyncError]
) -> None:
    assert type(classify_oauth(answer(400, body))) is expected


@pytest.mark.parametrize(
    ("status", "expected"),
    [(429, RateLimited), (423, Unavailable), (477, Unavailable), (500, Unavailable)],
)
def test_a_bad_moment_of_the_token_endpoint_is_passing(
    status: int, expected: type[SyncError]
) -> None:
    body = {"error": "invalid_grant", "status": "BAD_REFRESH_TOKEN"}
    assert type(classify_oauth(answer(status, body))) is expected


def test_a_refused_install_says_so_and_a_revoked_access_too() -> None:
    install = classify_oauth(answer(400, {"status": "BAD_AUTH_CODE"}))
    revoked = classify_oauth(answer(400, {"status": "BAD_REFRESH_TOKEN"}))
    assert install is not None
    assert revoked is not None
    assert "start it again" in install.detail
    assert "revoked" in revoked.detail
