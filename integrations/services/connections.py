"""The life of connections: connecting a target, outages, new credentials, the end.

The OAuth install is in `installs`, encryption in `vault`. Reads and writes no records.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.engine.errors import ConfigInvalid, Scope, SyncError
from integrations.engine.ports import AccountInfo, Priority
from integrations.models import (
    Connection,
    ConnectionState,
    Integration,
    ObjectSync,
    SyncState,
)
from integrations.services import (
    activation,
    audit,
    connectors,
    deliveries,
    hints,
    hooks,
    hubspot_fields,
    key_scopes,
    logins,
    notices,
    syncs,
    tenants,
    vault,
)
from integrations.services.logins import Checked

log = logging.getLogger(__name__)

OUTAGE_DETAIL: Final = 500


class Refused(Exception):
    """What a person asked for cannot be done. The message is a sentence for them."""


class AccountTaken(Refused):
    """The account is in use elsewhere."""


class WrongAccount(Refused):
    """The credentials work, but for another account than the connection's."""


# ---------------------------------------------------------------- connecting


def connect_target(
    user: AbstractBaseUser, hubspot: Connection, system: str, credentials: Mapping[str, str]
) -> Integration:
    """Check credentials with the system itself, then join it with the HubSpot account.

    The HubSpot fields are made first and nothing is stored unless all works. A system that was
    connected before goes on with its links. Raises AccountTaken, WrongAccount, PermissionDenied,
    or a SyncError whose detail says which side refused what.
    """
    tenants.require(user, hubspot.tenant, change=True)
    if hubspot.state != ConnectionState.ACTIVE:
        raise ConfigInvalid("Connect HubSpot first.")
    key_scopes.make_sure(hubspot, connectors.spec_of(system))
    checked = logins.check(system, credentials)
    _refuse_other_account(hubspot, system, checked.account)
    hubspot_fields.ensure(hubspot, connectors.spec_of(system))
    try:
        with transaction.atomic():
            target = _store_target(hubspot, system, checked)
            integration, _created = Integration.objects.get_or_create(
                hubspot=hubspot, system=system, defaults={"tenant": hubspot.tenant}
            )
            integration.target = target
            integration.save(update_fields=["target"])
            syncs.activate(integration, user)
            activation.follow(integration, user)
            audit.record(
                hubspot.tenant,
                "connection.connected",
                user=user,
                connection=target,
                detail=f"{system} {target.account_id}",
            )
    except IntegrityError:
        raise _taken(system, checked.account) from None
    return integration


def _refuse_other_account(hubspot: Connection, system: str, account: AccountInfo) -> None:
    """Links name ids of one account: another one would turn them into links to strangers."""
    before = Integration.objects.filter(hubspot=hubspot, system=system).select_related("target")
    old = before.first()
    if old and old.target and old.target.account_id != account.account_id:
        raise _wrong(old.target, account)
    others = Integration.objects.filter(
        system=system, target__account_id=account.account_id
    ).exclude(Q(state=SyncState.UNINSTALLED) | Q(hubspot=hubspot))
    if others.exists():
        raise _taken(system, account)


def _store_target(hubspot: Connection, system: str, checked: Checked) -> Connection:
    account_id = checked.account.account_id
    mine = Connection.objects.select_for_update(no_key=True, of=("self",)).filter(
        tenant=hubspot.tenant, system=system, account_id=account_id
    )
    row = mine.order_by("-state_changed_at").first()
    row = row or Connection(tenant=hubspot.tenant, system=system, account_id=account_id)
    row.installer_email = hubspot.installer_email
    _accept(row, checked)
    return row


def _accept(row: Connection, checked: Checked) -> None:
    account = checked.account
    row.label = account.name or row.label
    row.ui_host, row.time_zone = account.ui_host, account.time_zone
    row.warnings = list(account.warnings)
    kept = hooks.with_hook(row, {**_kept(row), **checked.secrets})
    vault.set_secrets(row, kept)
    vault.set_tokens(row, checked.tokens)
    deliveries.follow_secrets(row, kept)
    revive(row)


def _kept(row: Connection) -> dict[str, str]:
    """Return what new credentials do not replace: what no form asks for, and secrets left blank.

    The first are the secret of the address and what an installation of our app brought.
    """
    asked = {field.key: field for field in connectors.spec_of(row.system).credentials}
    optional = {key for key, field in asked.items() if field.secret and not field.required}
    stored = vault.secrets_of(row)
    return {name: stored[name] for name in stored if name not in asked or name in optional}


