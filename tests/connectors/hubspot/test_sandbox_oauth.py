"""The sandbox's OAuth: consent page, tokens, expiry, revocation, uninstall, scopes."""

from __future__ import annotations

import base64
import hashlib
import re
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from integrations.connectors.sandbox_kit import SandboxRequest
from tests.connectors.hubspot.sandbox_rig import (
    API,
    APP_ID,
    CONTACTS,
    PORTAL,
    SCOPES,
    SandboxRig,
)

CALLBACK = "https://portal.example/oauth/callback"
CLIENT = {"client_id": "client-1", "client_secret": "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy"}


def link(**changes: str) -> dict[str, str]:
    asked = {
        "client_id": "client-1",
        "redirect_uri": CALLBACK,
        "scope": " ".join(SCOPES),
        "state": "s&1",
    }
    return {**asked, **changes}


def authorize(
    hub: SandboxRig, decision: str = "approve", path: str = "/oauth/authorize", **changes: str
) -> dict[str, str]:
    """Answer the consent page as a browser would; return the query of the redirect."""
    page = hub.session.get(API + path, params=link(**changes))
    assert page.status_code == 200, page.text
    form = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page.text))
    form = {name: value.replace("&amp;", "&") for name, value in form.items()}
    form |= {"portal_id": str(PORTAL), "decision": decision}
    answer = hub.session.post(page.url, data=form, allow_redirects=False)
    assert answer.status_code == 302
    back = urlsplit(answer.headers["Location"])
    assert f"https://{back.netloc}{back.path}" == CALLBACK
    return {name: values[0] for name, values in parse_qs(back.query).items()}


def token(hub: SandboxRig, version: str = "2026-09", **form: str) -> requests.Response:
    return hub.session.post(f"{API}/oauth/{version}/token", data={**CLIENT, **form})


def exchange(hub: SandboxRig, code: str, **form: str) -> requests.Response:
    return token(hub, grant_type="authorization_code", redirect_uri=CALLBACK, code=code, **form)


def test_a_person_approves_and_the_app_gets_its_tokens(hub: SandboxRig) -> None:
    back = authorize(hub)
    assert back["state"] == "s&1"
    tokens = exchange(hub, back["code"]).json()
    assert (tokens["hub_id"], tokens["expires_in"]) == (PORTAL, 1800)
    assert tokens["scopes"] == SCOPES
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    details = hub.session.get(f"{API}/account-info/2026-09/details", headers=headers)
    assert details.json()["portalId"] == PORTAL


def test_the_page_names_the_app_its_scopes_and_the_accounts(hub: SandboxRig) -> None:
    hub.sandbox.add_account(4711002, "Other")
    page = hub.session.get(f"{API}/oauth/authorize", params=link()).text
    assert "crm.objects.contacts.read" in page
    assert "Acme Clinic" in page
    assert "Other" in page
    one = hub.session.get(f"{API}/oauth/{PORTAL}/authorize", params=link()).text
    assert "Other" not in one


def test_a_link_to_one_account_is_answered_at_its_own_address(hub: SandboxRig) -> None:
    assert "code" in authorize(hub, path=f"/oauth/{PORTAL}/authorize")


def test_saying_no_brings_an_error_back(hub: SandboxRig) -> None:
    back = authorize(hub, decision="deny")
    assert (back["error"], back["state"]) == ("access_denied", "s&1")
    assert "code" not in back


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "unknown"},
        {"redirect_uri": "https://evil.example/"},
        {"scope": "oauth"},
        {"scope": " ".join([*SCOPES, "crm.objects.quotes.read"])},
    ],
)
def test_a_wrong_link_shows_an_error_and_redirects_nowhere(
    hub: SandboxRig, changes: dict[str, str]
) -> None:
    page = hub.session.get(f"{API}/oauth/authorize", params=link(**changes))
    assert (page.status_code, "<form" in page.text) == (400, False)
    form = {**link(**changes), "portal_id": str(PORTAL), "decision": "approve"}
    answer = hub.session.post(f"{API}/oauth/authorize", data=form, allow_redirects=False)
    assert answer.status_code == 400


