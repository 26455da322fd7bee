"""Tokens of the Magentrix stand-in: how they are got, how long they live, what refuses them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from integrations.connectors.magentrix.sandbox import DEMO_KEY
from integrations.connectors.sandbox_kit import SandboxRequest
from tests.connectors.magentrix.sandbox_rig import API, Desk

FAILED = {
    "token": None,
    "dateIssued": "2026-11-20T09:00:00.000000Z",
    "validUntil": None,
    "success": False,
    "errors": [{"code": "INVALID_SCOPE", "fieldName": None, "message": "Login failed."}],
}


def test_a_key_gives_a_token_that_says_how_long_it_lives(desk: Desk) -> None:
    answer = desk.sign_in().json()
    assert answer == {
        "token": desk.token,
        "dateIssued": "2026-11-20T09:00:00.000000Z",
        "validUntil": "2026-11-20T13:00:00.000000Z",
        "success": True,
        "errors": [],
    }
    assert desk.ask("GET", "/entity").status == 200


@pytest.mark.parametrize(
    "login",
    [
        {"refresh_token": "other"},
        {"refresh_token": ""},
        {"refresh_token": None},
        {"grant_type": "password"},
    ],
)
def test_anything_but_a_known_key_is_answered_403(desk: Desk, login: dict[str, Any]) -> None:
    answer = desk.sign_in(**login)
    assert (answer.status, answer.json()) == (403, FAILED)


def test_a_body_that_is_no_json_is_refused(desk: Desk) -> None:
    answer = desk.ask("POST", "/token", raw="grant_type=refresh_token")
    assert (answer.status, answer.json()["success"]) == (400, False)


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer other", "Basic {token}", "{token}"])
def test_a_call_without_a_good_bearer_is_refused(desk: Desk, header: str) -> None:
    headers = {"Authorization": header.format(token=desk.token)}
    answer = desk.sandbox.handle(SandboxRequest.build("GET", f"{API}/entity", headers=headers))
    message = "The session is invalid or has expired."
    assert (answer.status, answer.json()) == (401, {"message": message, "success": False})


def test_a_token_runs_out_and_use_does_not_prolong_it(desk: Desk) -> None:
    desk.sandbox.behaviour.change(token_ttl=100)
    desk.sign_in()
    desk.pass_seconds(60)
    assert desk.ask("GET", "/entity").status == 200
    desk.pass_seconds(39)
    assert desk.ask("GET", "/entity").status == 200
    desk.pass_seconds(1)
    assert desk.ask("GET", "/entity").status == 401
    desk.sign_in()
    assert desk.ask("GET", "/entity").status == 200


def test_a_second_token_leaves_the_first_alive(desk: Desk) -> None:
    first = desk.token
    desk.sign_in()
    assert desk.token != first
    desk.token = first
    assert desk.ask("GET", "/entity").status == 200


def test_the_other_documented_shape_counts_in_seconds(desk: Desk) -> None:
    desk.sandbox.behaviour.change(session_shape="expires_in")
    answer = desk.sign_in().json()
    assert answer == {"token": desk.token, "token_type": "Bearer", "expires_in": 14400}


def test_a_revoked_key_ends_its_tokens_and_a_fresh_one_takes_its_place(desk: Desk) -> None:
    admin = desk.person.id
    desk.sandbox.revoke(DEMO_KEY, "fresh")
    assert desk.ask("GET", "/entity").status == 401
    assert desk.sign_in().status == 403
    assert desk.sign_in(refresh_token="fresh").status == 200
    account = desk.create("Account", Name="Acme")
    assert desk.read("Account", account)["CreatedById"] == admin


def test_all_tokens_can_be_ended_at_once(desk: Desk) -> None:
    desk.sandbox.expire_tokens()
    assert desk.ask("GET", "/entity").status == 401


def test_every_answer_tells_the_time(desk: Desk) -> None:
    desk.sandbox.advance(60)
    for path in ("/entity", "/nowhere"):
        assert desk.ask("GET", path).headers["Date"] == "Fri, 20 Nov 2026 09:01:00 GMT"
    until = datetime.fromisoformat(desk.sign_in().json()["validUntil"])
    assert until == desk.now + timedelta(hours=4, minutes=1)


@pytest.mark.parametrize(("method", "status"), [("GET", 404), ("DELETE", 405)])
def test_what_is_not_there_is_said_in_the_usual_shape(desk: Desk, method: str, status: int) -> None:
    path = "/nowhere" if status == 404 else "/token"
    assert desk.refusal(method, path) == (status, f"Not found: {API}{path}")
