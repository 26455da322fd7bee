"""What django-q2 calls: primitive ids in, one service call each. Nothing is decided here.

Delivery is at least once, so every task may run twice.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

from integrations.services import audit_seals, connections, inbox, lanes, notices, retention

AT_ONCE: Final = 20.0
"""Seconds the router may spend on lanes it has just woken, to save their way through the queue."""


def run_lane(object_sync_id: str) -> None:
    """Work on one lane."""
    lanes.work(UUID(object_sync_id))


def route_events() -> None:
    """Turn stored events into hints and start on them."""
    lanes.work_woken(inbox.route(), seconds=AT_ONCE)


def sweep() -> None:
    """Pick up what lost wake-ups left lying; every minute."""
    lanes.sweep()


def send_notice(notice_id: str) -> None:
    """Send one mail."""
    notices.send(notice_id)


def check_connections() -> None:
    """Find credentials that are refused although no work has met them yet; daily."""
    connections.recheck_all()


def seal_audit() -> None:
    """Seal new audit entries into the chain; every five minutes."""
    audit_seals.seal()


def prune() -> None:
    """Let history go whose time is over; daily."""
    retention.prune()
