"""Pairs that point to other pairs: looking those up, and waking whoever waited for one.

Who waits and why is decided in the engine. Everything here runs in the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final
from uuid import UUID

from integrations.engine.pairs import Link, LinkState, Unmet
from integrations.engine.ports import Priority
from integrations.engine.records import Side
from integrations.models import ObjectSync, SyncState
from integrations.services import connectors, hints, leases, ledger_sql, readiness
from integrations.services.endings import Ending
from integrations.services.hints import NewHint
from integrations.services.intents_sql import columns, execute, query
from integrations.services.link_rows import ENDED

Waiting = tuple[int, UUID, str, str]
"""A link, and the object sync, side and id that it waits for."""
IN_USE: Final = (SyncState.ACTIVE, SyncState.PAUSED, SyncState.HELD)

REPLACE: Final = """
    WITH gone AS (
        DELETE FROM integrations_dependency WHERE link_id = ANY(%s)
            AND (link_id, parent_sync_id, side, record_id) NOT IN (
                SELECT * FROM unnest(%s::bigint[], %s::uuid[], %s::text[], %s::text[]))
    )
    INSERT INTO integrations_dependency (link_id, parent_sync_id, side, record_id)
    SELECT * FROM unnest(%s::bigint[], %s::uuid[], %s::text[], %s::text[])
    ON CONFLICT DO NOTHING
"""

NOW: Final = """
    SELECT alias.object_sync_id, alias.side, alias.record_id, link.hubspot_id, link.target_id,
        link.state
    FROM integrations_alias AS alias
    JOIN unnest(%s::uuid[], %s::text[], %s::text[]) AS wanted (sync, side, record_id)
        ON alias.object_sync_id = wanted.sync AND alias.side = wanted.side
            AND alias.record_id = wanted.record_id
    JOIN integrations_recordlink AS link ON link.id = alias.link_id
"""

CHILDREN: Final = """
    SELECT DISTINCT child.object_sync_id, child.hubspot_id, child.target_id
    FROM unnest(%s::bigint[], %s::bool[]) AS parent (id, paired)
    JOIN integrations_alias AS alias ON alias.link_id = parent.id
    JOIN integrations_dependency AS dependency ON dependency.parent_sync_id = alias.object_sync_id
        AND dependency.side = alias.side AND dependency.record_id = alias.record_id
    JOIN integrations_recordlink AS child ON child.id = dependency.link_id
    WHERE parent.paired OR child.state = 'pending'
"""


def siblings(object_sync: ObjectSync) -> Mapping[str, UUID]:
    """Return the object syncs in use of the same integration, by key.

    Nobody waits for records of one that the settings switch off, as for those of one not published.
    """
    rows = ObjectSync.objects.filter(
        integration=object_sync.integration_id, state__in=IN_USE
    ).exclude(version=None)
    rows = rows.exclude(state=SyncState.PAUSED, reason_detail=readiness.SWITCHED_OFF)
    return dict(rows.values_list("key", "pk"))


def is_pointed_to(object_sync: ObjectSync) -> bool:
    """Tell whether other object syncs of this system have fields that point to this one."""
    pointers = _references(object_sync.integration.system).values()
    return any(object_sync.key in keys for keys in pointers)


def parents(sibling: UUID | None, side: Side, ids: Sequence[str]) -> Mapping[str, Link] | None:
    """Return the links of a sibling by id, without bases and intents; None where it is not in use.

    A pointer only asks whether there is a pair.
    """
    return None if sibling is None else ledger_sql.find_pairs(sibling, side, ids)


def remember(object_sync: ObjectSync, endings: Sequence[Ending]) -> None:
    """Store what settled pairs wait for; before their hints are touched, or lanes may deadlock.

    What is a pair meanwhile is looked at again at once.
    """
    endings = [ending for ending in endings if ending.row.id]
    if not endings or not _references(object_sync.integration.system)[object_sync.key]:
        return
    known = siblings(object_sync) if any(ending.item.unmet for ending in endings) else {}
    rows = {
        (ending.row.id, known[unmet.reference], unmet.side.value, unmet.record_id): unmet
        for ending in endings
        for unmet in ending.item.unmet
        if unmet.reference in known
    }
    values = columns(list(rows)) if rows else [[], [], [], []]
    execute(REPLACE, [[ending.row.id for ending in endings], *values, *values])
    if not rows:
        return
    # A settlement of a parent that is under way is seen below; the next one sees what we stored.
    leases.wait_for_settling({row[1] for row in rows})
    _ask_for({row[1:] for row, unmet in rows.items() if unmet.waits and not unmet.known})
    over = _over(rows)
    again = [ending for ending in endings if ending.row.id in over]
    hints.raise_hints(object_sync.pk, [_hint(e.row.hubspot_id, e.row.target_id) for e in again])


def _over(rows: Mapping[Waiting, Unmet]) -> set[int]:
    """Return the links of which somebody's waiting ended while they were being worked on."""
    states = {
        tuple(found[:3]): (bool(found[3] and found[4]) and found[5] not in ENDED, found[5])
        for found in query(NOW, columns(sorted({row[1:] for row in rows}, key=str)))
    }
    over = set()
    for (link_id, *place), unmet in rows.items():
        paired, state = states.get(tuple(place), (False, LinkState.PENDING))
        if paired or (unmet.waits and state != LinkState.PENDING):
            over.add(link_id)
    return over


def _ask_for(places: set[tuple[UUID, str, str]]) -> None:
    """Let unknown records that somebody waits for be looked at."""
    wanted: dict[UUID, list[NewHint]] = {}
    for sync_id, side, record_id in places:
        wanted.setdefault(sync_id, []).append(NewHint(Side(side), record_id, Priority.RETRY))
    for sync_id, raised in wanted.items():
        hints.raise_hints(sync_id, raised)
    hints.wake(wanted)


def wake(object_sync: ObjectSync, endings: Sequence[Ending]) -> None:
    """Look again at pairs that waited for these: for them being pairs, or for any end at all."""
    if not is_pointed_to(object_sync):
        return
    settled = [e for e in endings if e.row.id and e.row.state != LinkState.PENDING]
    if not settled:
        return
    paired = [
        bool(e.row.hubspot_id and e.row.target_id) and e.row.state not in ENDED for e in settled
    ]
    wanted: dict[UUID, list[NewHint]] = {}
    for sync_id, hubspot_id, target_id in query(CHILDREN, [[e.row.id for e in settled], paired]):
        wanted.setdefault(sync_id, []).append(_hint(hubspot_id, target_id))
    for sync_id, raised in wanted.items():
        hints.raise_hints(sync_id, raised)
    hints.wake(wanted)


def _hint(hubspot_id: str, target_id: str) -> NewHint:
    side = Side.HUBSPOT if hubspot_id else Side.TARGET
    return NewHint(side, hubspot_id or target_id, Priority.RETRY)


@cache
def _references(system: str) -> Mapping[str, frozenset[str]]:
    """Return which object syncs of a system each of them points to."""
    return {
        sync.key: frozenset(rule.reference for rule in sync.build({}).rules if rule.reference)
        for sync in connectors.spec_of(system).syncs
    }
