"""Finding a record by whatever id a person has at hand. Reads aliases, calls nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass

from integrations.engine.pairs import LinkState
from integrations.engine.records import Side
from integrations.models import Alias, Integration, ObjectSync, RecordLink
from integrations.services import syncs


@dataclass(frozen=True, slots=True)
class Found:
    """Which record is meant. `known` False: the portal has not seen this id yet."""

    object_sync: ObjectSync
    side: Side
    record_id: str
    known: bool


def find(
    integration: Integration, text: str, side: Side | None = None, key: str = ""
) -> list[Found]:
    """Return the records an id may mean, HubSpot's first; an unseen id counts as HubSpot's.

    Takes a HubSpot id, a target id or our external key in the target. Two kinds of record may have
    the same id: those of the object sync `key` come first of all.
    """
    rows = list(integration.object_syncs.select_related("integration", "version"))
    rows.sort(key=lambda row: (row.key != key, row.created_at))
    wanted = [side] if side else list(Side)
    ids = {row.pk: {text, _inside_key(row, text)} - {""} for row in rows}
    seen = Alias.objects.filter(
        object_sync__in=rows, side__in=wanted, record_id__in=set().union(*ids.values(), {text})
    ).values_list("object_sync", "side", "record_id")
    by_key = {row.pk: row for row in rows}
    found = [
        Found(by_key[key], Side(on), record_id, known=True)
        for key, on, record_id in seen
        if record_id in ids[key] and (record_id == text or on == Side.HUBSPOT)
    ]
    places = {row.pk: place for place, row in enumerate(rows)}
    found.sort(
        key=lambda each: (
            each.object_sync.key != key,
            each.side is not Side.HUBSPOT,
            places[each.object_sync.pk],
        )
    )
    if found or not rows:
        return found
    row = rows[0]
    return [Found(row, side or Side.HUBSPOT, _inside_key(row, text) or text, known=False)]


def example(object_sync: ObjectSync) -> str:
    """Return the HubSpot id of the newest linked record, "" for none: something to try rules on."""
    rows = RecordLink.objects.filter(object_sync=object_sync, state=LinkState.LINKED)
    return rows.order_by("-pk").values_list("hubspot_id", flat=True).first() or ""


def _inside_key(row: ObjectSync, text: str) -> str:
    """Return the id inside an external key such as "hubspot_901", "" when it is none."""
    template = syncs.config_of(row).target.upsert_key if row.version else ""
    if not template:
        return ""
    pattern = re.escape(template).replace(re.escape("{id}"), "(.+)")
    match = re.fullmatch(pattern, text)
    return match.group(1) if match else ""
