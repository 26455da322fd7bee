"""Tokens: how long they count, who renews them, and what a refusal means."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from integrations.connectors.auth import EARLY, MemoryVault, TokenSet
from integrations.connectors.budget import Unlimited
from integrations.connectors.magentrix.connector import MagentrixConnector
from integrations.connectors.magentrix.sandbox import DEMO_KEY
from integrations.connectors.sandbox_kit import Fault, FaultKind, SandboxAdapter
from integrations.engine.errors import (
    AuthFailed,
    ConfigInvalid,
    MissingScope,
    ReplyLost,
    Unavailable,
)
from tests.connectors.magentrix.rig import ADDRESS, AccountRig, answers


def token_life(accounts: AccountRig, answer: dict[str, Any]) -> timedelta:
    """Return how long the token of an answer is used for."""
    accounts.vault.stored = None
    answers(accounts, "/token$", answer)
    answers(accounts, "/query$", {"Count": 0, "Records": []})
    before = datetime.now(UTC)
    accounts.connect().count("Account")
    held: TokenSet | None = accounts.vault.stored
    assert held is not None
    return held.expires_at - EARLY - before


def test_one_log_in_serves_every_connector_of_a_vault(accounts: AccountRig) -> None:
    accounts.connect().check()
    accounts.connect().check()
    assert accounts.logins() == 1


def test_the_key_is_sent_to_ask_for_a_token_and_nowhere_else(accounts: AccountRig) -> None:
    seen: list[requests.PreparedRequest] = []

    class Spy(SandboxAdapter):
        def send(self, request: requests.PreparedRequest, *a: Any, **k: Any) -> requests.Response:
            seen.append(request)
            return super().send(request, *a, **k)

    accounts.session.mount(ADDRESS, Spy(accounts.sandbox))
    accounts.vault.stored = None
    accounts.connect().check()
    for request in seen:
        shows = DEMO_KEY in str(request.body) + str(request.url) + str(request.headers)
        assert shows is str(request.url).endswith("/api/3.0/token")


def test_a_token_lives_as_long_as_the_answer_says_whatever_the_servers_clock(
    accounts: AccountRig,
) -> None:
    answer = {
        "token": "sid",
        "dateIssued": "2001-01-01T10:00:00Z",
        "validUntil": "2001-01-01T14:00:00.058Z",
    }
    life = token_life(accounts, answer)
    assert timedelta(hours=3, minutes=54) < life < timedelta(hours=3, minutes=56)


def test_without_an_instant_the_seconds_count_and_without_both_fifty_minutes(
    accounts: AccountRig,
) -> None:
    hour = token_life(accounts, {"token": "sid", "token_type": "Bearer", "expires_in": 3600})
    usual = token_life(accounts, {"token": "sid"})
    assert timedelta(minutes=54) < hour < timedelta(minutes=56)
    assert timedelta(minutes=44) < usual < timedelta(minutes=46)


def test_a_token_of_three_minutes_is_not_renewed_with_every_call(accounts: AccountRig) -> None:
    accounts.sandbox.behaviour.token_ttl = 180
    accounts.vault.stored = None
    connector = accounts.connect()
    before = accounts.logins()
    for _ in range(5):
        connector.count("Account")
    assert accounts.logins() == before + 1


def test_a_refused_token_is_renewed_once_and_the_call_is_repeated(accounts: AccountRig) -> None:
    before = accounts.logins()
    accounts.expire_tokens()
    assert accounts.connector.count("Account") == 0
    assert accounts.logins() == before + 1


def test_a_token_that_another_worker_renewed_is_used(accounts: AccountRig) -> None:
    other = accounts.connect()
    accounts.expire_tokens()
    other.count("Account")
    before = accounts.logins()
    accounts.connector.count("Account")
    assert accounts.logins() == before


def test_a_fresh_token_that_is_refused_asks_for_a_new_key(accounts: AccountRig) -> None:
    accounts.sandbox.faults.inject(Fault(FaultKind.STATUS, path="/query$", status=401), 3)
    with pytest.raises(AuthFailed, match="accepts the API key, but refuses"):
        accounts.connector.count("Account")


def test_a_wrong_key_is_a_matter_of_the_customer(accounts: AccountRig) -> None:
    accounts.vault.secrets["api_key"] = "wrong"
    accounts.vault.stored = None
    with pytest.raises(AuthFailed, match="refuses the API key") as caught:
        accounts.connect().check()
    assert not isinstance(caught.value, MissingScope)


@pytest.mark.parametrize("missing", ["address", "api_key"])
def test_what_was_not_entered_is_named(accounts: AccountRig, missing: str) -> None:
    vault = MemoryVault({"address": ADDRESS, "api_key": DEMO_KEY, missing: ""})
    connector = MagentrixConnector(vault, {}, Unlimited(), accounts.session)
    with pytest.raises(AuthFailed, match="is missing"):
        connector.check()


@pytest.mark.parametrize(
    "typed",
    [
        "northfield.magentrix.example",
        " HTTPS://Northfield.Magentrix.example/ ",
        "https://northfield.magentrix.example/sys/home?x=1",
    ],
)
def test_an_address_is_taken_as_people_type_it(accounts: AccountRig, typed: str) -> None:
    accounts.vault.secrets["address"] = typed
    account = accounts.connect().check()
    assert account.account_id == account.ui_host == "northfield.magentrix.example"


def test_a_stand_in_answers_for_every_address(accounts: AccountRig) -> None:
    accounts.session.mount("http://stand-in.test/magentrix", _Prefixed(accounts))
    accounts.vault.secrets["address"] = "https://other.example"
    connector = accounts.connect({"MAGENTRIX_API_URL": "http://stand-in.test/magentrix"})
    assert connector.check().account_id == "other.example"


class _Prefixed(SandboxAdapter):
    """The stand-in behind a path, as `manage.py sandbox` serves it."""

    def __init__(self, accounts: AccountRig) -> None:
        super().__init__(accounts.sandbox)

    def send(self, request: requests.PreparedRequest, *a: Any, **k: Any) -> requests.Response:
        request.url = str(request.url).replace("/magentrix/", "/")
        return super().send(request, *a, **k)


def test_a_page_that_is_no_portal_is_no_refusal(accounts: AccountRig) -> None:
    accounts.vault.stored = None
    for _ in range(3):
        answers(accounts, "/token$", "<html>Not here</html>", 404)
    with pytest.raises(Unavailable, match="No Magentrix portal answers"):
        accounts.connect().check()


def test_an_answer_without_a_token_is_a_bad_moment(accounts: AccountRig) -> None:
    accounts.vault.stored = None
    answers(accounts, "/token$", {"token": None, "success": True})
    with pytest.raises(Unavailable, match="gave no token"):
        accounts.connect().check()


def test_a_key_without_rights_is_told_apart_from_a_wrong_one(accounts: AccountRig) -> None:
    answers(accounts, "/query$", {"message": "Not allowed.", "success": False}, 403)
    with pytest.raises(MissingScope, match="administrator"):
        accounts.connector.count("Account")


def test_a_refused_query_is_a_matter_of_the_configuration(accounts: AccountRig) -> None:
    with pytest.raises(ConfigInvalid, match="refuses a query"):
        accounts.connector.count("Nothing")


def test_an_entity_that_the_key_cannot_see_is_named(accounts: AccountRig) -> None:
    accounts.person.hide("Opportunity")
    with pytest.raises(ConfigInvalid, match="Opportunity"):
        accounts.connect().check()


@pytest.mark.parametrize("body", [[], {"Records": None}, {"Records": [1]}, "text"])
def test_an_answer_that_is_no_list_of_records_is_a_bad_moment(
    accounts: AccountRig, body: object
) -> None:
    answers(accounts, "/query$", body if not isinstance(body, str) else f'"{body}"')
    with pytest.raises(Unavailable):
        accounts.connector.count("Account")


@pytest.mark.parametrize("body", [[], [{"id": "1", "success": True}] * 3, "text"])
def test_an_answer_with_another_number_of_results_may_mean_anything(
    accounts: AccountRig, body: object
) -> None:
    answers(accounts, "/entity/Account$", body if not isinstance(body, str) else f'"{body}"')
    outcomes = accounts.connector.create("Account", [accounts.good(1), accounts.good(2)])
    assert [type(outcome.error) for outcome in outcomes] == [ReplyLost, ReplyLost]


def test_tokens_are_never_shown() -> None:
    tokens = TokenSet("sid-secret", datetime.now(UTC))
    assert "sid-secret" not in repr(tokens)
