"""The secret address at which a system calls us: made, shown, renewed, recognised.

What the calls bring is in `hook_calls.py`.
"""

from __future__ import annotations

import enum
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from typing import Final

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from integrations.engine.errors import ConfigInvalid
from integrations.models import Connection
from integrations.services import audit, connectors, links, tenants, vault

STORED_AS: Final = "hook"
"""The name of the address's secret among the connection's credentials."""


class HookKind(enum.StrEnum):
    """The two addresses of a connection; both take whatever the system sends."""

    EVENTS = "events"
    INSTALLATIONS = "installations"


def with_hook(connection: Connection, credentials: Mapping[str, str]) -> dict[str, str]:
    """Return credentials with the secret of the connection's address, making it where it lacks.

    Sets the row's digest in memory; the caller seals the credentials and saves the row.
    """
    kept = dict(credentials)
    if connectors.spec_of(connection.system).hooks:
        kept[STORED_AS] = kept.get(STORED_AS) or secrets.token_urlsafe(32)
        connection.hook_digest = digest(kept[STORED_AS])
    return kept


def address(connection: Connection, kind: HookKind = HookKind.EVENTS) -> str:
    """Return the address the system must call; only for people who may change the connection.

    Raises ConfigInvalid for a system that calls nothing, or whose connection has ended.
    """
    secret = vault.secrets_of(connection).get(STORED_AS)
    if not secret:
        raise ConfigInvalid("This connection has no address that its system could call.")
    return links.hook(connection.system, secret, kind.value)


def renew(connection: Connection, user: AbstractBaseUser) -> str:
    """Replace the address, for instance because it leaked; the old one answers 404 at once.

    Returns the new one. Raises PermissionDenied or ConfigInvalid.
    """
    tenants.require(user, connection.tenant, change=True)
    with transaction.atomic():
        row = Connection.objects.select_for_update(no_key=True).get(pk=connection.pk)
        stored = vault.secrets_of(row)
        if not stored or not connectors.spec_of(row.system).hooks:
            raise ConfigInvalid("This connection has no address that its system could call.")
        stored.pop(STORED_AS, None)
        vault.set_secrets(row, with_hook(row, stored))
        row.save(update_fields=["secrets", "hook_digest"])
        audit.record(row.tenant, "hook.renewed", user=user, connection=row)
    connection.refresh_from_db()
    return address(connection)


def manifest(connection: Connection) -> Mapping[str, object]:
    """Return the description of our app that the system wants, with this connection's addresses.

    Raises ConfigInvalid where the system wants none.
    """
    describe = connectors.registration_of(connection.system).manifest
    if describe is None:
        raise ConfigInvalid("This system needs no description of the app.")
    return describe(
        address(connection, HookKind.EVENTS), address(connection, HookKind.INSTALLATIONS)
    )


def find(system: str, secret: str) -> Connection | None:
    """Return the connection that a called address belongs to.

    Looked up by the secret's digest, so that how long it takes tells nothing about the secret.
    """
    wanted = digest(secret)
    row = Connection.objects.filter(hook_digest=wanted).select_related("tenant").first()
    if row is None or row.system != system:
        return None
    return row if hmac.compare_digest(row.hook_digest or "", wanted) else None


def digest(secret: str) -> str:
    """Return what is stored of an address's secret."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
