"""How callers prove who they are: HTTP Digest for API accounts, Bearer for tokens.

Digest is RFC 7616 with MD5 and qop `auth`; a nonce is good for 24 hours, its count is not enforced
(reference/xentral.md, 2). Every 401 of the old API carries a fresh challenge.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, unquote
from urllib.request import parse_http_list

from integrations.connectors.sandbox_kit import SandboxRequest

from .call import Caller
from .errors import ApiError, NotSignedIn

if TYPE_CHECKING:
    from .behaviour import Behaviour
    from .state import Instance

REALM: Final = "Xentral-API"
OPAQUE: Final = "5d1e0a7c4b9f4e6aa2c3d8f0b1e27a96"
NONCE_LIFE: Final = timedelta(hours=24)
PARTS: Final = ("username", "realm", "nonce", "uri", "qop", "nc", "cnonce", "response", "opaque")


class SignIn:
    """Checks the Authorization header of each API. Nonces do not outlive a restart."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self.nonces: dict[str, datetime] = {}
        self._given = 0

    def old(self, instance: Instance, request: SandboxRequest, now: datetime) -> Caller:
        """Return who calls the old API; raises ApiError 7411 to 7419 with a challenge."""
        try:
            kind, _, rest = request.headers.get("Authorization", "").partition(" ")
            if not kind:
                raise ApiError(7411, "Unauthorized")
            if kind.lower() == "digest":
                return self._digest(instance, request, rest, now)
            if kind.lower() != "bearer" or not self.behaviour.tokens_on_old_api:
                raise ApiError(7419, "Authorization type is not allowed")
            caller = _bearer(instance, rest, now)
            if caller is None:
                raise ApiError(7414, "Invalid API account")
            return caller
        except ApiError as error:
            error.headers["WWW-Authenticate"] = self.challenge(now, stale=error.code == 7417)
            raise

    @staticmethod
    def present(instance: Instance, request: SandboxRequest, now: datetime) -> Caller:
        """Return who calls the present API; raises NotSignedIn."""
        kind, _, rest = request.headers.get("Authorization", "").partition(" ")
        caller = _bearer(instance, rest, now) if kind.lower() == "bearer" else None
        if caller is None:
            raise NotSignedIn
        return caller

    def challenge(self, now: datetime, *, stale: bool = False) -> str:
        """Return a WWW-Authenticate header with a nonce that was never used."""
        self._given += 1
        nonce = _md5(f"{now.timestamp()}:{self._given}:{OPAQUE}")
        self.nonces = {
            known: given for known, given in self.nonces.items() if now - given < 2 * NONCE_LIFE
        }
        self.nonces[nonce] = now
        header = f'Digest realm="{REALM}", qop="auth", nonce="{nonce}", opaque="{OPAQUE}"'
        return header + (", stale=true" if stale else "")

    def _digest(
        self, instance: Instance, request: SandboxRequest, text: str, now: datetime
    ) -> Caller:
        given = _parts(text)
        if any(name not in given for name in PARTS) or given["opaque"] != OPAQUE:
            raise ApiError(7412, "Digest is incomplete")
        if not given["username"]:
            raise ApiError(7418, "Username is empty")
        account = instance.accounts.get(given["username"])
        if account is None:
            raise ApiError(7413, "There is no such API account")
        issued = self.nonces.get(given["nonce"])
        if issued is None:
            raise ApiError(7416, "Nonce is unknown")
        if now - issued > NONCE_LIFE:
            raise ApiError(7417, "Nonce is expired")
        proof = expected(given, account.key, request.method)
        right = hmac.compare_digest(proof.encode(), given["response"].encode())
        if not right or not account.active or not _same_target(given["uri"], request):
            raise ApiError(7414, "Invalid API account")
        allowed = None if account.permissions is None else frozenset(account.permissions)
        return Caller(given["username"], allowed, frozenset())


def expected(given: dict[str, str], key: str, method: str) -> str:
    """Return the response of a digest (RFC 7616, 3.4.1)."""
    who = _md5(f"{given['username']}:{REALM}:{key}")
    what = _md5(f"{method}:{given['uri']}")
    return _md5(":".join([who, given["nonce"], given["nc"], given["cnonce"], given["qop"], what]))


def _parts(text: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in parse_http_list(text))
    return {name.strip(): value.strip().strip('"') for name, _, value in pairs}


def _same_target(uri: str, request: SandboxRequest) -> bool:
    """Compare with what was called; the sandbox may be served below a path of its own."""
    path, _, query = uri.partition("?")
    asked = parse_qs(query, keep_blank_values=True) if query else {}
    return unquote(path).endswith(request.path) and asked == dict(request.query)


def _bearer(instance: Instance, text: str, now: datetime) -> Caller | None:
    token = instance.tokens.get(text.strip())
    if token is None or token.locked:
        return None
    if token.expires is not None and token.expires <= now.timestamp():
        return None
    return Caller("token", None, None if token.scopes is None else frozenset(token.scopes))


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
