"""Webhook events: which happening fires which subscription, batches, retries.

Signatures are in `signing`. Source: HubSpot docs, "configure webhooks", 2026-03-30.
"""

import json
import random
from collections import deque
from dataclasses import dataclass
from datetime import datetime

from integrations.connectors.sandbox_kit import JsonObject

from .account import Happening
from .apps import App, AppRegistry, Subscription
from .behaviour import Behaviour
from .signing import headers
from .times import to_ms

BATCH = 100
RETRIES = 10


@dataclass(frozen=True, slots=True)
class Delivery:
    """One signed request to an app's target URL; report how it went to `delivery_result`."""

    id: int
    app_id: int
    url: str
    headers: dict[str, str]
    body: bytes
    attempt: int

    def events(self) -> list[JsonObject]:
        """Return the events of the body."""
        parsed: list[JsonObject] = json.loads(self.body)
        return parsed


@dataclass(slots=True)
class _Batch:
    app_id: int
    events: list[JsonObject]
    attempt: int = 0
    due: int = 0
    """Epoch milliseconds of the next attempt."""


class WebhookHub:
    """The queue of events of every app. Not thread safe: the sandbox holds its lock."""

    def __init__(self, registry: AppRegistry, behaviour: Behaviour) -> None:
        self._registry = registry
        self._behaviour = behaviour
        self._random = random.Random(behaviour.webhook_seed)  # noqa: S311 - repeatable
        self._queues: dict[int, deque[JsonObject]] = {}
        self._waiting: list[_Batch] = []
        self._underway: dict[int, _Batch] = {}
        self._next_delivery = 1
        self._next_event = 3_400_000_001
        self.delivered = 0
        self.given_up = 0

    def reseed(self) -> None:
        """Start the random duplicates and order again from the seed in the behaviour."""
        self._random = random.Random(self._behaviour.webhook_seed)  # noqa: S311 - repeatable

    def record(self, happening: Happening) -> None:
        """Queue an event for every subscription that asks for this happening."""
        for app in self._registry.installed(happening.portal_id):
            for subscription in app.subscriptions:
                if _wants(subscription, happening):
                    self._queue(app, subscription, happening)

    def pending(self) -> int:
        """Return how many events still wait for a first or another delivery."""
        batches = [*self._waiting, *self._underway.values()]
        return sum(map(len, self._queues.values())) + sum(len(b.events) for b in batches)

    def take(self, now: datetime) -> list[Delivery]:
        """Return every delivery that is due, signed with the present instant."""
        if self._behaviour.webhooks_paused:
            return []
        at = to_ms(now)
        due = [batch for batch in self._waiting if batch.due <= at]
        self._waiting = [batch for batch in self._waiting if batch.due > at]
        for app_id, queue in self._queues.items():
            if self._registry.apps[app_id].webhook_url:
                due += self._batches(app_id, queue)
        return [self._deliver(batch, at) for batch in due]

    def result(self, delivery_id: int, *, ok: bool, now: datetime) -> None:
        """Note how a delivery went; a failed batch is repeated as a whole.

        A delivery that is no longer known (reset or loaded meanwhile) is ignored.
        """
        batch = self._underway.pop(delivery_id, None)
        if batch is None:
            return
        if ok:
            self.delivered += len(batch.events)
        elif batch.attempt >= RETRIES:
            self.given_up += len(batch.events)
        else:
            waits = self._behaviour.webhook_retry_seconds
            wait = waits[min(batch.attempt, len(waits) - 1)]
            batch.attempt += 1
            batch.due = to_ms(now) + round(wait * 1000)
            self._waiting.append(batch)

    def _queue(self, app: App, subscription: Subscription, happening: Happening) -> None:
        event = {
            "eventId": self._next_event,
            "subscriptionId": subscription.id,
            "portalId": happening.portal_id,
            "appId": app.app_id,
            "occurredAt": happening.at,
            "subscriptionType": subscription.event,
            "attemptNumber": 0,
            "changeSource": happening.source.kind,
            "sourceId": happening.source.id,
            **happening.details,
        }
        if subscription.type_id:
            event["objectTypeId"] = subscription.type_id
        self._next_event += 1
        queue = self._queues.setdefault(app.app_id, deque())
        queue.append(event)
        if self._random.random() < self._behaviour.webhook_duplicates:
            queue.append(event)

    def _batches(self, app_id: int, queue: deque[JsonObject]) -> list[_Batch]:
        events = list(queue)
        queue.clear()
        if self._behaviour.webhook_reorder:
            self._random.shuffle(events)
        return [_Batch(app_id, events[i : i + BATCH]) for i in range(0, len(events), BATCH)]

    def _deliver(self, batch: _Batch, at: int) -> Delivery:
        app = self._registry.apps[batch.app_id]
        events = [{**event, "attemptNumber": batch.attempt} for event in batch.events]
        body = json.dumps(events, separators=(",", ":"), ensure_ascii=False).encode()
        signed = headers(
            app.client_secret,
            app.webhook_url,
            body,
            at,
            legacy=self._behaviour.webhook_legacy_signature,
        )
        number = self._next_delivery
        self._next_delivery += 1
        self._underway[number] = batch
        return Delivery(number, app.app_id, app.webhook_url, signed, body, batch.attempt)

    def dump(self) -> JsonObject:
        """Return undelivered events as JSON-able data; deliveries underway start over."""
        batches = [*self._waiting, *self._underway.values()]
        return {
            "next_event": self._next_event,
            "queues": [[app_id, list(queue)] for app_id, queue in self._queues.items()],
            "waiting": [[b.app_id, b.events, b.attempt, b.due] for b in batches],
        }

    def load(self, state: JsonObject) -> None:
        """Replace the state by one that `dump` returned."""
        self._next_event = state["next_event"]
        self._queues = {app_id: deque(events) for app_id, events in state["queues"]}
        self._waiting = [_Batch(*row) for row in state["waiting"]]
        self._underway = {}


def _wants(subscription: Subscription, happening: Happening) -> bool:
    prefix, _, event = subscription.event.partition(".")
    if not subscription.active or event != happening.event:
        return False
    if prefix == "object":
        if subscription.type_id != happening.kind.type_id:
            return False
    elif prefix != happening.kind.singular:
        return False
    return event != "propertyChange" or (
        subscription.property_name == happening.details["propertyName"]
    )
