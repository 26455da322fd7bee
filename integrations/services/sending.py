"""Sending what others are told: place by place under a lease, with growing waits, for a day.

Nothing here can fail a sync or hold a lane: it is a task of its own that ends after some seconds,
and it never holds more than half of the workers.
An event may arrive twice, and in any order; its delivery id tells repeats.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from integrations.engine.errors import AuthFailed, ConfigInvalid, RateLimited, SyncError
from integrations.engine.reasons import Reason
from integrations.models import DeliveryState
from integrations.services import failures, outlets, wakes
from integrations.services import sending_sql as sql
from integrations.services.deliveries import TASK
from integrations.services.outlets import Outlet, Parcel

log = logging.getLogger(__name__)

SPAN: Final = 20.0
"""Seconds after which the task hands its worker back."""
TURN: Final = 8.0
"""Seconds a place is sent to before others have their turn."""
BATCH: Final = 20
LEASE: Final = 90.0
"""Seconds for which a place belongs to one sender: longer than its slowest turn."""
LIFE: Final = timedelta(hours=24)
WAITS: Final = (30, 120, 600, 1_800, 3_600, 7_200, 14_400)
"""Seconds between the tries of one event; after the last it is given up."""
FIRST_REST: Final = 30.0
LONGEST_REST: Final = 3_600.0
"""Seconds a place rests after a failure, doubled with each one in a row."""
SLOW: Final = 1.0
"""Seconds from which on an answer is slow."""
INTERNAL: Final = "This portal failed while sending."


@dataclass(slots=True)
class _End:
    """What became of one event of a turn. `error` "" and not `sent`: given back untried."""

    parcel: Parcel
    sent: bool = False
    message_id: str = ""
    error: str = ""
    final: bool = False


def send(seconds: float = SPAN) -> None:
    """Send what is due until the time is over; wakes another task if something is left."""
    wakes.started(TASK)
    seat = sql.sit_down(max(1, settings.Q_CLUSTER["workers"] // 2), seconds + LEASE)
    if seat is None:
        return
    try:
        _send(time.monotonic() + seconds)
    finally:
        sql.release(seat, 0.0)
    if sql.is_anything_due():
        wakes.call(TASK, timezone.now())


def sweep() -> None:
    """Give up what is too old, and wake the sender if something is due; every minute."""
    while True:
        with transaction.atomic():
            dropped = sql.give_up(timezone.now() - LIFE, len(WAITS))
            for destination, (count, error) in dropped.items():
                _tell(destination, outlets.of(destination), count, error)
        if not dropped:
            break
    if sql.is_anything_due():
        wakes.call(TASK, timezone.now())


def _send(until: float) -> None:
    while time.monotonic() < until:
        destination = sql.claim(LEASE)
        if destination is None:
            return
        rest = 0.0
        try:
            rest = _serve(destination, min(until, time.monotonic() + TURN))
        finally:
            sql.release(sql.key_of(destination), rest)


def _serve(destination: UUID, until: float) -> float:
    """Send one batch to a place; returns the seconds it must rest."""
    outlet = outlets.of(destination)
    parcels = sql.take(destination, BATCH)
    if outlet is None:
        return LONGEST_REST
    ends: list[_End] = []
    rest = 0.0
    for parcel in parcels:
        end = _End(parcel)
        if not rest and time.monotonic() < until:
            rest = _try(outlet, end)
        ends.append(end)
    _store(destination, outlet, ends)
    return rest


def _try(outlet: Outlet, end: _End) -> float:
    """Send one event and note how it went; returns the seconds the place must rest.

    A place that answers slowly rests as long as it took: it gets half a sender at most.
    """
    started = time.monotonic()
    try:
        end.message_id, end.sent = outlet.send(end.parcel), True
    except RateLimited as error:
        return max(1.0, error.retry_after)
    except (AuthFailed, ConfigInvalid) as error:
        outlet.refused(error)
        return FIRST_REST
    except SyncError as error:
        end.error = error.detail or error.reason.value
        if not error.retryable:
            end.final = True
            return 0.0
        outlet.failed(error)
        return min(FIRST_REST * 2.0 ** min(outlet.failures - 1, 10), LONGEST_REST)
    except Exception as error:
        # One event that this portal stumbles over must not stop the others.
        log.error("A delivery failed: %s", failures.trace(error))
        end.error = INTERNAL
        return 0.0
    outlet.worked()
    spent = time.monotonic() - started
    return spent if spent > SLOW else 0.0


def _store(destination: UUID, outlet: Outlet, ends: Sequence[_End]) -> None:
    """Store a turn's outcomes in one statement, and tell of what is given up."""
    now = timezone.now()
    rows = [_outcome(end, now) for end in ends]
    with transaction.atomic():
        sql.store(rows, now)
        dropped = [row for row in rows if row.state == DeliveryState.DROPPED]
        if dropped:
            _tell(destination, outlet, len(dropped), dropped[0].error)


def _outcome(end: _End, now: datetime) -> sql.Outcome:
    parcel = end.parcel
    if end.sent:
        return sql.Outcome(parcel.key, DeliveryState.SENT, parcel.attempts, now, "", end.message_id)
    if not end.error:
        return sql.Outcome(parcel.key, DeliveryState.WAITING, parcel.attempts - 1, now)
    over = end.final or parcel.attempts > len(WAITS)
    state = DeliveryState.DROPPED if over else DeliveryState.WAITING
    wait = WAITS[min(parcel.attempts, len(WAITS)) - 1]
    due_at = now + timedelta(seconds=wait)
    return sql.Outcome(parcel.key, state, parcel.attempts, due_at, end.error[:300])


def _tell(destination: UUID, outlet: Outlet | None, count: int, error: str) -> None:
    """Audit that events were given up: one warning per place and hour, not one per event."""
    if outlet is not None and sql.first_of_the_hour(destination):
        outlet.record(
            "delivery.dropped",
            Reason.GAVE_UP,
            f"At least {count} events were given up. {error}".strip(),
        )
