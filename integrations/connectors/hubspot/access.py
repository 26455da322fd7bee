"""What signs a request to HubSpot: a token of an install that is renewed, or a key that is not.

A service key is a stored credential. It is never renewed, and nothing here touches the tokens of a
connection that has one. Source: HubSpot docs, account service keys, 2026-03-30.
"""

from __future__ import annotations

from typing import Final

from integrations.connectors.auth import TokenSet, Vault
from integrations.connectors.hubspot.oauth import HubSpotOAuth
from integrations.connectors.hubspot.spec import KEY_LANE, SERVICE_KEY
from integrations.engine.errors import AuthFailed

GENERAL: Final = "general"


class Access:
    """The credentials of one connection. `renewals` counts what was renewed through it."""

    def __init__(self, vault: Vault, oauth: HubSpotOAuth) -> None:
        self._vault = vault
        self._oauth = oauth
        self._key: str | None = None
        self.renewals = 0

    @property
    def key(self) -> str:
        """Return the service key, "" where the connection has tokens."""
        if self._key is None:
            try:
                self._key = self._vault.secret(SERVICE_KEY)
            except (AuthFailed, KeyError):
                self._key = ""
        return self._key

    def token(self) -> str:
        """Return what to sign with; raises AuthFailed once it was revoked."""
        return self.key or self._vault.tokens(self._renew).access

    def after(self, error: AuthFailed, refused: str, renewals: int) -> str:
        """Return another token after a refused one, or raise what the refusal means.

        Tokens that others stored may be as old as ours: only a fresh one proves more. `renewals`
        is how many there were before the call.
        """
        if self.key:
            raise AuthFailed(
                "HubSpot no longer accepts this service key: it was rotated or deleted there.",
                system_code=error.system_code,
                correlation_id=error.correlation_id,
            )
        if self.renewals > renewals:
            raise error
        return self._vault.tokens(self._renew, rejected=refused).access

    def lane(self, wanted: str) -> str:
        """Return the budget lane of a call: small accounts allow a key fewer than an app."""
        return KEY_LANE if wanted == GENERAL and self.key else wanted

    def _renew(self, old: TokenSet | None) -> TokenSet:
        fresh = self._oauth.refresh(old)
        self.renewals += 1
        return fresh
