"""Installing, renewing, revoking and removing the app, over the sandbox's OAuth endpoints."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import responses

from integrations.connectors.auth import TokenSet
from integrations.connectors.hubspot.oauth import HubSpotOAuth
from integrations.connectors.hubspot.sandbox import App
from integrations.connectors.hubspot.spec import API_URL, HUBSPOT, scopes_for
from integrations.connectors.rxnt.spec import RXNT
from integrations.connectors.sandbox_kit import Fault, FaultKind, SandboxAdapter, SandboxRequest
from integrations.engine.errors import (
    AuthFailed,
    Misconfigured,
    ReplyLost,
    SyncError,
    Unavailable,
)
from integrations.engine.specs import ConnectorSpec
from tests.connectors.hubspot.rig import APP, OPTIONS, PORTAL, HubSpotRig

REDIRECT = "https://portal.test/hubspot/callback"
TOKEN = "/oauth/2026-09/token"


@pytest.fixture
def app(rig: HubSpotRig) -> App:
    app = rig.sandbox.registry.apps[APP.app_id]
    app.redirect_uris.append(REDIRECT)
    return app


@pytest.fixture
def oauth(rig: HubSpotRig, app: App) -> HubSpotOAuth:
    return HubSpotOAuth(OPTIONS, rig.session)


def consent(rig: HubSpotRig, oauth: HubSpotOAuth) -> str:
    """Say yes on the consent page as the account's admin; returns the code."""
    url = oauth.authorize_url(redirect_uri=REDIRECT, state="s t&te", scopes=APP.required_scopes)
    target = url.removeprefix("https://app.hubspot.com")
    shown = SandboxRequest.build("GET", target)
    assert rig.sandbox.handle(shown).status == 200
    form = {name: values[0] for name, values in shown.query.items()}
    form |= {"decision": "approve", "portal_id": str(PORTAL)}
    body = requests.Request("POST", "http://x", data=form).prepare().body
    sent = str(body).encode()
    answer = rig.sandbox.handle(SandboxRequest.build("POST", "/oauth/authorize", body=sent))
    query = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert query["state"] == ["s t&te"]
    return query["code"][0]


def test_an_install_through_the_consent_page_tells_who_and_what(
    rig: HubSpotRig, oauth: HubSpotOAuth
) -> None:
    grant = oauth.exchange_code(consent(rig, oauth), redirect_uri=REDIRECT)
    assert grant.hub_id == str(PORTAL)
    assert grant.scopes == tuple(APP.required_scopes)
    assert (grant.user_id, grant.user_email) == ("990", "admin@acme.example")
    assert grant.tokens.refresh
    left = grant.tokens.expires_at - datetime.now(UTC)
    assert timedelta(minutes=29) < left <= timedelta(minutes=30)


def test_the_authorize_address_asks_for_everything_once(oauth: HubSpotOAuth) -> None:
    url = oauth.authorize_url(
        redirect_uri=REDIRECT,
        state="x",
        scopes=["oauth", "a.b"],
        optional_scopes=["c"],
        account_id="471/1",
    )
    assert url.startswith("https://app.hubspot.com/oauth/471%2F1/authorize?")
    assert "scope=oauth%20a.b&" in url
    assert parse_qs(urlsplit(url).query)["optional_scope"] == ["c"]
    assert APP.client_secret not in url


def test_other_addresses_come_from_the_options(rig: HubSpotRig) -> None:
    options = OPTIONS | {
        "HUBSPOT_API_URL": "http://localhost:1/api/",
        "HUBSPOT_APP_URL": "http://localhost:1/",
    }
    oauth = HubSpotOAuth(options, rig.session)
    rig.session.mount("http://localhost:1/api", SandboxAdapter(rig.sandbox))
    assert oauth.authorize_url(redirect_uri="r", state="s", scopes=[]).startswith(
        "http://localhost:1/oauth/authorize?"
    )
    with pytest.raises(SyncError):
        oauth.introspect("x")
    assert rig.sandbox.counters["POST", ""] == 1


def test_a_code_works_once(rig: HubSpotRig, oauth: HubSpotOAuth) -> None:
    code = consent(rig, oauth)
    oauth.exchange_code(code, redirect_uri=REDIRECT)
    with pytest.raises(AuthFailed, match="start it again"):
        oauth.exchange_code(code, redirect_uri=REDIRECT)


def test_a_code_is_sent_once_even_if_its_answer_is_lost(
    rig: HubSpotRig, oauth: HubSpotOAuth
) -> None:
    code = consent(rig, oauth)
    rig.sandbox.faults.inject(Fault(FaultKind.LOST_REPLY, path="/token$"))
    with pytest.raises(ReplyLost):
        oauth.exchange_code(code, redirect_uri=REDIRECT)
    assert rig.logins() == 1


