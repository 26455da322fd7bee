"""Connecting HubSpot: the OAuth install from the first redirect to the stored connection.

What happens to a connection afterwards is in `connections`.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import Final

from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.connectors.auth import MemoryVault
from integrations.connectors.hubspot.oauth import InstallGrant
from integrations.connectors.hubspot.spec import HUBSPOT, scopes_for
from integrations.engine.errors import MissingScope, SyncError
from integrations.engine.ports import AccountInfo
from integrations.models import (
    Connection,
    ConnectionState,
    Integration,
    OAuthState,
    SyncState,
    Tenant,
)
from integrations.services import audit, connections, connectors, links, tenants, vault

LIFE: Final = timedelta(minutes=10)


class InstallRefused(connections.Refused):
    """The redirect does not belong to an install that this person started just now."""


def start(
    tenant: Tenant,
    user: AbstractBaseUser,
    target_system: str,
    *,
    connection: Connection | None = None,
) -> str:
    """Return HubSpot's page that asks for consent. With `connection` only its account will do.

    Asks for what this and the tenant's other integrations need. Raises PermissionDenied, or
    ConfigInvalid for an unknown system.
    """
    tenants.require(user, tenant, change=True)
    state = secrets.token_urlsafe(32)
    scopes = _scopes(tenant, target_system)
    OAuthState.objects.filter(created_at__lt=timezone.now() - LIFE).delete()
    OAuthState.objects.create(
        digest=_digest(state),
        tenant=tenant,
        user_id=user.pk,
        target_system=target_system,
        connection=connection,
    )
    return connectors.hubspot_oauth().authorize_url(
        redirect_uri=links.oauth_callback(),
        state=state,
        scopes=scopes,
        account_id=connection.account_id if connection else "",
    )


def finish(user: AbstractBaseUser, state: str, code: str) -> tuple[Connection, str]:
    """Exchange the code and store the connection; returns it and the system it was started for.

    New, reinstalled or re-authenticated: one account is one row, so links survive. Raises
    InstallRefused, WrongAccount, AccountTaken, PermissionDenied, or a SyncError from HubSpot.
    """
    started = _take(user, state)
    tenant = started.tenant
    tenants.require(user, tenant, change=True)
    grant = connectors.hubspot_oauth().exchange_code(code, redirect_uri=links.oauth_callback())
    missing = set(_scopes(tenant, started.target_system)) - set(grant.scopes)
    if grant.scopes and missing:
        raise MissingScope(
            f"HubSpot did not grant {', '.join(sorted(missing))}.",
            system_code=" ".join(sorted(missing)),
        )
    info = _account(grant)
    _refuse_other_account(started.connection, grant, info)
    try:
        with transaction.atomic():
            row = _store(tenant, user, grant, info)
    except IntegrityError:
        raise connections.AccountTaken(_("This HubSpot account is already connected.")) from None
    return row, started.target_system


def decline(user: AbstractBaseUser, state: str) -> bool:
    """Use up the state of an install that HubSpot declined; tells whether it was this person's."""
    try:
        _take(user, state)
    except InstallRefused:
        return False
    return True


def _take(user: AbstractBaseUser, state: str) -> OAuthState:
    """Use up a state; exactly one caller gets it, and only the person who started."""
    now = timezone.now()
    mine = OAuthState.objects.filter(
        digest=_digest(state), user_id=user.pk, created_at__gt=now - LIFE
    )
    if not mine.filter(used_at=None).update(used_at=now):
        raise InstallRefused(
            _("This installation link was already used or is too old. Start again.")
        )
    return mine.select_related("tenant", "connection").get()


def _refuse_other_account(
    wanted: Connection | None, grant: InstallGrant, info: AccountInfo
) -> None:
    """HubSpot only preselects an account: a person may pick another one on its page."""
    if wanted is not None and wanted.account_id != grant.hub_id:
        raise connections.WrongAccount(
            _(
                "You chose the HubSpot account %(found)s, but %(wanted)s has to be authenticated "
                "again. Nothing was changed here. Start again and choose %(wanted)s."
            )
            % {
                "found": info.name or grant.hub_id,
                "wanted": wanted.label or wanted.account_id,
            }
        )


def _scopes(tenant: Tenant, target_system: str) -> tuple[str, ...]:
    live = Integration.objects.of(tenant).exclude(state=SyncState.UNINSTALLED)
    systems = {target_system, *live.values_list("system", flat=True)}
    return scopes_for(connectors.spec_of(system) for system in sorted(systems))


def _account(grant: InstallGrant) -> AccountInfo:
    try:
        return connectors.probe(HUBSPOT.key, MemoryVault({}, grant.tokens)).check()
    except SyncError:
        # The code is spent: an unnamed connection is better than starting again.
        return AccountInfo(grant.hub_id)


def row_of(tenant: Tenant, account_id: str) -> Connection:
    """Return the one row of a HubSpot account, locked: the live one, an old one, or a new one.

    Raises AccountTaken where another tenant has it.
    """
    account = Connection.objects.filter(system=HUBSPOT.key, account_id=account_id)
    live = account.exclude(state=ConnectionState.UNINSTALLED)
    live = live.select_for_update(no_key=True, of=("self",))
    row = live.first()
    if row is not None and row.tenant_id != tenant.pk:
        raise connections.AccountTaken(
            _("HubSpot account %(account)s is connected by another organisation.")
            % {"account": account_id}
        )
    if row is None:
        row = account.filter(tenant=tenant).order_by("-state_changed_at").first()
    return row or Connection(tenant=tenant, system=HUBSPOT.key, account_id=account_id)


def _store(
    tenant: Tenant, user: AbstractBaseUser, grant: InstallGrant, info: AccountInfo
) -> Connection:
    row = row_of(tenant, grant.hub_id)
    known = not row._state.adding
    row.scopes, row.label = list(grant.scopes), info.name or row.label
    row.ui_host, row.time_zone = info.ui_host or row.ui_host, info.time_zone or row.time_zone
    email: str = getattr(user, "email", "")
    row.installer_email = grant.user_email or row.installer_email or email
    row.by_key, row.secrets = False, ""
    vault.set_tokens(row, grant.tokens)
    connections.revive(row)
    action = "connection.renewed" if known else "connection.installed"
    audit.record(tenant, action, user=user, connection=row, detail=f"HubSpot {grant.hub_id}")
    return row


def _digest(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()
