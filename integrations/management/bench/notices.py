"""Rows of the webhook address under load: signed deliveries from several connections at once."""

from __future__ import annotations

import json
import threading
import time
from itertools import count
from typing import Final

from django.conf import settings

from integrations.management.bench.table import Row, percentile
from integrations.management.check.deliveries import Deliveries
from integrations.models import Event
from integrations.services import sandbox_demo

SENDERS: Final = 4
SECONDS: Final = 10.0
_numbers = count(1)


def measure() -> list[Row]:
    """Measure full deliveries of 100 notices and single ones."""
    return [*_load(100), *_load(1)]


def _load(size: int) -> list[Row]:
    took: list[float] = []
    refused: list[int] = []
    before = Event.objects.count()
    until = time.perf_counter() + SECONDS
    threads = [
        threading.Thread(target=_send, args=(size, until, took, refused)) for _ in range(SENDERS)
    ]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - start
    stored = Event.objects.count() - before
    if refused or stored != size * len(took):
        raise RuntimeError(f"refused with {refused}; {stored} stored of {size * len(took)} sent.")
    what = f"webhook intake, {size} notices a delivery, {SENDERS} connections"
    return [
        Row(f"{what}: events/s", f"{stored / seconds:,.0f}", "2,000" if size > 1 else ""),
        Row("  p50 / p99 of the answer", _times(took), "– / 500 ms"),
    ]


def _times(took: list[float]) -> str:
    p50, p99 = (percentile(took, share) * 1000 for share in (0.5, 0.99))
    return f"{p50:.0f} / {p99:.0f} ms"


def _send(size: int, until: float, took: list[float], refused: list[int]) -> None:
    deliveries = Deliveries(f"{settings.PUBLIC_URL}/hooks/hubspot/", settings.HUBSPOT_CLIENT_SECRET)
    while time.perf_counter() < until:
        body = json.dumps([_notice() for _ in range(size)]).encode()
        start = time.perf_counter()
        status = deliveries.send(body)
        took.append(time.perf_counter() - start)
        if status != 200:
            refused.append(status)


def _notice() -> dict[str, object]:
    """Return a notice about a contact that does not exist: storing is measured, not syncing."""
    number = next(_numbers)
    return {
        "eventId": number,
        "subscriptionId": 1,
        "portalId": sandbox_demo.PORTAL_ID,
        "occurredAt": int(time.time() * 1000),
        "subscriptionType": "contact.propertyChange",
        "objectId": 990_000_000 + number,
        "propertyName": "phone",
        "propertyValue": "",
    }
