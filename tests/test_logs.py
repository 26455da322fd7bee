"""Log lines: ids that follow a request, and nothing secret, whoever logs it."""

from __future__ import annotations

import json
import logging
import sys

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from integrations.logs import JsonFormatter, PlainFormatter, note, noted, redact
from integrations.middleware import RequestIdMiddleware


def line(message: str, *args: object, **extra: object) -> dict[str, str]:
    """Return what the JSON form makes of one record."""
    record = logging.makeLogRecord({"msg": message, "args": args, "levelname": "INFO"} | extra)
    formatted: dict[str, str] = json.loads(JsonFormatter().format(record))
    return formatted


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer hush-hush-1234",
        "authorization=Basic aHVzaC1odXNoLTEyMzQ=",
        "GET /oauth?code=hush-hush-1234&x=1",
        '{"access_token": "hush-hush-1234"}',
        "{'Password': 'hush-hush-1234 with blanks'}",
        "client_secret=hush-hush-1234",
        "refresh_token = hush-hush-1234, next",
        "postgres://portal:hush-hush-1234@db/portal",
        '"rxnt_date_of_birth": "hush-hush-1234"',
        '"DOB": "hush-hush-1234"',
        '"CellPhone": "hush-hush-1234"',
        "duplicate key\nDETAIL:  Key (name)=(hush-hush-1234) already exists.",
        "bad json\nCONTEXT:  JSON data, line 1: {hush-hush-1234",
    ],
)
def test_values_named_like_secrets_are_hidden(text: str) -> None:
    shown = redact(text)
    assert "[hidden]" in shown
    assert "hush" not in shown
    assert "aHVza" not in shown


@pytest.mark.parametrize(
    "text",
    [
        "contact 901 excluded: code is not a secret here",
        "lane 7: state linked, reason filter_excluded",
        "POST /webhooks/hubspot/ 200 in 3 ms",
        "https://api.example/objects/contacts?after=12",
    ],
)
def test_ordinary_lines_stay_as_they_are(text: str) -> None:
    assert redact(text) == text


def test_a_traceback_is_redacted_too() -> None:
    try:
        raise ValueError("token=hush-hush-1234")
    except ValueError:
        shown = line("failed", exc_info=sys.exc_info())["message"]
    assert "ValueError" in shown
    assert "hush" not in shown


def test_ids_end_with_their_block() -> None:
    with noted(request="r1", tenant=4):
        note(run=12)
        assert {"request": "r1", "tenant": "4", "run": "12"}.items() <= line("inside").items()
    assert not {"request", "tenant", "run"} & line("outside").keys()


def test_extras_become_fields_and_secret_ones_stay_hidden() -> None:
    shown = line("%s done", "run", reason="linked", api_key="hush")
    assert shown["message"] == "run done"
    assert shown["reason"] == "linked"
    assert shown["api_key"] == "[hidden]"


def test_the_plain_form_is_one_readable_line() -> None:
    record = logging.makeLogRecord(
        {"name": "app", "msg": "hello", "levelname": "INFO", "created": 0.0}
    )
    with noted(run=3):
        assert PlainFormatter().format(record) == "00:00:00 INFO    app: hello  [run=3]"


def answer(request: HttpRequest) -> HttpResponse:
    """Answer with the request id that log lines would carry."""
    return HttpResponse(line("inside")["request"])


def test_no_text_passes_for_a_line_of_the_log() -> None:
    forged = "\r12:00:00 INFO    app: forged"
    record = logging.makeLogRecord({"msg": "dropped: %s", "args": (f"x\n{forged}",)})
    first, *others = PlainFormatter().format(record).splitlines()
    assert first.endswith("dropped: x")
    assert all(other.startswith("    ") for other in others)


@pytest.mark.parametrize(
    ("given", "kept"),
    [("abcd-1234", True), ("short", False), ("a" * 65, False), ("x y" * 9, False)],
)
def test_a_request_id_is_kept_only_when_it_is_harmless(given: str, kept: bool) -> None:
    request = RequestFactory().get("/", headers={"X-Request-ID": given})
    request.resolver_match = None
    response = RequestIdMiddleware(answer)(request)
    assert response["X-Request-ID"] == response.content.decode()
    assert (response["X-Request-ID"] == given) is kept


def test_the_log_names_the_route_and_not_the_path(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "integrations.middleware"):
        response = client.get("/no-such-page/with-a-secret/")
    assert response.status_code == 404
    (record,) = caplog.records
    shown = json.loads(JsonFormatter().format(record))
    assert shown["message"].startswith("GET /? 404 in ")
    assert "with-a-secret" not in str(shown)


def test_djangos_own_lines_lose_their_path(rf: RequestFactory) -> None:
    request = rf.get("/hooks/with-a-secret/")
    shown = line("Internal Server Error: %s", request.path, request=request)
    assert shown["message"] == "Internal Server Error: /?"
    assert "with-a-secret" not in str(shown)
