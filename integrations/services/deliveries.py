"""What others are told about synced records: which outcomes, in which words, to whom.

Sending is in `sending.py`. Ids and codes only, never a value of a record.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Final

from django.db import connection as database
from django.db import transaction

from integrations.engine.explanations import explain
from integrations.engine.pairs import Action, IntentState, LinkState
from integrations.engine.records import Side
from integrations.models import Connection, ObjectSync, Publishing
from integrations.services import connectors, syncs, wakes
from integrations.services.endings import Ending

TASK: Final = "send_deliveries"
PUBLISH_FIELDS: Final = ("publishing", "publish_failures", "publish_detail")

# One statement per slice, whatever its size: a line per outcome and open destination.
INSERT: Final = """
    INSERT INTO integrations_delivery (tenant_id, object_sync_id, endpoint_id, destination, event,
        payload, state, attempts, due_at, last_error, message_id, created_at)
    SELECT %(tenant)s, %(object_sync)s, place.endpoint_id, place.destination, %(event)s,
        told.payload, 'waiting', 0, %(now)s, '', '', %(now)s
    FROM (
        SELECT target.id AS destination, NULL::uuid AS endpoint_id
        FROM integrations_connection AS target
        WHERE target.id = %(target)s AND target.publishing = 'on'
        UNION ALL
        SELECT id, id FROM integrations_endpoint WHERE integration_id = %(integration)s AND enabled
    ) AS place
    CROSS JOIN jsonb_array_elements(%(payloads)s::jsonb) WITH ORDINALITY AS told (payload, number)
    ORDER BY place.destination, told.number
"""


def enqueue(
    object_sync: ObjectSync,
    endings: Sequence[Ending],
    now: datetime,
    run_id: int | None = None,
) -> None:
    """Store what is told about settled pairs, in the caller's transaction.

    One delivery per destination and pair that was written, linked or has failed for good; none
    for "nothing to do" and for what will be tried again. Sending starts after the commit.
    """
    event = syncs.spec_of(object_sync).synced_event
    if not event:
        return
    payloads = [
        payload_of(object_sync, ending, now, run_id) for ending in endings if is_news(ending)
    ]
    if not payloads:
        return
    with database.cursor() as cursor:
        cursor.execute(
            INSERT,
            {
                "tenant": object_sync.tenant_id,
                "object_sync": object_sync.pk,
                "event": event,
                "now": now,
                "target": object_sync.integration.target_id,
                "integration": object_sync.integration_id,
                "payloads": json.dumps(payloads),
            },
        )
        if cursor.rowcount:
            # Not in this transaction: its lanes would wait for each other at the flag.
            transaction.on_commit(partial(wakes.call, TASK, now))


def is_news(ending: Ending) -> bool:
    """Tell whether anybody is told of an outcome."""
    if _has_failed(ending):
        return ending.turned or bool(ending.item.writes)
    return bool(_written(ending)) or _is_new_link(ending)


def payload_of(
    object_sync: ObjectSync, ending: Ending, now: datetime, run_id: int | None
) -> dict[str, object]:
    """Return the payload of one outcome (shape: Thena sheet, section 7.4; the inside is ours)."""
    integration, row = object_sync.integration, ending.row
    failed = _has_failed(ending)
    error = {"code": row.reason, "message": explain(row.reason, row.detail)[:500]}
    return {
        "status": "FAILED" if failed else "SUCCESS",
        "operation": _operation(ending),
        "hubspot": {
            "portalId": integration.hubspot.account_id,
            id_name(object_sync.hubspot_object): row.hubspot_id or None,
        },
        integration.system: {id_name(object_sync.target_object): row.target_id or None},
        "direction": _direction(ending, integration.system),
        "jobId": str(run_id or ""),
        "error": error if failed else None,
        "syncedAt": now.isoformat().replace("+00:00", "Z"),
    }


def id_name(object_type: str) -> str:
    """Return the name under which an object's id is told: contacts becomes contactId."""
    stem = f"{object_type[:-3]}y" if object_type.endswith("ies") else object_type.removesuffix("s")
    return f"{stem}Id"


def follow_secrets(connection: Connection, secrets: Mapping[str, str]) -> None:
    """Publish from now on if the app's credentials are there, in memory; the caller saves.

    New credentials also end a refusal, so call it only where credentials have changed.
    """
    names = connectors.spec_of(connection.system).app_secrets
    has_all = bool(names) and all(secrets.get(name) for name in names)
    connection.publishing = Publishing.ON if has_all else Publishing.OFF
    connection.publish_failures, connection.publish_detail = 0, ""


def _has_failed(ending: Ending) -> bool:
    return ending.due_at is None and ending.row.state == LinkState.FAILING


def _is_new_link(ending: Ending) -> bool:
    row, linked = ending.row, ending.item.decision.action is Action.LINK
    return linked and row.state == LinkState.LINKED and ending.turned


def _written(ending: Ending) -> set[tuple[Side, Action]]:
    """Return the writes known to have arrived, lost replies that reading has confirmed included."""
    item = ending.item
    confirmed = {key for key, state in item.resolved if state is IntentState.CONFIRMED}
    return {
        (write.side, write.action) for write in item.writes if write.state is IntentState.CONFIRMED
    } | {(intent.side, intent.action) for intent in item.link.unresolved if intent.key in confirmed}


def _operation(ending: Ending) -> str:
    tried = {action for _side, action in _written(ending)}
    tried |= {write.action for write in ending.item.writes} or {ending.item.decision.action}
    if Action.CREATE in tried:
        return "created"
    if ending.item.decision.action is Action.LINK:
        return "linked"
    return "archived" if Action.ARCHIVE in tried else "updated"


def _direction(ending: Ending, system: str) -> str:
    """Say which way it went; a pair that was only linked, or not written, is told as it was met."""
    towards = {side for side, _action in _written(ending)}
    towards |= {write.side for write in ending.item.writes}
    towards |= set(ending.item.decision.patches)
    towards = towards or {hint.side.other for hint in ending.item.hints[:1]} or {Side.TARGET}
    ways = {Side.TARGET: f"hubspot_to_{system}", Side.HUBSPOT: f"{system}_to_hubspot"}
    return "both" if len(towards) > 1 else ways[towards.pop()]
