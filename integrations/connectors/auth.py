"""How a connector gets its secrets and tokens, whoever stores them. Stores nothing itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

EARLY = timedelta(minutes=5)
"""Tokens are renewed this long before they expire: a 401 is never the refresh signal."""


@dataclass(frozen=True, slots=True)
class TokenSet:
    """Short-lived credentials. `extra` holds what a system wants sent along with the token."""

    access: str = field(repr=False)
    expires_at: datetime
    refresh: str = field(default="", repr=False)
    extra: Mapping[str, str] = field(default_factory=dict, repr=False)

    def stale(self, now: datetime) -> bool:
        """Tell whether the token has to be renewed before its next use."""
        return now >= self.expires_at - EARLY


Renew = Callable[[TokenSet | None], TokenSet]


class Vault(Protocol):
    """One connection's secrets. Implementations renew under a lock, one renewal at a time."""

    def secret(self, name: str) -> str:
        """Return a stored credential; raises AuthFailed when it is missing."""
        ...

    def tokens(self, renew: Renew, rejected: str = "") -> TokenSet:
        """Return usable tokens, calling `renew` with the old ones only when necessary.

        `rejected` is an access token the system has just refused: if it is still the stored one
        it is renewed, if somebody else renewed it meanwhile theirs is returned.
        """
        ...


class MemoryVault:
    """A vault in memory: for checking a connect form before anything is saved, and for tests."""

    def __init__(self, secrets: Mapping[str, str], tokens: TokenSet | None = None) -> None:
        self.secrets = dict(secrets)
        self.stored = tokens

    def secret(self, name: str) -> str:
        """Return a credential; raises KeyError when it was not given."""
        return self.secrets[name]

    def tokens(self, renew: Renew, rejected: str = "") -> TokenSet:
        """Return the tokens in memory, renewed when they are stale or were refused."""
        held = self.stored
        if held is None or held.access == rejected or held.stale(datetime.now(UTC)):
            held = self.stored = renew(held)
        return held
