"""Incoming notices: verified, stored once, answered; later settled. Never used as data.

How they become hints is in `routing.py`, who may call is in `hook_calls.py` for other systems.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Final
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import connection as database
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from integrations.connectors import REGISTRY
from integrations.connectors.hooks import PayloadError
from integrations.connectors.hubspot import webhooks
from integrations.connectors.hubspot.webhooks import SignatureError
from integrations.engine import ports
from integrations.models import Connection, ConnectionState, Event
from integrations.services import audit, routing, wakes
from integrations.services.routing import route

__all__ = [
    "PayloadError", "Receipt", "SignatureError", "receive", "replay", "route", "settle", "store",
]  # fmt: skip
log = logging.getLogger(__name__)
HUBSPOT: Final = "hubspot"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of one delivery: events stored (repeats included) and events dropped."""

    stored: int
    dropped: int


def receive(
    *, method: str, uri: str, headers: Mapping[str, str], body: bytes, now: datetime
) -> Receipt:
    """Verify and store one HubSpot delivery and wake the router.

    Events of portals that nobody connected are dropped, and so is a notice that makes no sense,
    unless none does. Raises `SignatureError` or `PayloadError` before anything is stored.
    """
    webhooks.verify_v3(settings.HUBSPOT_CLIENT_SECRET, method, uri, headers, body, now)
    parsed = webhooks.parse(body)
    events = parsed.events
    for sentence in parsed.refused:
        log.warning("A signed notice was dropped: %s", sentence)
    connections = _connections({event.account_id for event in events})
    stored = store(
        [
            (connections[event.account_id], event)
            for event in events
            if event.account_id in connections
        ],
        now,
    )
    return Receipt(stored=stored, dropped=len(events) + len(parsed.refused) - stored)


def store(events: Sequence[tuple[Connection, ports.Event]], now: datetime) -> int:
    """Store verified events of connections and wake the router; returns how many, with repeats."""
    if not events:
        return 0
    rows = [_row(event, connection, now) for connection, event in events]
    with transaction.atomic():
        Event.objects.bulk_create(rows, ignore_conflicts=True)
        wakes.call(routing.TASK, now)
    # The router may have started between the look at the flag and our commit.
    wakes.call(routing.TASK, now)
    return len(rows)


def settle(object_sync_id: UUID, outcomes: Sequence[tuple[str, str, int, str]]) -> None:
    """Give every event that a settled hint covered its outcome, in the caller's transaction.

    Each outcome is (side, record id, newest event id covered, reason code).
    """
    covered = [outcome for outcome in outcomes if outcome[2]]
    if not covered:
        return
    sides, ids, newest, reasons = zip(*covered, strict=True)
    with database.cursor() as cursor:
        cursor.execute(
            """
            UPDATE integrations_eventoutcome AS outcome
            SET outcome = settled.reason, settled_at = now()
            FROM unnest(%s::text[], %s::text[], %s::bigint[], %s::text[])
                AS settled (side, record_id, newest, reason)
            WHERE outcome.object_sync_id = %s AND outcome.outcome = ''
                AND outcome.side = settled.side AND outcome.record_id = settled.record_id
                AND outcome.event_id <= settled.newest
            """,
            [list(sides), list(ids), list(newest), list(reasons), object_sync_id],
        )


def replay(events: QuerySet[Event], user: AbstractBaseUser) -> int:
    """Route chosen events again, as if they had just come in; returns how many."""
    count = 0
    with transaction.atomic():
        for event in events.select_for_update().select_related("tenant", "connection"):
            event.outcomes.all().delete()
            event.routed_at, event.outcome = None, ""
            event.save(update_fields=["routed_at", "outcome"])
            audit.record(
                event.tenant,
                "event.replayed",
                user=user,
                connection=event.connection,
                detail=f"{event.kind} {event.object_type} {event.record_id}",
            )
            count += 1
        if count:
            wakes.call(routing.TASK, timezone.now())
    return count


@cache
def trigger_properties() -> frozenset[str]:
    """Return the properties whose value in a notice matters; all other values are not stored."""
    triggers = (sync.build({}).trigger for entry in REGISTRY.values() for sync in entry.spec.syncs)
    return frozenset(trigger.field for trigger in triggers if trigger)


def _connections(accounts: Iterable[str]) -> dict[str, Connection]:
    live = Connection.objects.filter(system=HUBSPOT, account_id__in=accounts)
    return {
        connection.account_id: connection
        for connection in live.exclude(state=ConnectionState.UNINSTALLED)
    }


def _row(event: ports.Event, connection: Connection, now: datetime) -> Event:
    kept_value = event.property_value if event.property in trigger_properties() else None
    return Event(
        tenant_id=connection.tenant_id,
        connection=connection,
        dedup_key=event.dedup_key,
        object_type=event.object_type,
        kind=event.kind,
        record_id=event.record_id,
        property=event.property,
        raw={
            "value": kept_value,
            "primary_id": event.primary_id,
            "merged_ids": list(event.merged_ids),
            "attempt": event.attempt,
        },
        occurred_at=event.occurred_at,
        received_at=now,
    )