def revive(row: Connection) -> None:
    """Save a row whose credentials are fresh, end its outage and wake what was parked."""
    row.state, row.outage = ConnectionState.ACTIVE, None
    row.reason = row.reason_detail = ""
    row.state_changed_at = timezone.now()
    row.save()
    _wake(row)


# ---------------------------------------------------------------- outages


def pause(connection_id: UUID, error: SyncError, *, as_of: datetime | None = None) -> None:
    """Park a connection whose credentials were refused: one outage, one mail, however often.

    Errors of another scope (our own misconfiguration) pause nothing. `as_of` is the row's
    `state_changed_at` as the work knew it: credentials given since then are not blamed.
    """
    if error.scope is not Scope.CONNECTION:
        return
    blamed = Connection.objects.filter(pk=connection_id, state=ConnectionState.ACTIVE)
    if as_of is not None:
        blamed = blamed.filter(state_changed_at=as_of)
    with transaction.atomic():
        paused = blamed.update(
            state=ConnectionState.PAUSED,
            reason=error.reason,
            reason_detail=error.detail[:OUTAGE_DETAIL],
            outage=uuid4(),
            state_changed_at=timezone.now(),
        )
        if paused:
            row = Connection.objects.select_related("tenant").get(pk=connection_id)
            notices.reauth_needed(row)
            audit.record(
                row.tenant,
                "connection.paused",
                connection=row,
                reason=row.reason,
                detail=row.reason_detail,
            )


def resume(connection_id: UUID, user: AbstractBaseUser | None = None) -> None:
    """End an outage and replay what was parked; nothing happens to a connection that works."""
    with transaction.atomic():
        row = (
            Connection.objects.select_for_update(no_key=True, of=("self",))
            .select_related("tenant")
            .filter(pk=connection_id, state=ConnectionState.PAUSED)
            .first()
        )
        if row is not None:
            revive(row)
            audit.record(row.tenant, "connection.resumed", user=user, connection=row)


def reauthenticate(
    connection: Connection, user: AbstractBaseUser, credentials: Mapping[str, str]
) -> None:
    """Take new credentials for the same account and go on with everything parked.

    HubSpot is re-authenticated through `installs` or `service_keys`. Raises WrongAccount,
    ConfigInvalid, PermissionDenied, or the SyncError with which the system refused them.
    """
    tenants.require(user, connection.tenant, change=True)
    checked = logins.check(connection.system, credentials)
    refuse_wrong(connection, checked.account)
    with transaction.atomic():
        row = Connection.objects.select_for_update(no_key=True).get(pk=connection.pk)
        if row.state == ConnectionState.UNINSTALLED:
            raise ConfigInvalid("The connection was uninstalled; connect it again.")
        _accept(row, checked)
        audit.record(connection.tenant, "connection.renewed", user=user, connection=row)


def recheck_all() -> int:
    """Ask every system whether our credentials still work; returns how many do not.

    HubSpot tells nobody of an uninstall, and only a log-in shows when a password runs out.
    """
    refused = 0
    for row in Connection.objects.filter(state=ConnectionState.ACTIVE).iterator():
        try:
            info = connectors.open_connector(row, priority=Priority.RECONCILE).check()
        except SyncError as error:
            pause(row.pk, error, as_of=row.state_changed_at)
            refused += error.scope is Scope.CONNECTION
        except vault.SealBroken as error:
            log.error("Connection %s cannot be opened: %s", row.pk, error)
        else:
            Connection.objects.filter(pk=row.pk).update(warnings=list(info.warnings))
    return refused


def _wake(connection: Connection) -> None:
    rows = ObjectSync.objects.filter(
        Q(integration__hubspot=connection) | Q(integration__target=connection)
    )
    rows.filter(state=SyncState.ACTIVE).update(
        not_before=None, failures=0, reason="", reason_detail=""
    )
    hints.wake(rows.values_list("pk", flat=True))


def refuse_wrong(connection: Connection, found: AccountInfo) -> None:
    """Raise WrongAccount unless credentials belong to the connection's own account."""
    if found.account_id != connection.account_id:
        raise _wrong(connection, found)


def _wrong(connection: Connection, found: AccountInfo) -> WrongAccount:
    return WrongAccount(
        _(
            "These credentials belong to %(found)s, but this connection is for %(wanted)s. "
            "Its links would lead to other people's records, so nothing was changed."
        )
        % {
            "found": found.name or found.account_id,
            "wanted": connection.label or connection.account_id,
        }
    )


def _taken(system: str, account: AccountInfo) -> AccountTaken:
    return AccountTaken(
        _("%(account)s is already connected with another HubSpot account.")
        % {"account": account.name or f"{connectors.spec_of(system).label} {account.account_id}"}
    )
