"""Webhooks of the present API: `/api/v1/webhooks`, and the signed calls that leave the instance.

`xentral-signature` is the hex HMAC-SHA-256 of the raw body followed by the text of
`xentral-request-timestamp` (reference/xentral.md 4); that the text is in unix seconds is assumed,
and so is that a call which fails is not repeated. No event tells of addresses or resubmissions.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from integrations.connectors.sandbox_kit import JsonObject, SandboxResponse, empty, json_response

from . import present
from .call import Call, Handle
from .errors import Problem, invalid
from .words import instant, local

if TYPE_CHECKING:
    from .server import XentralSandbox
    from .state import Row

PATH: Final = "/api/v1/webhooks"
TYPES_PATH: Final = "/api/v1/webhookEventTypes"
RELEASED: Final = "com.xentral.salesOrder.released.v1"
EVENT_TYPES: Final = (RELEASED,)
"""The one of 152 public names that the portal's subject touches."""
MEMBERS: Final = ("name", "url", "signatureKey", "events")
LONGEST_NAME: Final = 100
LONGEST_URL: Final = 255
KEY_LENGTHS: Final = range(20, 256)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One request to a subscriber; report how it went to `delivery_result`."""

    id: int
    url: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


class WebhookCalls:
    """Handlers of subscriptions, and the calls that wait to be made."""

    def __init__(self, sandbox: XentralSandbox) -> None:
        self.sandbox = sandbox
        self.number = 0
        self.delivered = self.failed = 0
        self.waiting: list[Delivery] = []

    def routes(self) -> Iterator[tuple[str, str, str, Handle]]:
        """Yield method, path, scope and handler of every call."""
        one = f"{PATH}/{{id}}"
        yield "GET", PATH, "", self.page
        yield "POST", PATH, "", self.create
        yield "GET", one, "", self.read
        yield "PATCH", one, "", self.update
        yield "DELETE", one, "", self.delete
        yield "GET", TYPES_PATH, "", self.event_types

    def page(self, call: Call) -> SandboxResponse:
        """Answer with a page of subscriptions."""
        rows = [shown(row) for row in self.sandbox.instance["webhooks"].rows.values()]
        return present.page_of(call.request, rows, ("id", "name"))

    def create(self, call: Call) -> SandboxResponse:
        """Subscribe: 201 with its address in `Location`."""
        body = present.body_of(call.request, MEMBERS)
        _check(body)
        return present.created(PATH, self.sandbox.instance["webhooks"].add(body)["id"])

    def read(self, _call: Call, id: str) -> SandboxResponse:
        """Answer with one subscription; its key is never shown."""
        return json_response({"data": shown(self._row(id))})

    def update(self, call: Call, id: str) -> SandboxResponse:
        """Change a subscription: 204."""
        row, body = self._row(id), present.body_of(call.request, MEMBERS)
        _check({**row, **body})
        row |= body
        return empty()

    def delete(self, _call: Call, id: str) -> SandboxResponse:
        """End a subscription: 204."""
        del self.sandbox.instance["webhooks"].rows[self._row(id)["id"]]
        return empty()

    def event_types(self, _call: Call) -> SandboxResponse:
        """Answer with the names of the events."""
        return json_response({"data": [{"id": name} for name in EVENT_TYPES]})

    def release(self, order: Row) -> None:
        """Tell every subscriber that a sales order was released."""
        zone = self.sandbox.behaviour.time_zone
        at = instant(local(self.sandbox.now(), zone), zone)
        body = {
            "salesOrderId": order["id"],
            "project": {"id": order["project"]},
            "updatedAt": at,
        }
        sent = json.dumps({"type": RELEASED, "body": body}, separators=(",", ":")).encode()
        for row in self.sandbox.instance["webhooks"].rows.values():
            if {"id": RELEASED} in row["events"]:
                for _ in range(1 + self.sandbox.behaviour.event_duplicates):
                    self.waiting.append(self._delivery(row, sent))

    def take(self) -> list[Delivery]:
        """Return every call that is due."""
        due, self.waiting = self.waiting, []
        return due

    def result(self, *, ok: bool) -> None:
        """Count how a call went."""
        self.delivered += ok
        self.failed += not ok

    def forget(self) -> None:
        """Drop what waits; a restart does the same."""
        self.waiting.clear()
        self.delivered = self.failed = 0

    def _delivery(self, row: Row, sent: bytes) -> Delivery:
        self.number += 1
        stamp = str(int(self.sandbox.now().timestamp()))
        headers = {
            "Content-Type": "application/json",
            "xentral-request-timestamp": stamp,
            "xentral-signature": signature(row["signatureKey"], sent, stamp),
        }
        return Delivery(self.number, row["url"], headers, sent)

    def _row(self, row_id: str) -> Row:
        row = self.sandbox.instance["webhooks"].get(row_id)
        if row is None:
            raise Problem(404, "generic-validation", "Not found", messages=["No such webhook"])
        return row


def signature(key: str, body: bytes, stamp: str) -> str:
    """Return the signature of a raw body and the text of its timestamp."""
    return hmac.digest(key.encode(), body + stamp.encode(), hashlib.sha256).hex()


def shown(row: Row) -> JsonObject:
    """Return a subscription as the API answers it."""
    return {"id": str(row["id"]), **{name: row[name] for name in ("name", "url", "events")}}


def _check(body: JsonObject) -> None:
    name, url, key = (str(body.get(member) or "") for member in MEMBERS[:3])
    events = body.get("events")
    faults = {}
    if not 1 <= len(name) <= LONGEST_NAME:
        faults["name"] = f"The field is required and has {LONGEST_NAME} characters at most."
    # The real one takes https only; loopback is for stand-ins that are served on one machine.
    if not url.startswith(("https://", "http://127.0.0.1")) or len(url) > LONGEST_URL:
        faults["url"] = f"The field must be an https address of {LONGEST_URL} characters at most."
    if len(key) not in KEY_LENGTHS:
        faults["signatureKey"] = "The field must have between 20 and 255 characters."
    if not isinstance(events, list) or not events or not all(_is_event(each) for each in events):
        faults["events"] = "The field must be a list of known events."
    if faults:
        raise invalid(**faults)


def _is_event(each: object) -> bool:
    return isinstance(each, dict) and each.get("id") in EVENT_TYPES
