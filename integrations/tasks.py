"""What django-q2 calls: primitive ids in, one service call each. Nothing is decided here.

Delivery is at least once, so every task may run twice.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Final, ParamSpec
from uuid import UUID

from integrations.services import (
    audit_seals,
    connections,
    failures,
    inbox,
    lanes,
    notices,
    retention,
    retries,
    schemas,
    second_looks,
    sending,
    starts,
    totals,
)

P = ParamSpec("P")

AT_ONCE: Final = 20.0
"""Seconds the router may spend on lanes it has just woken, to save their way through the queue."""


class TaskFailed(Exception):
    """A task met an error nobody expected; says where, never what."""


def _wordless(task: Callable[P, None]) -> Callable[P, None]:
    """Keep an error's message from django-q, which stores and logs it: it may quote values."""

    @wraps(task)
    def inner(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            task(*args, **kwargs)
        except Exception as error:
            raise TaskFailed(failures.trace(error)) from None

    return inner


@_wordless
def run_lane(object_sync_id: str) -> None:
    """Work on one lane."""
    lanes.work(UUID(object_sync_id))


@_wordless
def route_events() -> None:
    """Turn stored events into hints and start on them."""
    lanes.work_woken(inbox.route(), seconds=AT_ONCE)


@_wordless
def sweep() -> None:
    """Pick up what lost wake-ups left lying; every minute."""
    lanes.sweep()


@_wordless
def send_notice(notice_id: str) -> None:
    """Send one mail."""
    notices.send(notice_id)


@_wordless
def send_deliveries() -> None:
    """Tell others of synced records."""
    sending.send()


@_wordless
def check_connections() -> None:
    """Find credentials that are refused although no work has met them yet; daily."""
    connections.recheck_all()


@_wordless
def start_job(job_id: str) -> None:
    """Start a scheduled job whose time has come."""
    starts.start(UUID(job_id))


@_wordless
def retry_records(object_sync_id: str, reason: str) -> None:
    """Let the many records that ended with a reason try again; a person asked for it."""
    retries.retry_reason(UUID(object_sync_id), reason)


@_wordless
def look_again(integration_id: str, table: str, changes: list[list[object]]) -> None:
    """Look once more at records that were settled while their owner or stage was assigned."""
    second_looks.again(UUID(integration_id), table, changes)


@_wordless
def refresh_total(object_sync_id: str) -> None:
    """Count the records of one object sync in HubSpot."""
    totals.refresh(UUID(object_sync_id))


@_wordless
def refresh_totals() -> None:
    """Count where the count is old; every ten minutes."""
    totals.refresh_all()


@_wordless
def refresh_fields() -> None:
    """Read the field lists anew and find what changed under published mappings; hourly."""
    schemas.refresh_all()


@_wordless
def seal_audit() -> None:
    """Seal new audit entries into the chain; every five minutes."""
    audit_seals.seal()


@_wordless
def prune() -> None:
    """Let history go whose time is over; daily."""
    retention.prune()
