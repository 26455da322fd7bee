"""Who calls the REST API: a bearer token, and nothing else. No session, so no CSRF either."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.contrib.auth.models import AbstractBaseUser
from django.core.cache import cache
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, Throttled
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle, SimpleRateThrottle

from integrations.services import tokens
from integrations.services.tokens import Grant

SCHEME: Final = "Bearer"
MOST_FAILURES: Final = 30
FAILURE_SECONDS: Final = 60


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer hip_…` (RFC 6750 section 2.1); sets `request.auth` to a `Grant`.

    Why a token is refused is not said: unknown, expired and revoked look alike.
    """

    def authenticate(self, request: Request) -> tuple[AbstractBaseUser, Grant] | None:
        """Return the token's maker and what it opens; None without the header."""
        given = request.headers.get("Authorization", "")
        scheme, _space, plain = given.partition(" ")
        if scheme.casefold() != SCHEME.casefold():
            return None
        failures = f"api-failures:{BaseThrottle().get_ident(request)}"
        if cache.get(failures, 0) >= MOST_FAILURES:
            raise Throttled(FAILURE_SECONDS)
        grant = tokens.check(plain.strip())
        if grant is None:
            _count(failures)
            raise AuthenticationFailed("The token is unknown, expired or revoked.")
        return grant.user, grant

    def authenticate_header(self, request: Request) -> str:
        """Return what a 401 asks for."""
        return f'{SCHEME} realm="api"'


class TokenThrottle(SimpleRateThrottle):
    """So many requests of one token a minute, per web process (the count is in its memory)."""

    scope = "token"

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        """Count by token; requests without one are refused before this."""
        grant = request.auth
        return f"api-calls:{grant.token.pk}" if isinstance(grant, Grant) else None


class AddressThrottle(SimpleRateThrottle):
    """So many requests of one address a minute, for what needs no token."""

    rate = "60/min"

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        """Count by address."""
        return f"api-address:{self.get_ident(request)}"


def _count(key: str) -> None:
    cache.add(key, 0, FAILURE_SECONDS)
    try:
        cache.incr(key)
    except ValueError:  # its minute ended in between
        cache.set(key, 1, FAILURE_SECONDS)


SECURITY_SCHEME: Final[Mapping[str, str]] = {"type": "http", "scheme": "bearer"}
"""How the API's description names this authentication."""
