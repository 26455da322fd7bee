"""The queue: "look at this id" rows, their merging, taking and settling, and the wake-ups of lanes.

What a hint leads to is not decided here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import connection as database
from django.utils import timezone
from django_q.tasks import async_task

from integrations.engine.ports import Hint, Priority
from integrations.engine.reasons import Reason
from integrations.engine.records import Side

RAISE: Final = """
    INSERT INTO integrations_hint AS held (object_sync_id, side, record_id, priority, fired, asked,
        primary_id, version, attempts, reason, last_event_id, due_at, created_at)
    SELECT %s, side, record_id, priority, fired, asked, primary_id, 1, attempts, reason,
        last_event_id, due_at, now()
    FROM unnest(%s::text[], %s::text[], %s::int[], %s::bool[], %s::bool[], %s::text[], %s::int[],
            %s::text[], %s::bigint[], %s::timestamptz[])
        AS new (side, record_id, priority, fired, asked, primary_id, attempts, reason,
            last_event_id, due_at)
    ORDER BY side, record_id
    ON CONFLICT (object_sync_id, side, record_id) DO UPDATE SET
        priority = least(held.priority, excluded.priority),
        fired = held.fired OR excluded.fired,
        asked = held.asked OR excluded.asked,
        primary_id = coalesce(nullif(excluded.primary_id, ''), held.primary_id),
        version = held.version + 1,
        attempts = CASE WHEN excluded.priority <= %s THEN 0
            ELSE held.attempts END,
        last_event_id = greatest(held.last_event_id, excluded.last_event_id),
        due_at = least(held.due_at, excluded.due_at)
"""

# A hint that was taken twice and never settled may be what kills the worker: it goes alone.
# The clock of the statement, not clock_timestamp(): the index then skips hints that are not due.
TAKE: Final = """
    WITH due AS (
        SELECT id, attempts >= 2 AND reason = '' AS suspect,
            row_number() OVER (ORDER BY priority, due_at) AS place
        FROM integrations_hint
        WHERE object_sync_id = %s AND due_at <= statement_timestamp() + interval '1 s'
            AND NOT (side = ANY(%s) AND priority = %s)
        ORDER BY priority, due_at LIMIT %s
    ), chosen AS (
        SELECT hint.id, place FROM integrations_hint AS hint JOIN due USING (id)
        WHERE CASE WHEN (SELECT suspect FROM due WHERE place = 1) THEN place = 1
            ELSE NOT suspect END
        ORDER BY hint.side, hint.record_id FOR UPDATE OF hint
    )
    UPDATE integrations_hint AS hint SET attempts = hint.attempts + 1, reason = ''
    FROM chosen WHERE hint.id = chosen.id
    RETURNING place, hint.id, side, record_id, fired, asked, primary_id, priority, attempts,
        version, last_event_id
"""

# A version that moved on means newer notices: the row stays and is due as they said.
SETTLE: Final = """
    WITH settled AS (
        SELECT hint.id, hint.version = ended.version AS current, ended.due_at, ended.reason,
            ended.given_back
        FROM integrations_hint AS hint
        JOIN unnest(%s::bigint[], %s::int[], %s::timestamptz[], %s::text[], %s::int[])
            AS ended (id, version, due_at, reason, given_back) ON ended.id = hint.id
        ORDER BY hint.side, hint.record_id FOR UPDATE OF hint
    ), finished AS (
        DELETE FROM integrations_hint AS hint USING settled
        WHERE hint.id = settled.id AND current AND settled.due_at IS NULL
    )
    UPDATE integrations_hint AS hint SET due_at = settled.due_at, reason = settled.reason,
        attempts = greatest(hint.attempts - settled.given_back, 0),
        priority = greatest(hint.priority, %s)
    FROM settled WHERE hint.id = settled.id AND current AND settled.due_at IS NOT NULL
"""

REFUND: Final = """
    UPDATE integrations_hint AS hint SET attempts = greatest(hint.attempts - 1, 0), reason = %s
    FROM (SELECT id FROM integrations_hint WHERE id = ANY(%s) AND reason = ''
        ORDER BY side, record_id FOR UPDATE) AS unsettled
    WHERE hint.id = unsettled.id
"""

# Never waits for a lane's row: who settles it now may be waiting for the caller's hints.
MARK: Final = """
    WITH free AS (
        SELECT object_sync_id AS id, coalesce(expires_at > clock_timestamp(), false) AS held,
            coalesce(wake_queued_at > clock_timestamp() - interval '10 s', false) AS queued
        FROM integrations_lane WHERE object_sync_id = ANY(%s)
        ORDER BY object_sync_id FOR UPDATE SKIP LOCKED
    ), marked AS (
        UPDATE integrations_lane SET wake_queued_at = clock_timestamp()
        FROM free WHERE object_sync_id = free.id AND NOT queued
    )
    SELECT id FROM free WHERE held OR queued