@pytest.mark.parametrize("portal", ["", "nonsense", "1"])
def test_an_account_that_does_not_exist_is_refused(hub: SandboxRig, portal: str) -> None:
    form = {**link(), "portal_id": portal, "decision": "approve"}
    answer = hub.session.post(f"{API}/oauth/authorize", data=form, allow_redirects=False)
    assert answer.status_code == 400


def test_optional_scopes_the_app_lacks_vanish_silently(hub: SandboxRig) -> None:
    hub.app.optional_scopes.append("crm.objects.quotes.read")
    back = authorize(hub, optional_scope="crm.objects.quotes.read crm.objects.leads.read")
    scopes = exchange(hub, back["code"]).json()["scopes"]
    assert set(scopes) - set(SCOPES) == {"crm.objects.quotes.read"}


def test_a_code_works_once_and_not_for_long(hub: SandboxRig) -> None:
    code = authorize(hub)["code"]
    assert exchange(hub, code).status_code == 200
    again = exchange(hub, code)
    assert (again.status_code, again.json()["status"]) == (400, "BAD_AUTH_CODE")
    late = authorize(hub)["code"]
    hub.wait(601)
    assert exchange(hub, late).json()["error"] == "invalid_grant"


def test_pkce_asks_for_the_verifier(hub: SandboxRig) -> None:
    digest = hashlib.sha256(b"verifier").digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    asked = {"code_challenge": challenge, "code_challenge_method": "S256"}
    refused = exchange(hub, authorize(hub, **asked)["code"], code_verifier="guess")
    assert refused.json()["status"] == "BAD_CODE_VERIFIER"
    code = authorize(hub, **asked)["code"]
    assert exchange(hub, code, code_verifier="verifier").status_code == 200


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"client_id": "nobody"}, "BAD_CLIENT_ID"),
        ({"client_secret": "wrong"}, "BAD_CLIENT_SECRET"),
        ({"grant_type": "password"}, "BAD_GRANT_TYPE"),
        ({"grant_type": "refresh_token", "refresh_token": "x"}, "BAD_REFRESH_TOKEN"),
        ({"grant_type": "client_credentials"}, "BAD_SCOPES"),
    ],
)
def test_each_mistake_has_its_status(hub: SandboxRig, form: dict[str, str], status: str) -> None:
    answer = token(hub, **{"grant_type": "refresh_token", **form})
    assert (answer.status_code, answer.json()["status"]) == (400, status)
    assert answer.json()["error_description"] == answer.json()["message"]


def test_another_redirect_address_is_refused(hub: SandboxRig) -> None:
    code = authorize(hub)["code"]
    form = {"grant_type": "authorization_code", "redirect_uri": "https://x.example", "code": code}
    assert token(hub, **form).json()["status"] == "BAD_REDIRECT_URI"


@pytest.mark.parametrize("version", ["2026-09", "2026-03", "v3", "v1"])
def test_an_access_token_lives_thirty_minutes_and_is_renewed(hub: SandboxRig, version: str) -> None:
    hub.wait(1799)
    assert hub.call("GET", CONTACTS).status_code == 200
    hub.wait(2)
    expired = hub.call("GET", CONTACTS)
    assert (expired.status_code, expired.json()["category"]) == (401, "EXPIRED_AUTHENTICATION")
    form = {"grant_type": "refresh_token", "refresh_token": hub.tokens.refresh}
    fresh = token(hub, version, **form).json()
    assert fresh["refresh_token"] == hub.tokens.refresh
    hub.session.headers["Authorization"] = f"Bearer {fresh['access_token']}"
    assert hub.call("GET", CONTACTS).status_code == 200


def test_tokens_can_be_made_to_run_out_at_once(hub: SandboxRig) -> None:
    hub.sandbox.expire_tokens()
    assert hub.call("GET", CONTACTS).status_code == 401


