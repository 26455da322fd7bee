"""The sender's statements: leases of places, taking and storing of deliveries. No decisions here.

All times are the database's clock, except those passed in.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection as database

from integrations.models import DeliveryState
from integrations.services.outlets import Parcel

CHUNK: Final = 5_000
_CLOCK: Final = "extract(epoch from clock_timestamp())"

# Places and not rows are looked through: a dead place with a long queue costs one look.
_DUE: Final = f"""
    SELECT place.id, coalesce(turn.blocked_until, 0) AS since
    FROM (
        SELECT id FROM integrations_connection WHERE publishing = 'on'
        UNION ALL SELECT id FROM integrations_endpoint WHERE enabled
    ) AS place
    LEFT JOIN integrations_bucket AS turn ON turn.key = 'deliveries:' || place.id
    WHERE coalesce(turn.blocked_until, 0) <= {_CLOCK} AND EXISTS (
        SELECT 1 FROM integrations_delivery AS delivery
        WHERE delivery.destination = place.id AND delivery.state = 'waiting'
            AND delivery.due_at <= clock_timestamp()
    )"""  # noqa: S608  no value of a request is formatted in
_CLAIM: Final = f"""
    INSERT INTO integrations_bucket AS turn (key, ts, blocked_until)
    SELECT 'deliveries:' || id, 0, {_CLOCK} + %s
    FROM ({_DUE} ORDER BY since LIMIT 1) AS longest_waiting
    ON CONFLICT (key) DO UPDATE SET blocked_until = excluded.blocked_until
    WHERE turn.blocked_until <= {_CLOCK}
    RETURNING key"""  # noqa: S608
_RELEASE: Final = f"""
    UPDATE integrations_bucket SET blocked_until = {_CLOCK} + %s WHERE key = %s"""  # noqa: S608
_ONCE: Final = f"""
    INSERT INTO integrations_bucket AS held (key, ts, blocked_until)
    VALUES (%s, 0, {_CLOCK} + %s)
    ON CONFLICT (key) DO UPDATE SET blocked_until = excluded.blocked_until
    WHERE held.blocked_until <= {_CLOCK}
    RETURNING key"""  # noqa: S608

# The try is counted before the call: an event that kills its sender comes to its end, too.
_TAKE: Final = """
    UPDATE integrations_delivery AS delivery
    SET attempts = attempts + 1, due_at = clock_timestamp() + interval '10 min'
    FROM (
        SELECT id FROM integrations_delivery
        WHERE destination = %s AND state = 'waiting' AND due_at <= clock_timestamp()
        ORDER BY due_at, id LIMIT %s FOR UPDATE SKIP LOCKED
    ) AS due
    WHERE delivery.id = due.id
    RETURNING delivery.id, event, payload, attempts, created_at"""

_STORE: Final = """
    UPDATE integrations_delivery AS delivery
    SET state = told.state, attempts = told.attempts, due_at = told.due_at,
        last_error = told.error, message_id = told.message_id,
        sent_at = CASE WHEN told.state = 'sent' THEN %s::timestamptz END
    FROM unnest(%s::bigint[], %s::text[], %s::int[], %s::timestamptz[], %s::text[], %s::text[])
        AS told (id, state, attempts, due_at, error, message_id)
    WHERE delivery.id = told.id AND delivery.state = 'waiting'"""

_GIVE_UP: Final = """
    WITH over AS (
        SELECT id FROM integrations_delivery
        WHERE state = 'waiting' AND (created_at < %s
            OR (attempts > %s AND due_at <= clock_timestamp()))
        LIMIT %s FOR UPDATE SKIP LOCKED
    ), dropped AS (
        UPDATE integrations_delivery AS delivery SET state = 'dropped'
        FROM over WHERE delivery.id = over.id
        RETURNING delivery.destination, delivery.last_error
    )
    SELECT destination, count(*), max(last_error) FROM dropped GROUP BY destination"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is stored about one event after a turn."""

    key: int
    state: DeliveryState
    attempts: int
    due_at: datetime
    error: str = ""
    message_id: str = ""


def key_of(destination: UUID) -> str:
    """Return the name of a place's lease."""
    return f"deliveries:{destination}"


def sit_down(seats: int, seconds: float) -> str | None:
    """Take one of so many seats of senders; returns its name, None when all are taken."""
    names = (f"sender:{number}" for number in range(seats))
    return next((name for name in names if _query(_ONCE, [name, seconds])), None)


def claim(seconds: float) -> UUID | None:
    """Lease the place that has waited longest among those with something due."""
    found = _query(_CLAIM, [seconds])
    return UUID(found[0][0].partition(":")[2]) if found else None


def release(name: str, rest: float) -> None:
    """End a lease or leave a seat; a place is not sent to for so many seconds."""
    with database.cursor() as cursor:
        cursor.execute(_RELEASE, [rest, name])


def is_anything_due() -> bool:
    """Tell whether a place that is not resting has something due."""
    return bool(_query(f"{_DUE} LIMIT 1", []))


def take(destination: UUID, limit: int) -> list[Parcel]:
    """Take a place's due events, oldest due first; nothing stays locked."""
    rows = _query(_TAKE, [destination, limit])
    parcels = [
        Parcel(key, event, json.loads(payload), attempts, created_at)
        for key, event, payload, attempts, created_at in rows
    ]
    return sorted(parcels, key=lambda parcel: parcel.key)


def store(rows: Sequence[Outcome], now: datetime) -> None:
    """Store what became of taken events."""
    if rows:
        columns: list[Any] = [
            [row.key for row in rows],
            [row.state.value for row in rows],
            [row.attempts for row in rows],
            [row.due_at for row in rows],
            [row.error for row in rows],
            [row.message_id for row in rows],
        ]
        with database.cursor() as cursor:
            cursor.execute(_STORE, [now, *columns])


def give_up(before: datetime, most_attempts: int) -> dict[UUID, tuple[int, str]]:
    """Drop a chunk of what is too old or was tried too often; count and an error per place."""
    rows = _query(_GIVE_UP, [before, most_attempts, CHUNK])
    return {destination: (count, error) for destination, count, error in rows}


def first_of_the_hour(destination: UUID) -> bool:
    """Tell whether nobody was told about this place within the last hour, and note it."""
    return bool(_query(_ONCE, [f"dropped:{destination}", 3_600.0]))


def _query(statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    with database.cursor() as cursor:
        cursor.execute(statement, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
