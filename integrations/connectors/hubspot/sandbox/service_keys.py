"""Service keys: secrets that open one account for programs, without an app and without webhooks.

Source: HubSpot docs, "account service keys", 2026-03-30: a key is `pat-<hublet>-<uuid>`, its
scopes are picked one by one, and rotating it ends the old one at once or after seven days.
"""

import uuid

from integrations.connectors.sandbox_kit import JsonObject

from .apps import Grant

FIRST_ID = 3_000_001
GRACE_MS = 7 * 24 * 3_600_000


class ServiceKeys:
    """Every key of the sandbox. A key stands for itself where an app would be named."""

    def __init__(self) -> None:
        self.grants: dict[str, Grant] = {}
        self._next = FIRST_ID

    def add(self, portal_id: int, user_id: int, scopes: tuple[str, ...], hublet: str) -> str:
        """Make a key and return it."""
        grant = Grant(self._next, portal_id, user_id, scopes, 0)
        self._next += 1
        return self._give_out(grant, hublet)

    def rotate(self, key: str, now: int, *, grace: bool = False) -> str:
        """Return a new key for an old one, which ends now or in seven days; raises KeyError."""
        old = self.grants.pop(key)
        if grace:
            self.grants[key] = old._replace(expires=now + GRACE_MS)
        return self._give_out(old._replace(expires=0), key.split("-")[1])

    def change_scopes(self, key: str, scopes: tuple[str, ...]) -> None:
        """Let a key do something else from now on; raises KeyError."""
        self.grants[key] = self.grants[key]._replace(scopes=scopes)

    def delete(self, key: str) -> None:
        """End a key; raises KeyError."""
        del self.grants[key]

    def _give_out(self, grant: Grant, hublet: str) -> str:
        key = f"pat-{hublet}-{uuid.uuid4()}"
        self.grants[key] = grant
        return key

    def dump(self) -> JsonObject:
        """Return the state as JSON-able data."""
        return {"next": self._next, "grants": list(self.grants.items())}

    def load(self, state: JsonObject) -> None:
        """Replace the state by one that `dump` returned."""
        self._next = state["next"]
        self.grants = {
            key: Grant(row[0], row[1], row[2], tuple(row[3]), row[4])
            for key, row in state["grants"]
        }
