"""The lease of a lane: one worker at a time, by the database's clock. Knows nothing of the work."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final
from uuid import UUID, uuid4

from django.db import connection as database

from integrations.services.intents_sql import abandon_intents, query

TTL: Final = 15.0
"""Seconds after which a silent holder is replaced; it proves itself three times as often."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work on a lane. Every write of the holder checks the fence."""

    object_sync_id: UUID
    owner: str
    fence: int


def acquire(object_sync_id: UUID) -> Lease | None:
    """Take a free or expired lane, or mark it as wanted for its holder and return None.

    What an earlier holder was about to write counts as unknown from now on.
    """
    owner = f"{os.getpid()}:{uuid4().hex}"
    rows = query(
        """
        UPDATE integrations_lane SET owner = %s, fence = fence + 1, wake_queued_at = NULL,
            expires_at = clock_timestamp() + make_interval(secs => %s)
        WHERE object_sync_id = %s AND (expires_at IS NULL OR expires_at < clock_timestamp())
        RETURNING fence
        """,
        [owner, TTL, object_sync_id],
    )
    if rows:
        abandon_intents(object_sync_id, rows[0][0])
        return Lease(object_sync_id, owner, rows[0][0])
    query(
        """
        UPDATE integrations_lane SET wake_queued_at = clock_timestamp()
        WHERE object_sync_id = %s AND expires_at >= clock_timestamp() RETURNING 1
        """,
        [object_sync_id],
    )
    return None


def held(object_sync_id: UUID) -> bool:
    """Tell whether somebody works on a lane now."""
    return bool(
        query(
            """
            SELECT 1 FROM integrations_lane
            WHERE object_sync_id = %s AND expires_at > clock_timestamp()
            """,
            [object_sync_id],
        )
    )


def renew(lease: Lease) -> bool:
    """Prove that the holder lives; False: somebody else holds the lane now."""
    return bool(
        query(
            """
            UPDATE integrations_lane
            SET expires_at = clock_timestamp() + make_interval(secs => %s)
            WHERE object_sync_id = %s AND owner = %s AND fence = %s RETURNING 1
            """,
            [TTL, lease.object_sync_id, lease.owner, lease.fence],
        )
    )


def release(lease: Lease) -> bool:
    """Give the lane back; tells whether it was wanted meanwhile."""
    rows = query(
        """
        UPDATE integrations_lane AS lane
        SET owner = '', expires_at = NULL, wake_queued_at = NULL
        FROM (SELECT object_sync_id, wake_queued_at IS NOT NULL AS wanted FROM integrations_lane
            WHERE object_sync_id = %s AND owner = %s AND fence = %s FOR UPDATE) AS mine
        WHERE lane.object_sync_id = mine.object_sync_id RETURNING mine.wanted
        """,
        [lease.object_sync_id, lease.owner, lease.fence],
    )
    return bool(rows and rows[0][0])


def wait_for_settling(object_sync_ids: Iterable[UUID]) -> None:
    """Wait for settlements of these lanes that are under way, and keep further ones waiting.

    Whoever touches rows of another lane does this before: a settlement locks them in no order.
    """
    query(
        """
        SELECT 1 FROM integrations_lane WHERE object_sync_id = ANY(%s)
        ORDER BY object_sync_id FOR KEY SHARE
        """,
        [list(object_sync_ids)],
    )


def expel(object_sync_ids: Iterable[UUID]) -> None:
    """Take lanes from whoever works on them, in the caller's transaction.

    What a worker has read so far is settled nowhere: its next write raises LeaseLost, as if it had
    been silent for too long.
    """
    query(
        """
        UPDATE integrations_lane AS lane
        SET owner = '', fence = fence + 1, expires_at = NULL, wake_queued_at = NULL
        FROM (SELECT object_sync_id FROM integrations_lane WHERE object_sync_id = ANY(%s)
            ORDER BY object_sync_id FOR UPDATE) AS taken
        WHERE lane.object_sync_id = taken.object_sync_id RETURNING 1
        """,
        [list(object_sync_ids)],
    )


def forget_wake(object_sync_id: UUID) -> None:
    """Take the mark of a wake-up off a lane that may not work, so that the next one counts."""
    query(
        """
        UPDATE integrations_lane SET wake_queued_at = NULL
        WHERE object_sync_id = %s RETURNING 1
        """,
        [object_sync_id],
    )


@contextmanager
def kept(lease: Lease) -> Iterator[None]:
    """Renew the lease from a thread for the length of a block."""
    done = threading.Event()
    thread = threading.Thread(target=_keep, args=(lease, done), daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _keep(lease: Lease, done: threading.Event) -> None:
    """Renew until told to stop or replaced; the connection is this thread's own."""
    try:
        while not done.wait(TTL / 3):
            if not renew(lease):
                return
    finally:
        database.close()
