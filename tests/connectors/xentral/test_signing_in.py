"""Both ways to sign in: a token, or an API account by Digest whose nonces end. No loops."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
import requests
import responses

from integrations.connectors.auth import MemoryVault
from integrations.connectors.budget import Unlimited
from integrations.connectors.xentral.client import XentralClient
from integrations.connectors.xentral.connector import XentralConnector
from integrations.connectors.xentral.digest import Challenge
from integrations.connectors.xentral.sandbox import DEMO_APP, DEMO_INIT_KEY, DEMO_TOKEN
from integrations.engine.errors import AuthFailed, ConfigInvalid, MissingScope
from tests.connectors.xentral.rig import ACCOUNT, ADDRESS, TOKEN, AddressRig, Watch

BELL = ("GET", "/api/v1/gruppen")


@pytest.fixture
def account(watch: Watch) -> AddressRig:
    return AddressRig(watch, ACCOUNT)


def client(**secrets: str) -> XentralClient:
    return XentralClient(MemoryVault(secrets), {}, Unlimited(), requests.Session())


def test_the_account_is_the_host_and_the_zone_is_told(addresses: AddressRig) -> None:
    info = addresses.connector.check()
    assert info.account_id == "müllerei.xentral.example"
    assert (info.time_zone, info.warnings) == ("Europe/Berlin", ())


def test_without_a_token_people_are_warned_of_what_is_lacking(account: AddressRig) -> None:
    assert "free fields" in account.connector.check().warnings[0]


def test_an_api_account_asks_for_one_nonce_and_uses_it_again(account: AddressRig) -> None:
    account.connector.check()
    account.fill(2)
    account.connect().check()
    assert account.counted(*BELL) == 1


def test_a_nonce_that_ended_is_replaced_once(account: AddressRig, watch: Watch) -> None:
    account.connector.check()
    watch.wait(hours=25)
    account.connector.check()
    assert account.counted(*BELL) == 2


def test_nonces_are_renewed_before_their_day_is_over(account: AddressRig) -> None:
    account.connector.check()
    held = account.vault.stored
    assert held is not None
    assert held.stale(held.expires_at - timedelta(minutes=4))
    assert not held.stale(held.expires_at - timedelta(hours=1))
    assert set(held.extra) == {"realm", "nonce", "opaque", "qop"}
    assert DEMO_INIT_KEY not in repr(held)


def test_a_wrong_init_key_is_said_without_trying_again(watch: Watch) -> None:
    rig = AddressRig(watch, {**ACCOUNT, "init_key": "falsch"})
    with pytest.raises(AuthFailed):
        rig.connector.check()
    assert rig.counted("GET", "/api/v2/adressen") == 1


def test_a_missing_permission_is_no_reason_to_sign_in_again(watch: Watch) -> None:
    rig = AddressRig(watch, {**ACCOUNT, "app": "Nur Lesen"})
    rig.sandbox.add_account("Nur Lesen", DEMO_INIT_KEY, ["list_addresses"])
    with pytest.raises(MissingScope, match="lacks a permission") as caught:
        rig.connector.check()
    assert caught.value.system_code == "7421"
    assert rig.counted("GET", "/api/v1/wiedervorlagen") == 1
    assert rig.counted(*BELL) == 1


def test_a_refused_nonce_is_tried_twice_at_most(account: AddressRig) -> None:
    account.connector.check()
    before = account.total()
    body = {"error": {"code": 7416, "http_code": 401, "message": "Nonce is unknown"}}
    challenge = {"WWW-Authenticate": 'Digest realm="Xentral-API", nonce="a", opaque="b"'}
    with responses.RequestsMock() as http:
        for _ in range(3):
            http.get(re.compile(".*"), json=body, status=401, headers=challenge)
        lost = XentralConnector(
            MemoryVault(ACCOUNT, account.vault.stored), {}, Unlimited(), requests.Session()
        )
        with pytest.raises(AuthFailed, match="refuses the app name"):
            lost.scan("addresses", "", ["email"])
        assert lost.calls == 3, "one with the old nonce, one for a new one, one with that"
    assert account.total() == before


def test_an_old_nonce_that_another_worker_left_is_no_refusal(account: AddressRig) -> None:
    account.connector.check()
    held = account.vault.stored
    assert held is not None
    others = replace(held, access="another", extra={**held.extra, "nonce": "another"})
    ours = replace(held, access="ours", extra={**held.extra, "nonce": "ours"})
    account.connector.client._held, account.vault.stored = ours, others
    account.connector.check()
    assert account.vault.stored.access not in ("ours", "another")


def test_a_token_that_was_revoked_is_said(addresses: AddressRig) -> None:
    addresses.sandbox.revoke(DEMO_TOKEN)
    with pytest.raises(AuthFailed, match="180 days"):
        addresses.connector.check()


def test_with_both_each_interface_gets_its_own(watch: Watch) -> None:
    rig = AddressRig(
        watch, {**TOKEN, **ACCOUNT}, switches={"tokens_on_old_api": False, "v3_beta": True}
    )
    rig.connector.check()
    assert rig.connector.present.has_groups()


def test_a_token_alone_is_refused_by_an_old_version(watch: Watch) -> None:
    rig = AddressRig(watch, switches={"tokens_on_old_api": False})
    with pytest.raises(AuthFailed):
        rig.connector.check()


def test_nothing_is_sent_without_an_address_or_any_access() -> None:
    for secrets, said in (({"token": "x"}, "address"), ({"address": ADDRESS}, "token")):
        lost = client(**secrets)
        with pytest.raises(AuthFailed, match=said):
            lost.legacy("GET", "/api/v1/gruppen")
        assert lost.calls == 0


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("https://acme.xentral.biz/", "https://acme.xentral.biz"),
        ("acme.xentral.biz", "https://acme.xentral.biz"),
        ("https://erp.acme.example:8443/index.php?x=1", "https://erp.acme.example:8443"),
    ],
)
def test_an_address_is_taken_as_people_type_it(typed: str, address: str) -> None:
    assert client(address=typed).address == address


def test_a_zone_nobody_knows_is_refused() -> None:
    with pytest.raises(ConfigInvalid, match=r"Europe/Berlin"):
        _ = client(time_zone="Europa/Köln").zone
    assert client().zone.key == "Europe/Berlin"


# ---------------------------------------------------------------- the challenge itself


def answer_to(header: str) -> Challenge | None:
    response = requests.Response()
    response.headers["WWW-Authenticate"] = header
    return Challenge.of(response)


def test_an_answer_follows_the_example_of_the_standard(monkeypatch: pytest.MonkeyPatch) -> None:
    """RFC 7616, 3.9.1, with MD5."""
    own = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
    monkeypatch.setattr("secrets.token_hex", lambda _n: own)
    challenge = answer_to(
        'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=MD5, '
        'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", '
        'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
    )
    assert challenge is not None
    header = challenge.answer("Mufasa", "Circle of Life", "GET", "/dir/index.html")
    assert 'response="8ca523f5e9506fed4657c9700eebdbec"' in header
    assert 'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"' in header


@pytest.mark.parametrize("header", ["", "Basic realm=x", "Digest realm=x", "Bearer"])
def test_what_is_no_challenge_is_none(header: str) -> None:
    assert answer_to(header) is None


def test_a_challenge_can_be_stored() -> None:
    challenge = answer_to('Digest realm="Xentral-API", nonce="n", opaque="o", stale=true')
    assert challenge is not None
    assert Challenge.load(challenge.dump()) == challenge
    assert DEMO_APP in challenge.answer(DEMO_APP, "k", "GET", "/")