"""


@dataclass(frozen=True, slots=True)
class NewHint:
    """A hint about to be raised. `last_event_id` is the event behind it, 0 for none."""

    side: Side
    record_id: str
    priority: Priority = Priority.WEBHOOK
    fired: bool = False
    asked: bool = False
    primary_id: str = ""
    last_event_id: int = 0
    due_at: datetime | None = None
    attempts: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """A hint somebody works on now, and the newest event it answers."""

    hint: Hint
    last_event_id: int = 0


@dataclass(frozen=True, slots=True)
class Ended:
    """What became of a taken hint: done, or due again at an instant for a reason.

    `given_back`: the attempt does not count, the fault was not the record's.
    """

    key: int
    version: int
    due_at: datetime | None = None
    reason: str = ""
    given_back: bool = False


def raise_hints(object_sync_id: UUID, hints: Sequence[NewHint]) -> None:
    """Store hints in one statement, merging them with those that wait; in the caller's transaction.

    The least priority and time win, `fired` and `asked` add up, a notice starts the count of
    attempts again. Call `wake` afterwards.
    """
    if not hints:
        return
    now = timezone.now()
    rows = [
        (
            hint.side.value, hint.record_id, int(hint.priority), hint.fired, hint.asked,
            hint.primary_id, hint.attempts, hint.reason, hint.last_event_id, hint.due_at or now,
        )
        for hint in _merged(hints, now)
    ]  # fmt: skip
    with database.cursor() as cursor:
        columns = map(list, zip(*rows, strict=True))
        cursor.execute(RAISE, [object_sync_id, *columns, Priority.WEBHOOK.value])


def take(object_sync_id: UUID, limit: int, shut: Collection[Side] = ()) -> list[Taken]:
    """Take the most urgent due hints, their attempt counted; the caller must commit before work.

    Notices of the sides in `shut` wait, due. Other hints look at a pair, whatever side they name.
    """
    with database.cursor() as cursor:
        sides = [side.value for side in shut]
        cursor.execute(TAKE, [object_sync_id, sides, Priority.WEBHOOK.value, limit])
        rows = sorted(cursor.fetchall())
    return [
        Taken(
            Hint(
                side=Side(side),
                record_id=record_id,
                fired=fired,
                asked=asked,
                primary_id=primary_id,
                priority=Priority(priority),
                attempts=attempts,
                key=key,
                version=version,
            ),
            last_event_id,
        )
        for (
            _, key, side, record_id, fired, asked, primary_id, priority, attempts, version,
            last_event_id,
        ) in rows
    ]  # fmt: skip


def settle(ended: Sequence[Ended]) -> None:
    """Delete or reschedule taken hints whose version stands; in the caller's transaction."""
    if not ended:
        return
    with database.cursor() as cursor:
        cursor.execute(
            SETTLE,
            [
                [item.key for item in ended],
                [item.version for item in ended],
                [item.due_at for item in ended],
                [item.reason for item in ended],
                [int(item.given_back) for item in ended],
                Priority.RETRY.value,
            ],
        )


def refund(taken: Iterable[Taken], reason: Reason) -> None:
    """Give back the attempt of hints that were never settled: the fault was not theirs."""
    keys = [item.hint.key for item in taken]
    if keys:
        with database.cursor() as cursor:
            cursor.execute(REFUND, [reason.value, keys])


def postpone(taken: Taken) -> None:
    """Let a hint wait whose outcome cannot even be stored, so that others get their turn."""
    with database.cursor() as cursor:
        cursor.execute(
            """
            UPDATE integrations_hint SET due_at = clock_timestamp() + interval '5 min'
            WHERE id = %s
            """,
            [taken.hint.key],
        )


def wake(object_sync_ids: Iterable[UUID]) -> None:
    """Queue one wake-up per lane, in the caller's transaction.

    A lane that is being worked on is only marked: its holder looks at the mark when it lets go.
    """
    wanted = set(object_sync_ids)
    if not wanted:
        return
    with database.cursor() as cursor:
        cursor.execute(MARK, [list(wanted)])
        known = {row[0] for row in cursor.fetchall()}
    for object_sync_id in sorted(wanted - known):
        async_task("integrations.tasks.run_lane", str(object_sync_id))


def _merged(hints: Sequence[NewHint], now: datetime) -> Iterable[NewHint]:
    """Merge repeats as the table would: one statement may not touch a row twice."""
    merged: dict[tuple[Side, str], NewHint] = {}
    for hint in hints:
        key = (hint.side, hint.record_id)
        first = merged.get(key)
        merged[key] = hint if first is None else _merge(first, hint, now)
    return merged.values()


def _merge(first: NewHint, second: NewHint, now: datetime) -> NewHint:
    return replace(
        first,
        priority=min(first.priority, second.priority),
        fired=first.fired or second.fired,
        asked=first.asked or second.asked,
        primary_id=second.primary_id or first.primary_id,
        last_event_id=max(first.last_event_id, second.last_event_id),
        due_at=min(first.due_at or now, second.due_at or now),
    )
