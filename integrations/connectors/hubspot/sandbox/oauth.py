"""The OAuth endpoints: tokens, introspection, revocation, uninstall.

The consent page is in `oauth_page`, the state in `apps`. Source: HubSpot docs, "working with
OAuth", and changelog notes on the dated OAuth API, 2026-01-27 and 2026-05-12.
"""

import base64
import hashlib
from typing import TYPE_CHECKING

from integrations.connectors.sandbox_kit import (
    JsonObject,
    SandboxRequest,
    SandboxResponse,
    empty,
    json_response,
)

from .apps import ACCESS_SECONDS, App, AppRegistry, Code, Grant, Tokens
from .call import Call
from .times import to_ms

if TYPE_CHECKING:
    from .server import HubSpotSandbox

VERSIONS = ("2026-09", "2026-03", "v3", "v1")


class OAuthError(Exception):
    """A 400 answer in both of HubSpot's vocabularies."""

    def __init__(self, status: str, error: str, message: str) -> None:
        super().__init__(message)
        self.status, self.error, self.message = status, error, message

    def response(self) -> SandboxResponse:
        """Return the answer."""
        body = {
            "error": self.error,
            "error_description": self.message,
            "status": self.status,
            "message": self.message,
        }
        return json_response(body, 400)


class OAuthApi:
    """Handlers of the token endpoints and of the uninstall call."""

    def __init__(self, sandbox: "HubSpotSandbox") -> None:
        self.sandbox = sandbox
        for version in VERSIONS:
            base = f"/oauth/{version}/token"
            sandbox.router.add("POST", base, self.token)
            sandbox.router.add("POST", f"{base}/introspect", self.introspect)
            sandbox.router.add("POST", f"{base}/revoke", self.revoke)
        for version in ("2026-09", "v3"):
            path = f"/appinstalls/{version}/external-install"
            sandbox.api("DELETE", path, self.uninstall)

    @property
    def registry(self) -> AppRegistry:
        """Return the registry of the moment: a reset replaces it."""
        return self.sandbox.registry

    def token(self, request: SandboxRequest) -> SandboxResponse:
        """POST .../token: exchange a code, refresh, or sign the app itself in."""
        form = request.form()
        try:
            app = self._client(form)
            match form.get("grant_type"):
                case "authorization_code":
                    return json_response(_view(self._exchange(app, form)))
                case "refresh_token":
                    return json_response(_view(self._refresh(app, form)))
                case "client_credentials":
                    return json_response(self._app_token(form))
                case other:
                    raise OAuthError(
                        "BAD_GRANT_TYPE", "unsupported_grant_type", f"unknown grant type {other}"
                    )
        except OAuthError as error:
            return error.response()

    def introspect(self, request: SandboxRequest) -> SandboxResponse:
        """POST .../token/introspect: 200 with `active` false for anything unknown."""
        form = request.form()
        try:
            app = self._client(form)
        except OAuthError as error:
            return error.response()
        token = form.get("token", "")
        access = self.registry.access.get(token)
        grant = access or self.registry.refresh.get(token)
        now = to_ms(self.sandbox.now())
        if grant is None or grant.app_id != app.app_id or 0 < grant.expires <= now:
            return json_response({"active": False})
        account = self.sandbox.accounts[grant.portal_id]
        user = next((u.email for u in account.users if u.id == grant.user_id), "")
        body: JsonObject = {
            "active": True,
            "token_use": "access_token" if access else "refresh_token",
            "token_type": "Bearer",
            "token": token,
            "client_id": app.client_id,
            "app_id": app.app_id,
            "hub_id": grant.portal_id,
            "hub_domain": f"{account.name.lower().replace(' ', '-')}.example",
            "user": user,
            "user_id": grant.user_id,
            "scopes": grant.scopes,
        }
        if access:
            body |= {"expires_in": (grant.expires - now) // 1000, "is_private_distribution": False}
        return json_response(body)

    def revoke(self, request: SandboxRequest) -> SandboxResponse:
        """POST .../token/revoke: the refresh token dies, the install and access tokens stay."""
        form = request.form()
        try:
            app = self._client(form)
        except OAuthError as error:
            return error.response()
        grant = self.registry.refresh.get(form.get("token", ""))
        if grant is not None and grant.app_id == app.app_id:
            del self.registry.refresh[form["token"]]
        return empty(200)

    def uninstall(self, call: Call) -> SandboxResponse:
        """DELETE .../external-install: the account loses the app."""
        self.registry.uninstall(call.grant.app_id, call.grant.portal_id)
        return empty(204)

    def _client(self, form: dict[str, str]) -> App:
        app = self.registry.by_client(form.get("client_id", ""))
        if app is None:
            raise OAuthError("BAD_CLIENT_ID", "invalid_client", "missing or invalid client id")
        if form.get("client_secret") != app.client_secret:
            raise OAuthError(
                "BAD_CLIENT_SECRET", "invalid_client", "missing or invalid client secret"
            )
        return app

    def _exchange(self, app: App, form: dict[str, str]) -> Tokens:
        code = self.registry.codes.pop(form.get("code", ""), None)
        now = to_ms(self.sandbox.now())
        if code is None or code.grant.app_id != app.app_id or code.grant.expires <= now:
            raise OAuthError("BAD_AUTH_CODE", "invalid_grant", "missing or unknown auth code")
        if form.get("redirect_uri") != code.redirect_uri:
            raise OAuthError("BAD_REDIRECT_URI", "invalid_request", "redirect uri does not match")
        if not _verified(code, form.get("code_verifier", "")):
            raise OAuthError("BAD_CODE_VERIFIER", "invalid_grant", "code verifier does not match")
        return self.registry.install(code.grant, now)

    def _refresh(self, app: App, form: dict[str, str]) -> Tokens:
        token = form.get("refresh_token", "")
        grant = self.registry.refresh.get(token)
        if grant is not None and grant.portal_id in self.registry.closed_portals:
            raise OAuthError("BAD_HUB", "access_denied", "missing or unknown hub id")
        if grant is None or grant.app_id != app.app_id:
            raise OAuthError(
                "BAD_REFRESH_TOKEN",
                "invalid_grant",
                "refresh token is invalid, expired or revoked",
            )
        return self.registry.renew(token, to_ms(self.sandbox.now()))

    def _app_token(self, form: dict[str, str]) -> JsonObject:
        """A token for the app itself; it opens no account."""
        scopes = form.get("scope", "").split()
        if not scopes:
            raise OAuthError("BAD_SCOPES", "invalid_scope", "missing or invalid scopes")
        return {
            "token_type": "bearer",
            "access_token": f"app-{form['client_id']}",
            "expires_in": ACCESS_SECONDS,
            "scopes": scopes,
            "token_use": "access_token",
        }


def _verified(code: Code, verifier: str) -> bool:
    if not code.challenge:
        return True
    if code.method == "plain":
        return verifier == code.challenge
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == code.challenge


def _view(tokens: Tokens) -> JsonObject:
    grant: Grant = tokens.grant
    return {
        "token_type": "bearer",
        "access_token": tokens.access,
        "refresh_token": tokens.refresh,
        "expires_in": ACCESS_SECONDS,
        "hub_id": grant.portal_id,
        "user_id": grant.user_id,
        "scopes": grant.scopes,
        "token_use": "access_token",
    }
