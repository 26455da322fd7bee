"""Keys to the REST API: issuing, checking and revoking them. What a scope opens is in `api`.

A token acts for the person who made it: what that person may not do any more, it may not either.
"""

from __future__ import annotations

import enum
import hashlib
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.models import ApiToken, Membership, Tenant
from integrations.services import audit, tenants

PREFIX: Final = "hip_"
"""Lets secret scanners and people tell what a leaked text is."""
HINT_LENGTH: Final = 12
MOST_CHARACTERS: Final = 100
DEFAULT_DAYS: Final = 90
MOST_DAYS: Final = 365
USE_STEP: Final = timedelta(minutes=1)
"""How exactly the last use is known: a write per request would cost more than it tells."""


class Scope(enum.StrEnum):
    """What a token may be used for. Codes are stored: never rename one, only add."""

    INTEGRATIONS_READ = "integrations:read"
    INTEGRATIONS_WRITE = "integrations:write"
    MAPPINGS_READ = "mappings:read"
    MAPPINGS_WRITE = "mappings:write"
    RUNS_READ = "runs:read"
    RUNS_WRITE = "runs:write"
    RECORDS_READ = "records:read"
    RECORDS_WRITE = "records:write"
    AUDIT_READ = "audit:read"

    @property
    def writes(self) -> bool:
        """Whether something can be changed with it."""
        return self.value.endswith(":write")


class TokenInvalid(Exception):
    """A token that cannot be made. `errors` maps an input to a sentence for it."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__("; ".join(errors.values()))
        self.errors = dict(errors)


@dataclass(frozen=True, slots=True)
class Grant:
    """A token that works now. `scopes` are those that its maker's present role still covers."""

    token: ApiToken
    membership: Membership
    scopes: frozenset[Scope]

    @property
    def tenant(self) -> Tenant:
        """The organisation whose rows the token opens."""
        return self.membership.tenant

    @property
    def user(self) -> AbstractBaseUser:
        """The person for whom the token acts."""
        return self.membership.user


def issue(
    tenant: Tenant,
    user: AbstractBaseUser,
    name: str,
    scopes: Collection[str],
    days: int = DEFAULT_DAYS,
) -> tuple[ApiToken, str]:
    """Make a token; returns its row and its plain text, which is stored nowhere.

    Raises PermissionDenied for viewers and strangers, TokenInvalid naming the wrong inputs.
    """
    tenants.require(user, tenant, change=True)
    _check_inputs(name, scopes, days)
    plain = PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        row = ApiToken.objects.create(
            tenant=tenant,
            name=name.strip(),
            digest=_digest(plain),
            hint=plain[:HINT_LENGTH],
            scopes=sorted(set(scopes)),
            created_by_id=user.pk,
            expires_at=timezone.now() + timedelta(days=days),
        )
        audit.record(tenant, "token.issued", user=user, detail=_in_words(row))
    return row, plain


def check(plain: str) -> Grant | None:
    """Return what a token opens now, None for one that opens nothing (any more).

    It is refused when it is unknown, expired or revoked, or when its maker left the organisation
    or may not log in any more. A maker who only looks by now lends it no write scope.
    """
    if not plain.startswith(PREFIX) or len(plain) > MOST_CHARACTERS:
        return None
    now = timezone.now()
    rows = ApiToken.objects.filter(digest=_digest(plain), revoked_at=None, expires_at__gt=now)
    token = rows.first()
    if token is None:
        return None
    maker = Membership.objects.filter(
        tenant=token.tenant_id, user=token.created_by_id, user__is_active=True
    )
    membership = maker.select_related("tenant", "user").first()
    if membership is None:
        return None
    stale = Q(last_used_at=None) | Q(last_used_at__lt=now - USE_STEP)
    if token.last_used_at is None or token.last_used_at < now - USE_STEP:
        ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=now)
    known = {scope for scope in Scope if scope.value in token.scopes}
    allowed = {scope for scope in known if membership.can_change or not scope.writes}
    return Grant(token, membership, frozenset(allowed))


def revoke(token: ApiToken, user: AbstractBaseUser) -> None:
    """End a token at once, whoever made it; repeating it changes nothing.

    Raises PermissionDenied for viewers and strangers.
    """
    tenants.require(user, token.tenant, change=True)
    with transaction.atomic():
        now = timezone.now()
        if ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now):
            token.revoked_at = now
            audit.record(token.tenant, "token.revoked", user=user, detail=str(token))


def _check_inputs(name: str, scopes: Collection[str], days: int) -> None:
    errors = {}
    if not 0 < len(name.strip()) <= MOST_CHARACTERS:
        errors["name"] = _("Give it a name of at most %d characters.") % MOST_CHARACTERS
    if not scopes or not set(scopes) <= set(Scope):
        errors["scopes"] = _("Choose at least one scope from the list.")
    if not 1 <= days <= MOST_DAYS:
        errors["days"] = _("Choose between 1 and %d days.") % MOST_DAYS
    if errors:
        raise TokenInvalid(errors)


def _in_words(row: ApiToken) -> str:
    return f"{row}: {', '.join(row.scopes)} until {row.expires_at:%Y-%m-%d}"


def _digest(plain: str) -> str:
    """Return what is stored. The text is 256 bits of chance: a plain hash cannot be reversed."""
    return hashlib.sha256(plain.encode()).hexdigest()
