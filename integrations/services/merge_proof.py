"""Two pieces of evidence that two HubSpot records are one now. Reads, and decides nothing else."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from django.db.models import Q

from integrations.engine.ports import Connector, EventKind
from integrations.engine.records import Record, Side
from integrations.models import Event, Merge
from integrations.services import ledger_sql

NOTICES: Final = 20
"""How many merge notices are looked at per id."""


def is_proven(merge: Merge, hubspot: Connector, object_type: str) -> bool:
    """Tell whether HubSpot shows the merge in two ways.

    Every id of before answers with the kept pair's record; and that record lists them as its own,
    or HubSpot sent a notice about it.
    """
    asked = [one for one in merge.old_ids if one]
    found = hubspot.fetch(object_type, asked, ())
    loser, survivors = asked[0], {record.id for record in found.values()}
    moved = {one for one, record in found.items() if record.id != one}
    if len(survivors) != 1 or loser not in found or not moved:
        return False
    [survivor] = survivors
    link = ledger_sql.find_pairs(merge.object_sync_id, Side.HUBSPOT, [survivor]).get(survivor)
    if link is None or link.key != merge.kept_id:
        return False
    wanted = {loser} & moved or moved
    return _listed(wanted, found.values()) or _noticed(merge, object_type, wanted)


def _listed(wanted: Collection[str], records: Collection[Record]) -> bool:
    return any(set(wanted) <= record.merged_ids for record in records)


def _noticed(merge: Merge, object_type: str, wanted: Collection[str]) -> bool:
    """Tell whether merge notices name all of these ids as merged."""
    hubspot = merge.object_sync.integration.hubspot_id
    rows = Event.objects.filter(
        Q(record_id__in=[*merge.old_ids, merge.hubspot_id]),
        tenant=merge.tenant_id,
        connection=hubspot,
        object_type=object_type,
        kind=EventKind.MERGED,
    )
    named: set[str] = set()
    for raw in rows.order_by("-pk").values_list("raw", flat=True)[:NOTICES]:
        payload = raw or {}
        named.update(payload.get("merged_ids", ()), [payload.get("primary_id", "")])
    return set(wanted) <= named
