"""From stored notices to hints: which object syncs take an event, and what it asks them to see.

Storing is in `inbox.py`. What a notice says is never used as data.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from integrations.engine.config import SyncConfig
from integrations.engine.errors import ConfigInvalid
from integrations.engine.ports import EventKind, Priority
from integrations.engine.reasons import Reason
from integrations.engine.records import FieldType, Side
from integrations.models import Event, EventOutcome, ObjectSync, SyncState
from integrations.services import erasure, hints, syncs, wakes
from integrations.services.hints import NewHint

TASK: Final = "route_events"
HINTING: Final = {
    EventKind.DELETED,
    EventKind.MERGED,
    EventKind.RESTORED,
    EventKind.PRIVACY_DELETED,
}
"""Kinds that always ask to look at the record."""


@dataclass(frozen=True, slots=True)
class Taker:
    """An object sync that an event is about, with the side the event came from.

    `config` None: it cannot be read. The lane that works on the hint will say so and be held.
    """

    object_sync: ObjectSync
    side: Side
    config: SyncConfig | None


def route(limit: int = 1_000) -> set[UUID]:
    """Turn stored events into hints; returns the object syncs that have work now.

    Several routers may run: each takes rows nobody else holds.
    """
    wakes.started(TASK)
    woken: set[UUID] = set()
    while True:
        with transaction.atomic():
            events = list(
                Event.objects.select_for_update(of=("self",), skip_locked=True)
                .filter(routed_at__isnull=True)
                .select_related("connection")
                .order_by("id")[:limit]
            )
            woken |= _route(events)
        if len(events) < limit:
            return woken


def _route(events: Sequence[Event]) -> set[UUID]:
    erasure.by_notices(events)  # before any hint: it waits for lanes, which may wait for hints
    takers_of = _takers(events)
    now = timezone.now()
    raised: dict[UUID, list[NewHint]] = defaultdict(list)
    children: set[UUID] = set()
    outcomes: list[EventOutcome] = []
    routed: dict[str, list[int]] = defaultdict(list)
    for event in events:
        takers = takers_of.get((event.connection_id, event.object_type), ())
        event.routed_at = now
        routed["" if takers else Reason.EVENT_NO_SYNC].append(event.pk)
        for taker in takers:
            found = _hints(event, taker)
            raised[taker.object_sync.pk] += found if isinstance(found, list) else []
            outcomes.append(_outcome(event, taker, found))
            if taker.config is not None and _has_references(taker.config):
                children.add(taker.object_sync.pk)
    for outcome, ids in routed.items():
        Event.objects.filter(pk__in=ids).update(routed_at=now, outcome=outcome)
    EventOutcome.objects.bulk_create(outcomes)
    # Parents first, as settlements do: in another order they may wait for each other in a circle.
    for object_sync_id in sorted(raised, key=lambda pk: (pk in children, pk)):
        hints.raise_hints(object_sync_id, raised[object_sync_id])
    hints.wake(raised)
    return set(raised)


def _outcome(event: Event, taker: Taker, found: list[NewHint] | Reason) -> EventOutcome:
    ignored = found if isinstance(found, Reason) else None
    return EventOutcome(
        event=event,
        object_sync=taker.object_sync,
        side=taker.side,
        record_id=event.record_id,
        outcome=ignored or "",
        settled_at=event.routed_at if ignored else None,
    )


def _hints(event: Event, taker: Taker) -> list[NewHint] | Reason:
    """Return the hints an event raises, or why it raises none.

    Only HubSpot's notices know a trigger, and only where there is one a creation counts as a
    wish: it is then the record's entry into the stage, and somebody waits for the outcome.
    """
    kind = EventKind(event.kind)
    payload = event.raw or {}
    config = taker.config
    trigger = config.trigger if config and taker.side is Side.HUBSPOT else None
    fired = asked = False
    if kind is EventKind.CHANGED:
        if trigger and event.property != trigger.field:
            return Reason.EVENT_NOT_TRIGGER
        fired = trigger is not None and payload.get("value") == trigger.value
    elif kind is EventKind.CREATED:
        asked = trigger is not None
    elif kind is EventKind.ASSOCIATED:
        if config and not _has_references(config):
            return Reason.EVENT_IRRELEVANT
    elif kind not in HINTING:
        return Reason.EVENT_IRRELEVANT
    ids = {event.record_id, *payload.get("merged_ids", ())}
    return [
        NewHint(
            side=taker.side,
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


def _has_references(config: SyncConfig) -> bool:
    return any(rule.type is FieldType.REFERENCE for rule in config.rules)


def _takers(events: Sequence[Event]) -> dict[tuple[UUID, str], list[Taker]]:
    """Return who takes events, by connection and object type; what is being set up takes none."""
    connections = {event.connection_id for event in events}
    found: dict[tuple[UUID, str], list[Taker]] = defaultdict(list)
    rows = (
        ObjectSync.objects.filter(
            Q(integration__hubspot__in=connections) | Q(integration__target__in=connections),
            version__isnull=False,
        )
        .exclude(integration__state=SyncState.UNINSTALLED)
        .exclude(state=SyncState.SETUP)
        .select_related("integration", "version")
    )
    for row in rows:
        config, pair = _config(row), row.integration
        hubspot = (pair.hubspot_id, row.hubspot_object)
        found[hubspot].append(Taker(row, Side.HUBSPOT, config))
        if pair.target_id is not None:
            target = (pair.target_id, row.target_object)
            found[target].append(Taker(row, Side.TARGET, config))
    return found


def _config(object_sync: ObjectSync) -> SyncConfig | None:
    """Return the published configuration; one that cannot run must not stop the others' events."""
    try:
        return syncs.config_of(object_sync)
    except ConfigInvalid:
        return None
