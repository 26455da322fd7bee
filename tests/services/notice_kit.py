"""Signed notices for the tests of the inbox, and short ways to look at what became of them."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone
from django_q.models import OrmQ

from integrations.connectors.hubspot.sandbox.signing import headers
from integrations.models import EventOutcome, Hint
from integrations.services import inbox
from integrations.services.inbox import Receipt

URI = "https://portal.test/hooks/hubspot/"
Notice = dict[str, Any]


def notice(**members: Any) -> Notice:
    """Return one notice as HubSpot sends it; `members` replace its members."""
    return {
        "eventId": 1,
        "subscriptionId": 7,
        "portalId": 4711001,
        "occurredAt": 1_795_132_800_000,
        "subscriptionType": "contact.propertyChange",
        "objectId": 901,
        "propertyName": "lifecyclestage",
        "propertyValue": "customer",
    } | members


def receive(*notices: Notice, secret: str = "", at: datetime | None = None) -> Receipt:
    """Deliver notices in one body, signed as of `at`."""
    body = json.dumps(notices).encode()
    now = at or timezone.now()
    signed = headers(
        secret or settings.HUBSPOT_CLIENT_SECRET,
        URI,
        body,
        int(now.timestamp() * 1000),
        legacy=False,
    )
    return inbox.receive(method="POST", uri=URI, headers=signed, body=body, now=timezone.now())


def routers() -> int:
    """Return how many wake-ups of the router wait in the queue."""
    return [row.func() for row in OrmQ.objects.all()].count("integrations.tasks.route_events")


def hints() -> list[tuple[str, bool, bool]]:
    """Return id, fired and asked of every hint."""
    return sorted(Hint.objects.values_list("record_id", "fired", "asked"))


def outcome() -> str:
    """Return the outcome of the only notice."""
    return EventOutcome.objects.get().outcome