def test_an_unknown_token_is_401_of_another_category(hub: SandboxRig) -> None:
    for value in ("", "Bearer nonsense", f"Basic {hub.tokens.access}"):
        hub.session.headers["Authorization"] = value
        answer = hub.call("GET", CONTACTS)
        assert (answer.status_code, answer.json()["category"]) == (401, "INVALID_AUTHENTICATION")


def test_a_missing_scope_is_403_and_named(hub: SandboxRig) -> None:
    tokens = hub.sandbox.install(APP_ID, PORTAL, ["oauth", "crm.objects.contacts.read"])
    hub.session.headers["Authorization"] = f"Bearer {tokens.access}"
    assert hub.call("GET", CONTACTS).status_code == 200
    answer = hub.call("POST", CONTACTS, {"properties": {"firstname": "Ada"}})
    assert (answer.status_code, answer.json()["category"]) == (403, "MISSING_SCOPES")
    context = answer.json()["errors"][0]["context"]
    assert context == {"requiredGranularScopes": ["crm.objects.contacts.write"]}


def introspect(hub: SandboxRig, value: str) -> dict[str, object]:
    form = {**CLIENT, "token": value, "token_type_hint": "access_token"}
    answer = hub.session.post(f"{API}/oauth/2026-09/token/introspect", data=form)
    assert answer.status_code == 200
    found: dict[str, object] = answer.json()
    return found


def test_introspection_tells_what_a_token_is_for(hub: SandboxRig) -> None:
    found = introspect(hub, hub.tokens.access)
    assert (found["active"], found["hub_id"], found["app_id"]) == (True, PORTAL, APP_ID)
    assert found["user"] == "admin@acme-clinic.example"
    assert introspect(hub, hub.tokens.refresh)["token_use"] == "refresh_token"
    assert introspect(hub, "unknown") == {"active": False}
    hub.wait(1801)
    assert introspect(hub, hub.tokens.access) == {"active": False}


def test_revoking_ends_the_refresh_token_but_not_the_install(hub: SandboxRig) -> None:
    form = {**CLIENT, "token": hub.tokens.refresh, "token_type_hint": "refresh_token"}
    for _ in range(2):
        answer = hub.session.post(f"{API}/oauth/2026-09/token/revoke", data=form)
        assert answer.status_code == 200
    assert hub.call("GET", CONTACTS).status_code == 200
    assert (APP_ID, PORTAL) in hub.sandbox.registry.installs
    form = {"grant_type": "refresh_token", "refresh_token": hub.tokens.refresh}
    assert token(hub, **form).json()["status"] == "BAD_REFRESH_TOKEN"


@pytest.mark.parametrize("by_app", [True, False])
def test_after_an_uninstall_no_token_works(hub: SandboxRig, by_app: bool) -> None:
    if by_app:
        path = "/appinstalls/2026-09/external-install"
        assert hub.call("DELETE", path).status_code == 204
    else:
        hub.sandbox.uninstall(APP_ID, PORTAL)
    assert hub.call("GET", CONTACTS).status_code == 401
    form = {"grant_type": "refresh_token", "refresh_token": hub.tokens.refresh}
    assert token(hub, **form).json()["error"] == "invalid_grant"


def test_a_closed_account_answers_bad_hub(hub: SandboxRig) -> None:
    hub.sandbox.close_account(PORTAL)
    form = {"grant_type": "refresh_token", "refresh_token": hub.tokens.refresh}
    answer = token(hub, **form).json()
    assert (answer["status"], answer["error"]) == ("BAD_HUB", "access_denied")


def test_the_app_itself_can_sign_in_but_opens_no_account(hub: SandboxRig) -> None:
    scope = "developer.webhooks_journal.read"
    answer = token(hub, grant_type="client_credentials", scope=scope).json()
    assert answer["scopes"] == [scope]
    hub.session.headers["Authorization"] = f"Bearer {answer['access_token']}"
    assert hub.call("GET", CONTACTS).status_code == 401


def test_what_the_link_says_is_escaped_on_the_page(hub: SandboxRig) -> None:
    target = "/oauth/authorize?client_id=client-1&redirect_uri=<script>"
    page = hub.sandbox.handle(SandboxRequest.build("GET", target))
    assert b"<script>" not in page.body
