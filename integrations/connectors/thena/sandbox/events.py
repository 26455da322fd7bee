"""Thena's calls of apps: the probe of an address, installations and platform events, with retries.

Bodies as in docs.thena.ai, "platform events" (flat) and github.com/hhafez300/thena-pagerduty-bridge
(wrapped). Retries are not public; these follow what is told of Thena's old product.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Final

from integrations.connectors.sandbox_kit import JsonObject

from .behaviour import Behaviour
from .state import App, Organisation, iso

WAITS: Final = (10, 20, 30, 50, 80)
"""Seconds before each further try; after the last one an event is given up."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One request to an app; report how it went to `delivery_result`."""

    id: int
    app: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    attempt: int


@dataclass(slots=True)
class Waiting:
    """A notice on its way. `purpose` is "events" or "installations"; a probe has no `notice`."""

    app: str
    purpose: str
    notice: JsonObject
    attempt: int = 0
    due: float = 0.0


@dataclass(slots=True)
class EventHub:
    """The queue of all apps. Not thread safe: the sandbox holds its lock."""

    behaviour: Behaviour
    apps: dict[str, App]
    number: int = 0
    delivered: int = 0
    given_up: int = 0
    waiting: list[Waiting] = field(default_factory=list)
    underway: dict[int, Waiting] = field(default_factory=dict)
    random: random.Random = field(default_factory=lambda: random.Random(0))  # noqa: S311

    def probe(self, app: App) -> None:
        """Ask an app's address whether it is there, with an empty POST."""
        if app.address("events"):
            self.waiting.append(Waiting(app.uid, "events", {}))

    def installation(self, app: App, notice: JsonObject) -> None:
        """Tell an app what became of one of its installations."""
        if app.address("installations"):
            self.waiting.append(Waiting(app.uid, "installations", notice))

    def record(
        self, org: Organisation, name: str, payload: JsonObject, actor: JsonObject, now: datetime
    ) -> None:
        """Queue an event for every app that is installed there and wants it."""
        if name.startswith("customer-contact") and not self.behaviour.contact_events:
            return
        for app in self.apps.values():
            if org.id in app.tokens and app.wants(name) and app.address("events"):
                self.number += 1
                notice = {
                    "eventId": f"ev{self.number:08d}",
                    "eventType": name,
                    "timestamp": int(now.timestamp() * 1000),
                    "orgId": org.id,
                    "actor": actor,
                    "payload": payload,
                    "metadata": {},
                }
                copies = 2 if self.random.random() < self.behaviour.event_duplicates else 1
                self.waiting += [Waiting(app.uid, "events", notice) for _ in range(copies)]

    def take(self, now: datetime) -> list[Delivery]:
        """Return every delivery that is due."""
        if self.behaviour.events_paused:
            return []
        at = now.timestamp()
        due = [each for each in self.waiting if each.due <= at]
        self.waiting = [each for each in self.waiting if each.due > at]
        if self.behaviour.event_reorder:
            self.random.shuffle(due)
        return [self._deliver(each) for each in due]

    def result(self, delivery_id: int, *, ok: bool, now: datetime) -> None:
        """Note how a delivery went; one that is not known any more is ignored."""
        each = self.underway.pop(delivery_id, None)
        if each is None:
            return
        app = self.apps.get(each.app)
        if not each.notice and app is not None:
            app.reachable = ok
        elif ok:
            self.delivered += 1
        elif each.attempt >= len(WAITS):
            self.given_up += 1
        else:
            each.due = now.timestamp() + WAITS[each.attempt]
            each.attempt += 1
            self.waiting.append(each)

    def reseed(self) -> None:
        """Start the random duplicates and order again from the seed in the behaviour."""
        self.random = random.Random(self.behaviour.event_seed)  # noqa: S311 - repeatable

    def _deliver(self, each: Waiting) -> Delivery:
        self.number += 1
        self.underway[self.number] = each
        url = self.apps[each.app].address(each.purpose)
        headers = {"Content-Type": "application/json"}
        return Delivery(self.number, each.app, url, headers, self._body(each), each.attempt)

    def _body(self, each: Waiting) -> bytes:
        if not each.notice:
            return b""
        notice = each.notice
        if each.purpose == "events" and self.behaviour.event_shape == "wrapped":
            notice = {
                "message": notice,
                "event_name": notice["eventType"],
                "event_id": notice["eventId"],
                "event_timestamp": str(notice["timestamp"]),
                "context_user_id": notice["actor"]["id"],
                "context_user_type": notice["actor"]["type"],
                "context_organization_id": notice["orgId"],
            }
        return json.dumps(notice, separators=(",", ":"), ensure_ascii=False).encode()

    def dump(self) -> JsonObject:
        """Return what waits as JSON-able data; deliveries underway start over."""
        rows = [asdict(each) for each in (*self.waiting, *self.underway.values())]
        return {"number": self.number, "waiting": rows}

    def load(self, state: JsonObject) -> None:
        """Replace what waits by what `dump` returned."""
        self.number, self.underway = state["number"], {}
        self.waiting = [Waiting(**row) for row in state["waiting"]]


def install_notice(
    app: App, org: Organisation, kind: str, token: str, by: str, now: datetime
) -> JsonObject:
    """Return the flat body that tells an app about an installation."""
    when = "created" if kind in ("app:installation", "app:reinstall") else "updated"
    return {
        "event_type": kind,
        "installation_id": f"IN-{app.uid}-{org.id}",
        "organization_id": org.id,
        "team_ids": [],
        "application_id": app.uid,
        "application_name": app.manifest.get("app", {}).get("name", ""),
        "application_metadata": {},
        "bot_id": f"B-{app.uid}",
        "bot_token": token,
        "configuration": app.configuration,
        f"{when}_by": by,
        f"{when}_at": iso(now),
    }
