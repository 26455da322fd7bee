"""Installing the app in a HubSpot account and keeping its tokens fresh. Stores nothing.

Source: HubSpot docs, working with OAuth, 2026-03-30; changelog of the v1 deprecation, 2026-05-12.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import quote, urlencode

import requests

from integrations.connectors.auth import TokenSet
from integrations.connectors.budget import Unlimited
from integrations.connectors.http import ApiClient, read_json
from integrations.connectors.hubspot.errors import classify, classify_oauth
from integrations.connectors.hubspot.spec import API_URL, APP_URL
from integrations.engine.errors import AuthFailed, Misconfigured, SyncError, Unavailable

TOKEN: Final = "/oauth/2026-09/token"  # noqa: S105
UNINSTALL: Final = "/appinstalls/2026-09/external-install"


@dataclass(frozen=True, slots=True)
class TokenInfo:
    """What HubSpot says about a token. `user_email` is the person who installed the app."""

    active: bool
    hub_id: str = ""
    user_id: str = ""
    user_email: str = ""
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InstallGrant:
    """A finished install: the tokens, whose account it is and what was really granted."""

    tokens: TokenSet
    hub_id: str
    scopes: tuple[str, ...]
    user_id: str = ""
    user_email: str = ""


class HubSpotOAuth:
    """The OAuth endpoints for one app. `options` are the portal settings of the spec."""

    def __init__(self, options: Mapping[str, str], session: requests.Session) -> None:
        self._options = options
        self._app_url = (options.get("HUBSPOT_APP_URL") or APP_URL).rstrip("/")
        api_url = options.get("HUBSPOT_API_URL") or API_URL
        self._token_api = ApiClient(api_url, session, Unlimited(), classify=classify_oauth)
        self._api = ApiClient(api_url, session, Unlimited(), classify=classify)

    def authorize_url(
        self,
        *,
        redirect_uri: str,
        state: str,
        scopes: Sequence[str],
        optional_scopes: Sequence[str] = (),
        account_id: str = "",
    ) -> str:
        """Return where to send the browser; `account_id` preselects a HubSpot account."""
        query = {
            "client_id": self._setting("HUBSPOT_CLIENT_ID"),
            "redirect_uri": redirect_uri,
            "scope": " ".join(scopes),
            "state": state,
        }
        if optional_scopes:
            query["optional_scope"] = " ".join(optional_scopes)
        account = f"/{quote(account_id, safe='')}" if account_id else ""
        return f"{self._app_url}/oauth{account}/authorize?{urlencode(query, quote_via=quote)}"

    def exchange_code(self, code: str, *, redirect_uri: str) -> InstallGrant:
        """Turn the code of the redirect into tokens, and ask who installed.

        The code works once: a lost reply (ReplyLost) means the install starts again, as does
        AuthFailed. Misconfigured: this portal's app settings are wrong.
        """
        answer = self._post(
            TOKEN, {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
        )
        tokens = _tokens(answer, "")
        info = self._who(tokens.access)
        hub_id = _text(answer.get("hub_id")) or info.hub_id
        if not hub_id:
            raise Unavailable("HubSpot did not say which account was connected; start again.")
        return InstallGrant(
            tokens,
            hub_id,
            _scopes(answer) or info.scopes,
            _text(answer.get("user_id")) or info.user_id,
            info.user_email,
        )

    def refresh(self, old: TokenSet | None) -> TokenSet:
        """Return fresh tokens: a `Renew` for the vault. Raises AuthFailed once it was revoked."""
        if old is None or not old.refresh:
            raise AuthFailed("HubSpot was never connected, or its access was removed.")
        form = {"grant_type": "refresh_token", "refresh_token": old.refresh}
        return _tokens(self._post(TOKEN, form, safe=True), old.refresh)

    def introspect(self, token: str, kind: str = "access_token") -> TokenInfo:
        """Ask what a token stands for; `kind` is access_token or refresh_token."""
        form = {"token": token, "token_type_hint": kind}
        answer = self._post(f"{TOKEN}/introspect", form, safe=True)
        return TokenInfo(
            active=answer.get("active") is True,
            hub_id=_text(answer.get("hub_id")),
            user_id=_text(answer.get("user_id")),
            user_email=_text(answer.get("user")),
            scopes=_scopes(answer),
        )

    def revoke(self, refresh_token: str) -> None:
        """End the refresh token. The app stays installed and access tokens live on for minutes."""
        form = {"token": refresh_token, "token_type_hint": "refresh_token"}
        self._call(f"{TOKEN}/revoke", form, safe=True)

    def uninstall(self, access_token: str) -> None:
        """Remove the app from the account: webhooks stop and its admins get an e-mail."""
        headers = {"Authorization": f"Bearer {access_token}"}
        self._api.call("DELETE", UNINSTALL, headers=headers)

    def _who(self, access_token: str) -> TokenInfo:
        try:
            return self.introspect(access_token)
        except SyncError:
            # The single-use code is spent: losing the install over a courtesy would be worse.
            return TokenInfo(active=True)

    def _post(self, path: str, form: Mapping[str, str], *, safe: bool = False) -> dict[str, Any]:
        answer = read_json(self._call(path, form, safe=safe), safe=safe)
        if not isinstance(answer, dict):
            raise Unavailable("HubSpot's token answer is not an object.")
        return answer

    def _call(self, path: str, form: Mapping[str, str], *, safe: bool) -> requests.Response:
        app = {
            "client_id": self._setting("HUBSPOT_CLIENT_ID"),
            "client_secret": self._setting("HUBSPOT_CLIENT_SECRET"),
        }
        return self._token_api.call("POST", path, form={**form, **app}, safe=safe)

    def _setting(self, name: str) -> str:
        value = self._options.get(name)
        if not value:
            raise Misconfigured(f"The portal setting {name} is empty.")
        return value


def _tokens(answer: Mapping[str, Any], refresh: str) -> TokenSet:
    access, seconds = _text(answer.get("access_token")), answer.get("expires_in")
    if not access or not isinstance(seconds, int):
        raise Unavailable("HubSpot's token answer holds no token.")
    expires_at = datetime.now(UTC) + timedelta(seconds=seconds)
    return TokenSet(access, expires_at, _text(answer.get("refresh_token")) or refresh)


def _text(raw: object) -> str:
    return str(raw) if isinstance(raw, str | int) and not isinstance(raw, bool) else ""


def _scopes(answer: Mapping[str, Any]) -> tuple[str, ...]:
    raw = answer.get("scopes")
    return tuple(map(str, raw)) if isinstance(raw, list) else ()
