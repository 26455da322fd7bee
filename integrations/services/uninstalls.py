"""The end of a connection: stop, forget the credentials, keep links, aliases and history."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.connectors.hubspot.spec import HUBSPOT
from integrations.engine.errors import SyncError
from integrations.engine.reasons import Reason
from integrations.models import (
    Connection,
    ConnectionState,
    Event,
    EventOutcome,
    Hint,
    Integration,
    JobRun,
    ObjectSync,
    RunState,
    SyncState,
)
from integrations.services import (
    audit,
    connectors,
    deliveries,
    leases,
    runs,
    schedules,
    tenants,
    vault,
)


def disconnect(integration: Integration, user: AbstractBaseUser) -> None:
    """Uninstall one integration: its target is forgotten, its records and links stay."""
    tenants.require(user, integration.tenant, change=True)
    with transaction.atomic():
        _stop([integration], user)
    integration.refresh_from_db()


def uninstall(connection: Connection, user: AbstractBaseUser) -> str:
    """Uninstall the HubSpot app with all its integrations.

    Returns "" or a sentence on what is left to do by hand: whether HubSpot answers does not
    decide whether we stop.
    """
    tenants.require(user, connection.tenant, change=True)
    left = _leave_hubspot(connection)
    with transaction.atomic():
        rows = Integration.objects.filter(hubspot=connection)
        _stop(list(rows.exclude(state=SyncState.UNINSTALLED)), user)
        Event.objects.filter(connection=connection, routed_at=None).update(
            routed_at=timezone.now(), outcome=Reason.UNINSTALLED
        )
        _forget(connection, user, left)
    connection.refresh_from_db()
    return left


def _leave_hubspot(connection: Connection) -> str:
    if connection.by_key:
        return _(
            "The service key was forgotten here. If nothing else uses it, delete it in HubSpot "
            "under Development > Keys > Service keys too."
        )
    oauth = connectors.hubspot_oauth()
    try:
        tokens = vault.ConnectionVault(connection.pk).tokens(oauth.refresh)
        oauth.uninstall(tokens.access)
        oauth.revoke(tokens.refresh)
    except SyncError:
        return _(
            "HubSpot could not be told. If the app is still listed in HubSpot under "
            "Settings > Integrations > Connected Apps, uninstall it there too."
        )
    return ""


def _stop(integrations: Sequence[Integration], user: AbstractBaseUser) -> None:
    rows = ObjectSync.objects.filter(integration__in=integrations)
    leases.wait_for_settling(rows.values_list("pk", flat=True))
    rows.update(state=SyncState.UNINSTALLED, reason=Reason.UNINSTALLED, reason_detail="")
    for integration in integrations:
        integration.state = SyncState.UNINSTALLED
        integration.save(update_fields=["state"])
        audit.record(
            integration.tenant, "integration.uninstalled", user=user, integration=integration
        )
    schedules.follow(*rows)
    # A later reinstall must not replay what was missed: only new moves count then.
    now = timezone.now()
    open_outcomes = EventOutcome.objects.filter(object_sync__in=rows, outcome="")
    open_outcomes.update(outcome=Reason.UNINSTALLED, settled_at=now)
    Hint.objects.filter(object_sync__in=rows).delete()
    JobRun.objects.filter(object_sync__in=rows, state__in=runs.OPEN).update(
        state=RunState.CANCELLED, reason=Reason.UNINSTALLED, ended_at=now
    )
    for integration in integrations:
        if integration.target is not None and not _in_use(integration.target):
            _forget(integration.target, user, "")


def _in_use(target: Connection) -> bool:
    return target.target_integrations.exclude(state=SyncState.UNINSTALLED).exists()


def _forget(connection: Connection, user: AbstractBaseUser, left: str) -> None:
    row = Connection.objects.select_for_update(no_key=True).get(pk=connection.pk)
    row.state, row.outage = ConnectionState.UNINSTALLED, None
    row.reason, row.reason_detail = Reason.UNINSTALLED, left[:500]
    row.state_changed_at = timezone.now()
    row.secrets, row.scopes, row.warnings, row.hook_digest = "", [], [], None
    deliveries.follow_secrets(row, {})
    vault.set_tokens(row, None)
    row.save()
    detail = left if row.system == HUBSPOT.key else ""
    audit.record(row.tenant, "connection.uninstalled", user=user, connection=row, detail=detail)
