"""A sync that tells of its outcomes, a fake system that takes events, a listening endpoint."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.db import connection as database
from django.utils import timezone
from django_q.models import OrmQ

from integrations.engine.errors import SyncError
from integrations.engine.specs import SyncSpec
from integrations.models import Connection, Delivery, Endpoint, ObjectSync, Publishing
from integrations.services import connectors, syncs, vault

EVENT = "hubspot.contact.synced"
SECRET = "whsec_of_the_tests"


def tell(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every sync tell of what it wrote."""
    real = syncs.spec_of

    def spec_of(object_sync: ObjectSync) -> SyncSpec:
        return replace(real(object_sync), synced_event=EVENT)

    monkeypatch.setattr(syncs, "spec_of", spec_of)


def publish(object_sync: ObjectSync) -> Connection:
    """Let the target of a sync be told."""
    target = object_sync.integration.target
    assert target is not None
    Connection.objects.filter(pk=target.pk).update(publishing=Publishing.ON)
    return target


@dataclass
class Publisher:
    """A system that takes events; `answers` are raised or skipped (None) first, in order."""

    calls: int = 0
    got: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    answers: list[SyncError | None] = field(default_factory=list)

    def publish(self, event: str, payload: Mapping[str, object]) -> str:
        """Take one event."""
        self.calls += 1
        error = self.answers.pop(0) if self.answers else None
        if error is not None:
            raise error
        self.got.append((event, payload))
        return f"m{len(self.got)}"


def publisher(monkeypatch: pytest.MonkeyPatch) -> Publisher:
    """Let a fake stand for every system that is told."""
    fake = Publisher()
    monkeypatch.setattr(connectors, "open_connector", lambda connection, priority: fake)
    return fake


def endpoint(object_sync: ObjectSync, url: str = "https://hooks.acme.example/in") -> Endpoint:
    """Return a sync's own endpoint, stored as a person would have set it."""
    row = Endpoint(tenant=object_sync.tenant, integration=object_sync.integration, url=url)
    row.secret = vault.seal(SECRET.encode(), aad=vault.place(row, "secret"))
    row.save()
    return row


def waiting(
    object_sync: ObjectSync, place: Connection | Endpoint, count: int = 1, hours: float = 0.0
) -> list[Delivery]:
    """Store events that wait for a place, created so many hours ago."""
    now = timezone.now() - timedelta(hours=hours)
    return Delivery.objects.bulk_create(
        Delivery(
            tenant=object_sync.tenant,
            object_sync=object_sync,
            endpoint=place if isinstance(place, Endpoint) else None,
            destination=place.pk,
            event=EVENT,
            payload={"status": "SUCCESS", "number": number},
            due_at=now,
            created_at=now,
        )
        for number in range(count)
    )


def let_all_be_due() -> None:
    """Let every wait and every rest be over."""
    Delivery.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    with database.cursor() as cursor:
        cursor.execute("UPDATE integrations_bucket SET blocked_until = 0 WHERE key LIKE 'deliver%'")


def states() -> list[tuple[str, int]]:
    """Return state and attempts of all events, oldest first."""
    return list(Delivery.objects.order_by("id").values_list("state", "attempts"))


def senders() -> int:
    """Return how many senders wait in the queue."""
    return [row.func() for row in OrmQ.objects.all()].count("integrations.tasks.send_deliveries")


class Listener:
    """What a listening endpoint was sent. `status` is what it answers."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self.status = 200
        self.location = ""
        self.wait: threading.Event | None = None
        self.url = ""


@contextmanager
def listening() -> Iterator[Listener]:
    """Listen on this machine for the length of a block."""
    heard = Listener()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            heard.requests.append((self.path, dict(self.headers), body))
            if heard.wait is not None:
                heard.wait.wait(10)
            self.send_response(heard.status)
            if heard.location:
                self.send_header("Location", heard.location)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    heard.url = f"http://127.0.0.1:{server.server_port}/in?key=private"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield heard
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
