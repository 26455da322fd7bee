"""Where secrets rest: sealed texts bound to their row and column, and a connection's credentials.

Nothing here knows what a credential means or talks to a system; renewing is the connector's part.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Final, TypedDict
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models, transaction
from django.utils import timezone

from integrations.connectors.auth import Renew, TokenSet
from integrations.engine.errors import AuthFailed, SyncError
from integrations.models import Connection, ConnectionState
from integrations.services import cipher

VERSION: Final = "v1"
RENEW_AGAIN: Final = timedelta(seconds=30)
"""How long a held token is used without another try after a renewal failed in passing."""


class SealBroken(Exception):
    """A sealed text cannot be opened. Names the key id and the place, never any content."""


# ---------------------------------------------------------------- sealed texts


def new_key() -> bytes:
    """Return a fresh key for `seal_with`."""
    return os.urandom(cipher.KEY_BYTES)


def seal(plain: bytes, *, aad: str) -> str:
    """Seal under the portal's first key. `aad` names the place: "connection:<id>:secrets"."""
    key_id, key = next(iter(_keys().items()))
    return f"{VERSION}.{key_id}.{seal_with(key, plain, aad=aad)}"


def unseal(sealed: str, *, aad: str) -> bytes:
    """Open a text of `seal` with the key it names; raises SealBroken."""
    key_id = key_id_of(sealed)
    key = _keys().get(key_id)
    if key is None:
        raise SealBroken(f"{aad} is sealed with key {key_id!r}, which ENCRYPTION_KEYS lacks.")
    try:
        return unseal_with(key, sealed.rpartition(".")[2], aad=aad)
    except SealBroken:
        raise SealBroken(
            f"{aad} cannot be opened with key {key_id!r}: it was changed or moved."
        ) from None


def seal_with(key: bytes, plain: bytes, *, aad: str) -> str:
    """Seal under a key of the caller's own."""
    return base64.urlsafe_b64encode(cipher.encrypt(key, plain, aad.encode())).decode()


def unseal_with(key: bytes, sealed: str, *, aad: str) -> bytes:
    """Open a text of `seal_with`; raises SealBroken."""
    try:
        return cipher.decrypt(key, base64.urlsafe_b64decode(sealed), aad.encode())
    except (cipher.Tampered, ValueError):
        raise SealBroken(f"{aad} cannot be opened: it was changed or moved.") from None


def key_id_of(sealed: str) -> str:
    """Return the id of the key a text was sealed with; raises SealBroken."""
    version, _, rest = sealed.partition(".")
    key_id, dot, _ = rest.partition(".")
    if version != VERSION or not dot:
        raise SealBroken("This is not a sealed text of a known version.")
    return key_id


def current_key_id() -> str:
    """Return the id of the key that new texts are sealed with."""
    return next(iter(_keys()))


def place(row: models.Model, column: str) -> str:
    """Return the associated data of a row's column: "connection:<id>:secrets"."""
    return f"{row._meta.model_name}:{row.pk}:{column}"


def _keys() -> Mapping[str, bytes]:
    return _parse(tuple(settings.ENCRYPTION_KEYS))


@cache
def _parse(entries: tuple[str, ...]) -> Mapping[str, bytes]:
    keys: dict[str, bytes] = {}
    for entry in entries:
        key_id, _, encoded = entry.strip().partition(":")
        try:
            key = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
        except ValueError:
            key = b""
        if not key_id or "." in key_id or key_id in keys or len(key) != cipher.KEY_BYTES:
            raise ImproperlyConfigured(
                "ENCRYPTION_KEYS must be a comma-separated list of "
                f'"keyid:base64url of {cipher.KEY_BYTES} bytes" with distinct ids.'
            )
        keys[key_id] = key
    return keys


# ---------------------------------------------------------------- a connection's credentials


class _StoredTokens(TypedDict):
    access: str
    refresh: str
    expires_at: str
    extra: dict[str, str]


def set_secrets(connection: Connection, secrets: Mapping[str, str]) -> None:
    """Seal credentials into the row in memory; the caller saves it."""
    connection.secrets = seal(json.dumps(dict(secrets)).encode(), aad=place(connection, "secrets"))


def set_tokens(connection: Connection, tokens: TokenSet | None) -> None:
    """Seal tokens into the row in memory, None wipes them; the caller saves it."""
    connection.tokens, connection.tokens_expire_at = "", None
    if tokens is not None:
        stored: _StoredTokens = {
            "access": tokens.access,
            "refresh": tokens.refresh,
            "expires_at": tokens.expires_at.isoformat(),
            "extra": dict(tokens.extra),
        }
        connection.tokens = seal(json.dumps(stored).encode(), aad=place(connection, "tokens"))
        connection.tokens_expire_at = tokens.expires_at


def secrets_of(connection: Connection) -> dict[str, str]:
    """Open the row's credentials; empty when there are none."""
    if not connection.secrets:
        return {}
    opened: dict[str, str] = json.loads(
        unseal(connection.secrets, aad=place(connection, "secrets"))
    )
    return opened


def tokens_of(connection: Connection) -> TokenSet | None:
    """Open the row's tokens; None when there are none."""
    if not connection.tokens:
        return None
    stored: _StoredTokens = json.loads(unseal(connection.tokens, aad=place(connection, "tokens")))
    return TokenSet(
        stored["access"],
        datetime.fromisoformat(stored["expires_at"]),
        stored["refresh"],
        stored["extra"],
    )


class ConnectionVault:
    """The stored credentials of one connection, as connectors ask for them.

    Tokens are renewed under the connection's row lock: one renewal at a time across all
    processes, the others wait and take its result. The lock lets foreign keys through, so that
    webhooks of the account are stored meanwhile.
    """

    def __init__(self, connection_id: UUID) -> None:
        self._id = connection_id
        self._held: TokenSet | None = None
        self._again_at = datetime.min.replace(tzinfo=UTC)

    def secret(self, name: str) -> str:
        """Return a stored credential; raises AuthFailed when it is missing."""
        found = secrets_of(Connection.objects.only("secrets").get(pk=self._id)).get(name)
        if not found:
            raise AuthFailed("The stored credentials are gone.")
        return found

    def tokens(self, renew: Renew, rejected: str = "") -> TokenSet:
        """Return usable tokens, calling `renew` with the old ones only when necessary.

        A passing failure of `renew` is swallowed while the held token still works. Must not be
        called inside a transaction: a rolled back renewal would lose a rotated refresh token.
        """
        held = self._held
        if held is not None and held.access != rejected:
            now = timezone.now()
            if not held.stale(now) or now < min(self._again_at, held.expires_at):
                return held
        self._held = self._renewed(renew, rejected)
        return self._held

    def _renewed(self, renew: Renew, rejected: str) -> TokenSet:
        with transaction.atomic(durable=True):
            row = Connection.objects.select_for_update(no_key=True).get(pk=self._id)
            if row.state == ConnectionState.UNINSTALLED:
                raise AuthFailed("The connection was uninstalled.")
            held = tokens_of(row)
            working = held if held is not None and held.access != rejected else None
            if working is not None and not working.stale(timezone.now()):
                return working
            try:
                fresh = renew(held)
            except SyncError as error:
                failure = error
            else:
                set_tokens(row, fresh)
                row.save(update_fields=["tokens", "tokens_expire_at"])
                return fresh
        # Raised after the commit: what the call told the budget must not be rolled back.
        now = timezone.now()
        if not failure.retryable or working is None or now >= working.expires_at:
            raise failure
        self._again_at = now + RENEW_AGAIN
        return working