def test_an_install_survives_a_failing_introspection(rig: HubSpotRig, oauth: HubSpotOAuth) -> None:
    rig.sandbox.faults.inject(Fault(FaultKind.STATUS, path="/introspect$", status=500), 9)
    grant = oauth.exchange_code(consent(rig, oauth), redirect_uri=REDIRECT)
    assert (grant.hub_id, grant.user_email) == (str(PORTAL), "")


def test_a_refresh_gives_a_new_access_and_keeps_the_refresh_token(
    rig: HubSpotRig, oauth: HubSpotOAuth
) -> None:
    old = rig.vault.stored
    assert old is not None
    fresh = oauth.refresh(old)
    assert fresh.access != old.access
    assert fresh.refresh == old.refresh


@responses.activate
def test_a_refresh_token_that_is_not_repeated_is_kept() -> None:
    answer = {"access_token": "new", "expires_in": 60}
    responses.post(f"{API_URL}{TOKEN}", json=answer)
    fresh = HubSpotOAuth(OPTIONS, requests.Session()).refresh(
        TokenSet("old", datetime.now(UTC), "keep-me")
    )
    assert (fresh.access, fresh.refresh) == ("new", "keep-me")


@responses.activate
def test_secrets_travel_in_the_form_body_only() -> None:
    sent = responses.post(f"{API_URL}{TOKEN}", json={"access_token": "new", "expires_in": 60})
    HubSpotOAuth(OPTIONS, requests.Session()).refresh(
        TokenSet("old", datetime.now(UTC), "the-refresh-token")
    )
    request = sent.calls[0].request
    assert request.url == f"{API_URL}{TOKEN}"
    assert "client-secret" in str(request.body)
    assert "the-refresh-token" in str(request.body)
    assert "client-secret" not in str(request.headers)


def test_without_a_refresh_token_the_customer_is_asked(oauth: HubSpotOAuth) -> None:
    for old in (None, TokenSet("x", datetime.now(UTC))):
        with pytest.raises(AuthFailed):
            oauth.refresh(old)


def test_an_uninstalled_app_and_a_closed_account_are_the_customers_doing(
    rig: HubSpotRig, oauth: HubSpotOAuth
) -> None:
    old = rig.vault.stored
    rig.sandbox.close_account(PORTAL)
    with pytest.raises(AuthFailed):
        oauth.refresh(old)
    rig.sandbox.uninstall(APP.app_id, PORTAL)
    with pytest.raises(AuthFailed):
        oauth.refresh(old)


def test_our_own_wrong_secret_never_disconnects_a_customer(rig: HubSpotRig) -> None:
    wrong = HubSpotOAuth(OPTIONS | {"HUBSPOT_CLIENT_SECRET": "other"}, rig.session)
    with pytest.raises(Misconfigured) as caught:
        wrong.refresh(rig.vault.stored)
    assert caught.value.system_code == "BAD_CLIENT_SECRET"
    with pytest.raises(Misconfigured, match="HUBSPOT_CLIENT_ID"):
        HubSpotOAuth({}, rig.session).refresh(rig.vault.stored)


@pytest.mark.parametrize("body", [[], {}, {"access_token": "x"}, {"expires_in": 5}])
@responses.activate
def test_an_answer_without_a_token_is_passing(body: object) -> None:
    responses.post(f"{API_URL}{TOKEN}", json=body)
    with pytest.raises(Unavailable):
        HubSpotOAuth(OPTIONS, requests.Session()).refresh(TokenSet("o", datetime.now(UTC), "r"))


def test_a_token_can_be_looked_at(rig: HubSpotRig, oauth: HubSpotOAuth) -> None:
    tokens = rig.vault.stored
    assert tokens is not None
    info = oauth.introspect(tokens.access)
    assert info.active
    assert (info.hub_id, info.user_email) == (str(PORTAL), "admin@acme.example")
    assert info.scopes == tuple(APP.required_scopes)
    assert oauth.introspect(tokens.refresh, "refresh_token").active
    assert not oauth.introspect("unknown").active


def test_revoking_ends_renewals_and_uninstalling_ends_everything(
    rig: HubSpotRig, oauth: HubSpotOAuth
) -> None:
    tokens = rig.vault.stored
    assert tokens is not None
    oauth.revoke(tokens.refresh)
    oauth.revoke("unknown")
    with pytest.raises(AuthFailed):
        oauth.refresh(tokens)
    assert rig.connector.check().account_id == str(PORTAL)
    oauth.uninstall(tokens.access)
    assert not rig.sandbox.registry.installed(PORTAL)
    with pytest.raises(AuthFailed):
        rig.connector.check()


def test_the_scopes_of_an_install_are_those_of_all_targets_once() -> None:
    other = ConnectorSpec("x", "X", scopes=("crm.objects.deals.read", "oauth"))
    scopes = scopes_for([RXNT, other, RXNT])
    assert scopes[: len(HUBSPOT.scopes)] == HUBSPOT.scopes
    assert {*RXNT.scopes, "crm.objects.deals.read"} <= set(scopes)
    assert len(scopes) == len(set(scopes))
