"""Incoming notices: verified, stored, answered, then turned into hints. Never used as data."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Final
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import connection as database
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django_q.tasks import async_task

from integrations.connectors import REGISTRY
from integrations.connectors.hooks import PayloadError
from integrations.connectors.hubspot import webhooks
from integrations.connectors.hubspot.webhooks import SignatureError
from integrations.engine import ports
from integrations.engine.config import Trigger
from integrations.engine.ports import EventKind, Priority
from integrations.engine.reasons import Reason
from integrations.engine.records import Side
from integrations.models import (
    Connection,
    ConnectionState,
    Event,
    EventOutcome,
    ObjectSync,
    SyncState,
    Wake,
)
from integrations.services import audit, hints, syncs
from integrations.services.hints import NewHint

__all__ = ["PayloadError", "Receipt", "SignatureError", "receive", "replay", "route", "settle"]
log = logging.getLogger(__name__)
HUBSPOT: Final = "hubspot"
ROUTE: Final = "route_events"
WAKE_LIFE: Final = timedelta(seconds=5)
"""A queued wake-up older than this may be lost: the next notice queues another."""
HINTING: Final = {
    EventKind.CREATED,
    EventKind.DELETED,
    EventKind.MERGED,
    EventKind.RESTORED,
    EventKind.PRIVACY_DELETED,
}


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of one delivery: events stored (repeats included) and events dropped."""

    stored: int
    dropped: int


def receive(
    *, method: str, uri: str, headers: Mapping[str, str], body: bytes, now: datetime
) -> Receipt:
    """Verify and store one HubSpot delivery and wake the router, in one transaction.

    Events of portals that nobody connected are dropped, and so is a notice that makes no sense,
    unless none does. Raises `SignatureError` or `PayloadError` before anything is stored.
    """
    webhooks.verify_v3(settings.HUBSPOT_CLIENT_SECRET, method, uri, headers, body, now)
    parsed = webhooks.parse(body)
    events = parsed.events
    for sentence in parsed.refused:
        log.warning("A signed notice was dropped: %s", sentence)
    with transaction.atomic():
        connections = _connections({event.account_id for event in events})
        rows = [
            _row(event, connections[event.account_id], now)
            for event in events
            if event.account_id in connections
        ]
        if rows:
            Event.objects.bulk_create(rows, ignore_conflicts=True)
            _wake_router(now)
    if rows:
        # The router may have started between the look at the flag and our commit.
        _wake_router(now)
    return Receipt(stored=len(rows), dropped=len(events) + len(parsed.refused) - len(rows))


def route(limit: int = 1_000) -> set[UUID]:
    """Turn stored events into hints; returns the object syncs that have work now.

    Several routers may run: each takes rows nobody else holds.
    """
    Wake.objects.filter(name=ROUTE).update(queued_at=None)
    woken: set[UUID] = set()
    while True:
        with transaction.atomic():
            events = list(
                Event.objects.select_for_update(skip_locked=True)
                .filter(routed_at__isnull=True)
                .order_by("id")[:limit]
            )
            woken |= _route(events)
        if len(events) < limit:
            return woken


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
            _wake_router(timezone.now())
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


def _wake_router(now: datetime) -> None:
    """Queue one router for a burst of notices; the sweep is the net below."""
    idle = Q(queued_at__isnull=True) | Q(queued_at__lt=now - WAKE_LIFE)
    if not Wake.objects.filter(idle, name=ROUTE).exists():
        _, created = Wake.objects.get_or_create(name=ROUTE, defaults={"queued_at": now})
        if not created:
            return
    elif not Wake.objects.filter(idle, name=ROUTE).update(queued_at=now):
        return
    async_task("integrations.tasks.route_events")


def _route(events: Sequence[Event]) -> set[UUID]:
    syncs_of = _object_syncs(events)
    now = timezone.now()
    raised: dict[UUID, list[NewHint]] = defaultdict(list)
    outcomes: list[EventOutcome] = []
    routed: dict[str, list[int]] = defaultdict(list)
    for event in events:
        takers = [
            object_sync
            for object_sync in syncs_of.get(event.connection_id, ())
            if object_sync.hubspot_object == event.object_type
        ]
        event.routed_at = now
        routed["" if takers else Reason.EVENT_NO_SYNC].append(event.pk)
        for object_sync in takers:
            found = _hints(event, syncs.config_of(object_sync).trigger)
            raised[object_sync.pk] += found if isinstance(found, list) else []
            outcomes.append(_outcome(event, object_sync, found))
    for outcome, ids in routed.items():
        Event.objects.filter(pk__in=ids).update(routed_at=now, outcome=outcome)
    EventOutcome.objects.bulk_create(outcomes)
    for object_sync_id, items in raised.items():
        hints.raise_hints(object_sync_id, items)
    hints.wake(raised)
    return set(raised)


def _outcome(event: Event, object_sync: ObjectSync, found: list[NewHint] | Reason) -> EventOutcome:
    ignored = found if isinstance(found, Reason) else None
    return EventOutcome(
        event=event,
        object_sync=object_sync,
        side=Side.HUBSPOT,
        record_id=event.record_id,
        outcome=ignored or "",
        settled_at=event.routed_at if ignored else None,
    )


def _hints(event: Event, trigger: Trigger | None) -> list[NewHint] | Reason:
    """Return the hints an event raises, or why it raises none."""
    kind = EventKind(event.kind)
    payload = event.raw or {}
    fired = asked = False
    if kind is EventKind.CHANGED:
        if trigger and event.property != trigger.field:
            return Reason.EVENT_NOT_TRIGGER
        fired = trigger is not None and payload.get("value") == trigger.value
    elif kind is EventKind.CREATED:
        asked = True
    elif kind not in HINTING:
        return Reason.EVENT_IRRELEVANT
    ids = {event.record_id, *payload.get("merged_ids", ())}
    return [
        NewHint(
            side=Side.HUBSPOT,
            record_id=record_id,
            priority=Priority.WEBHOOK,
            fired=fired,
            asked=asked,
            primary_id=payload.get("primary_id", ""),
            last_event_id=event.pk,
            due_at=event.received_at,
        )
        for record_id in sorted(ids)
    ]


def _object_syncs(events: Sequence[Event]) -> dict[UUID, list[ObjectSync]]:
    found: dict[UUID, list[ObjectSync]] = defaultdict(list)
    rows = (
        ObjectSync.objects.filter(
            integration__hubspot__in={event.connection_id for event in events}
        )
        .exclude(integration__state=SyncState.UNINSTALLED)
        .exclude(state=SyncState.SETUP)
        .select_related("integration", "version")
    )
    for object_sync in rows:
        found[object_sync.integration.hubspot_id].append(object_sync)
    return found
