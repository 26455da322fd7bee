"""How a sandbox's webhooks leave it over HTTP: whatever is due, again and again."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, Protocol

import requests

TIMEOUT_SECONDS: Final = 5


class Outgoing(Protocol):
    """One request to make; how it went is told under its `id`."""

    @property
    def id(self) -> int:
        """Return the number under which the sandbox knows it."""
        ...

    @property
    def url(self) -> str:
        """Return where it goes."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """Return its headers."""
        ...

    @property
    def body(self) -> bytes:
        """Return its body."""
        ...


class Delivers(Protocol):
    """A sandbox that sends webhooks."""

    def take_deliveries(self) -> Sequence[Outgoing]:
        """Return every delivery that is due."""
        ...

    def delivery_result(self, delivery_id: int, *, ok: bool) -> None:
        """Note how a delivery went; one that failed becomes due again later."""
        ...


def deliver(sandbox: Delivers, session: requests.Session) -> int:
    """Send what is due now and return how many requests that were."""
    due = sandbox.take_deliveries()
    for delivery in due:
        _send(sandbox, session, delivery)
    return len(due)


def deliver_forever(
    sandbox: Delivers,
    session: requests.Session,
    stop: threading.Event,
    pause: float = 0.1,
    at_once: int = 1,
) -> None:
    """Deliver what is due until told to stop; `pause` is in seconds between looks.

    `at_once` requests may be under way together, as from real systems; their order is then open.
    """

    def send(delivery: Outgoing) -> None:
        if not stop.is_set():
            _send(sandbox, session, delivery)

    with ThreadPoolExecutor(at_once) as pool:
        while not stop.wait(pause):
            for _sent in pool.map(send, sandbox.take_deliveries()):
                continue


def _send(sandbox: Delivers, session: requests.Session, delivery: Outgoing) -> None:
    try:
        answer = session.post(
            delivery.url,
            data=delivery.body,
            headers=dict(delivery.headers),
            timeout=TIMEOUT_SECONDS,
            allow_redirects=False,
        )
        ok = 200 <= answer.status_code < 300
    except requests.RequestException:
        ok = False
    sandbox.delivery_result(delivery.id, ok=ok)
