"""The two places that are told of synced records: the other system and a tenant's own webhook.

Each can send, and knows what follows from success, failure and refusal. When is in `sending.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from integrations.engine import extras
from integrations.engine.errors import ConfigInvalid, SyncError, Unavailable
from integrations.engine.ports import Priority
from integrations.engine.reasons import Reason
from integrations.models import Connection, Endpoint, Publishing, Tenant
from integrations.services import audit, connections, connectors, endpoints, notices, outbound


@dataclass(frozen=True, slots=True)
class Parcel:
    """One event on its way. `attempts` counts this try too."""

    key: int
    event: str
    payload: Mapping[str, object]
    attempts: int
    created_at: datetime


class Outlet(Protocol):
    """A place that is told. `failures` in a row are known to it."""

    tenant: Tenant
    failures: int

    def send(self, parcel: Parcel) -> str:
        """Send one event; returns the receiver's id of it. Raises a SyncError."""
        ...

    def worked(self) -> None:
        """Note that it is reachable again."""
        ...

    def failed(self, error: SyncError) -> None:
        """Note one more failure."""
        ...

    def refused(self, error: SyncError) -> None:
        """Stop: it will go on refusing until a person does something."""
        ...

    def record(self, action: str, reason: Reason, detail: str) -> None:
        """Write an audit entry about this place."""
        ...


def of(destination: UUID) -> Outlet | None:
    """Return the place with this id, None if it is gone."""
    endpoint = Endpoint.objects.select_related(
        "tenant", "integration__hubspot", "integration__target"
    )
    own = endpoint.filter(pk=destination).first()
    if own is not None:
        return OwnEndpoint(own)
    row = Connection.objects.select_related("tenant").filter(pk=destination).first()
    return TargetSystem(row) if row is not None else None


class TargetSystem:
    """The other system, through its connector and its app's own credentials."""

    def __init__(self, connection: Connection) -> None:
        self.tenant = connection.tenant
        self.failures = connection.publish_failures
        self._row = connection
        self._mine = Connection.objects.filter(pk=connection.pk)

    def send(self, parcel: Parcel) -> str:
        """Publish one event; its id lets the receiver drop repeats."""
        connector = connectors.open_connector(self._row, priority=Priority.RECONCILE)
        if not isinstance(connector, extras.Publishing):
            raise ConfigInvalid("This system takes no events.")
        message = connector.publish(parcel.event, {**parcel.payload, "deliveryId": str(parcel.key)})
        return message[:100]

    def worked(self) -> None:
        """Forget earlier failures."""
        if self.failures or self._row.publish_detail:
            self._mine.update(publish_failures=0, publish_detail="")
            self.failures = 0

    def failed(self, error: SyncError) -> None:
        """Count a failure; how long to wait follows from it."""
        self.failures += 1
        self._mine.update(
            publish_failures=F("publish_failures") + 1, publish_detail=error.detail[:300]
        )

    def refused(self, error: SyncError) -> None:
        """Publish no more until the app is installed anew; syncing goes on with its own key.

        Where both use the same credentials the connection is paused, as for any other call.
        """
        if not connectors.spec_of(self._row.system).app_secrets:
            connections.pause(self._row.pk, error, as_of=self._row.state_changed_at)
            return
        unchanged = self._mine.filter(
            publishing=Publishing.ON, state_changed_at=self._row.state_changed_at
        )
        with transaction.atomic():
            stopped = unchanged.update(
                publishing=Publishing.REFUSED, publish_detail=error.detail[:300]
            )
            if stopped:
                reason = Reason.EVENTS_REFUSED
                self.record("events.refused", reason, error.detail)
                for integration in self._row.target_integrations.select_related("target"):
                    notices.events_stopped(integration, reason, error.detail)

    def record(self, action: str, reason: Reason, detail: str) -> None:
        """Write an audit entry of the connection."""
        audit.record(self.tenant, action, connection=self._row, reason=reason, detail=detail)


class OwnEndpoint:
    """A tenant's own address, called with our signature."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.tenant = endpoint.tenant
        self.failures = endpoint.failures
        self._row = endpoint
        self._mine = Endpoint.objects.filter(pk=endpoint.pk, enabled=True)

    def send(self, parcel: Parcel) -> str:
        """Call the address; it gives events no ids of its own."""
        try:
            endpoints.call(self._row, parcel.event, str(parcel.key), parcel.payload, timezone.now())
        except outbound.AddressRefused as error:
            raise Unavailable(str(error)) from None
        return ""

    def worked(self) -> None:
        """Start the count of failures in a row again."""
        if self.failures:
            self._mine.update(failures=0, last_error="")
            self.failures = 0

    def failed(self, error: SyncError) -> None:
        """Count a failure; too many in a row switch the endpoint off."""
        self.failures += 1
        self._mine.update(failures=F("failures") + 1, last_error=error.detail[:300])
        if self.failures >= endpoints.MOST_FAILURES:
            self.refused(error)

    def refused(self, error: SyncError) -> None:
        """Switch the endpoint off, once."""
        with transaction.atomic():
            if self._mine.update(enabled=False):
                reason = Reason.ENDPOINT_OFF
                self.record("endpoint.switched_off", reason, error.detail)
                notices.events_stopped(self._row.integration, reason, error.detail)

    def record(self, action: str, reason: Reason, detail: str) -> None:
        """Write an audit entry of the integration."""
        audit.record(
            self.tenant, action, integration=self._row.integration, reason=reason, detail=detail
        )
