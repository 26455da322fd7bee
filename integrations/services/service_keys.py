"""Connecting HubSpot by a pasted service key: no app, no consent page, and no notices.

The OAuth install is in `installs`. Whoever connects so has changes found by polling.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from integrations.connectors.auth import MemoryVault
from integrations.connectors.hubspot.spec import HUBSPOT, SERVICE_KEY, scopes_for
from integrations.engine.errors import AuthFailed, SyncError
from integrations.engine.ports import AccountInfo
from integrations.models import Connection, ConnectionState, Integration, SyncState, Tenant
from integrations.services import (
    audit,
    connections,
    connectors,
    installs,
    key_scopes,
    schemas,
    tenants,
    vault,
)

_ENDED: Final = re.compile(r"([a-z]{2}\d-)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I)
_SHAPE: Final = re.compile(r"pat-[!-~]{16,200}")


@dataclass(frozen=True, slots=True)
class Imported:
    """How many deal stages and lead statuses were read with a key; None where it may not."""

    stages: int | None = None
    statuses: int | None = None


def takes_form(connection: Connection) -> bool:
    """Tell whether new credentials are pasted; the others are given on HubSpot's consent page."""
    return connection.by_key or connection.system != HUBSPOT.key


def connect(
    tenant: Tenant, user: AbstractBaseUser, target_system: str, credentials: Mapping[str, str]
) -> tuple[Connection, Imported]:
    """Check a key with HubSpot and store the connection; one's own that has a key gets the new one.

    Nothing is stored unless the key works and has every permission that is needed. Raises
    connections.Refused (AccountTaken among them), PermissionDenied, or a SyncError.
    """
    tenants.require(user, tenant, change=True)
    if connectors.needs_notices(spec := connectors.spec_of(target_system)):
        raise connections.Refused(key_scopes.needs_consent(spec))
    systems = _systems(Integration.objects.of(tenant), target_system)
    key = _key(credentials)
    info, scopes = _checked(key, systems)
    try:
        with transaction.atomic():
            row = installs.row_of(tenant, info.account_id)
            if _is_installed(row):
                raise connections.AccountTaken(
                    _(
                        "HubSpot account %(account)s is connected through the app already, which "
                        "also brings its notices. Disconnect it first if you want to use a key."
                    )
                    % {"account": info.name or info.account_id}
                )
            _store(row, user, key, info, scopes)
    except IntegrityError:
        raise connections.AccountTaken(_("This HubSpot account is already connected.")) from None
    return row, _import(row)


def rotate(
    connection: Connection, user: AbstractBaseUser, credentials: Mapping[str, str]
) -> Imported:
    """Replace the key of a connection and go on with everything parked.

    Raises connections.Refused (WrongAccount for a key of another account), PermissionDenied, or
    the SyncError with which HubSpot refused it.
    """
    tenants.require(user, connection.tenant, change=True)
    mine = Integration.objects.filter(hubspot=connection)
    key = _key(credentials)
    info, scopes = _checked(key, _systems(mine), connection.scopes)
    connections.refuse_wrong(connection, info)
    with transaction.atomic():
        row = Connection.objects.select_for_update(no_key=True).get(pk=connection.pk)
        if row.state == ConnectionState.UNINSTALLED or not row.by_key:
            raise connections.Refused(_("This connection has no service key any more."))
        _store(row, user, key, info, scopes)
    return _import(row)


# ---------------------------------------------------------------- checking


def _checked(
    key: str, systems: Iterable[str], known: Iterable[str] = ()
) -> tuple[AccountInfo, list[str]]:
    """Return whose key it is and which of the needed and so far known permissions it has."""
    if problem := _problem(key):
        raise connections.Refused(problem)
    connector = connectors.probe(HUBSPOT.key, MemoryVault({SERVICE_KEY: key}))
    try:
        info = connector.check()
    except AuthFailed as error:
        failure = AuthFailed(
            _(
                "HubSpot does not accept this service key. Copy it again under %(place)s: a key "
                "that was rotated or deleted there does not work any more."
            )
            % {"place": key_scopes.PLACE},
            system_code=error.system_code,
        )
        raise failure from None
    wanted = scopes_for(map(connectors.spec_of, systems))
    return info, key_scopes.found(connector, wanted, known)


def _key(credentials: Mapping[str, str]) -> str:
    return credentials.get(SERVICE_KEY, "").strip()


def _problem(key: str) -> str:
    """Return why a text cannot be a service key and what to do, "" where it looks like one."""
    if _SHAPE.fullmatch(key):
        return ""
    if _ENDED.fullmatch(key):
        return _(
            "HubSpot API keys ended in November 2022. Create a service key in HubSpot under "
            "%(place)s and paste that one: it begins with “pat-”."
        ) % {"place": key_scopes.PLACE}
    return _(
        "This is no HubSpot service key: those begin with “pat-”. Create one in HubSpot under "
        "%(place)s and copy it as a whole."
    ) % {"place": key_scopes.PLACE}


def _systems(integrations: Iterable[Integration], *more: str) -> list[str]:
    live = {row.system for row in integrations if row.state != SyncState.UNINSTALLED}
    return sorted(live.union(more))


def _is_installed(row: Connection) -> bool:
    is_live = not row._state.adding and row.state != ConnectionState.UNINSTALLED
    return is_live and not row.by_key


# ---------------------------------------------------------------- storing


def _store(
    row: Connection, user: AbstractBaseUser, key: str, info: AccountInfo, scopes: list[str]
) -> None:
    known = not row._state.adding
    row.by_key, row.scopes, row.warnings = True, scopes, []
    row.label, row.ui_host = info.name or row.label, info.ui_host or row.ui_host
    row.time_zone = info.time_zone or row.time_zone
    row.installer_email = row.installer_email or getattr(user, "email", "")
    vault.set_secrets(row, {SERVICE_KEY: key})
    vault.set_tokens(row, None)
    connections.revive(row)
    action = "connection.renewed" if known else "connection.installed"
    detail = f"HubSpot {row.account_id}, service key"
    audit.record(row.tenant, action, user=user, connection=row, detail=detail)


def _import(row: Connection) -> Imported:
    """Read deal stages and lead statuses now; what the key may not read stops nothing."""
    return Imported(_options(row, "deals", "@stage"), _options(row, "contacts", "hs_lead_status"))


def _options(row: Connection, object_type: str, field: str) -> int | None:
    try:
        schemas.refresh(row, object_type)
        return len(schemas.fields(row, object_type)[field].options)
    except (SyncError, KeyError):
        return None
