"""The ledger's statements about links and aliases: each works on a whole slice. No decisions here.

All of them run inside the caller's transaction. Those about intents are in `intents_sql.py`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from integrations.engine.errors import LeaseLost
from integrations.engine.pairs import Base, Link, LinkState
from integrations.engine.reasons import Reason
from integrations.engine.records import Side
from integrations.services.intents_sql import columns, execute, open_intents, query
from integrations.services.link_json import VERDICT, read_choices, read_refusals, read_verdict
from integrations.services.link_rows import Row, as_json

STUCK: Final = [LinkState.FAILING.value, LinkState.HELD.value]
"""States that only a person or another attempt ends."""


def check_fence(object_sync_id: UUID, fence: int) -> None:
    """Lock the lane for this transaction; raises LeaseLost if somebody else holds it now."""
    found = query(
        "SELECT 1 FROM integrations_lane WHERE object_sync_id = %s AND fence = %s FOR UPDATE",
        [object_sync_id, fence],
    )
    if not found:
        raise LeaseLost("Another worker holds the lane now.")


def find_links(
    object_sync_id: UUID, side: Side, ids: Sequence[str]
) -> tuple[dict[str, Link], dict[int, Row]]:
    """Return links by any id ever seen on that side, with their unresolved intents, and rows."""
    found = query(
        """
        SELECT alias.record_id, link.base, link.generation, link.id, link.hubspot_id,
            link.target_id, link.external_key, link.state, link.reason, link.detail,
            link.missing_since, link.choices, link.refused
        FROM integrations_alias AS alias
        JOIN integrations_recordlink AS link ON link.id = alias.link_id
        WHERE alias.object_sync_id = %s AND alias.side = %s AND alias.record_id = ANY(%s)
        """,
        [object_sync_id, side.value, list(ids)],
    )
    rows = {line[3]: Row(*line[3:-2]) for line in found}
    # The writes of an ended link are those of its merge, which resolves them by itself.
    going = [key for key, row in rows.items() if row.state != LinkState.SUPERSEDED]
    intents = open_intents(object_sync_id, going) if going else {}
    links = {}
    for record_id, base, generation, key, *_rest, choices, refused in found:
        row = rows[key]
        row.choices = choices
        links[record_id] = Link(
            key=key,
            state=LinkState(row.state),
            hubspot_id=row.hubspot_id,
            target_id=row.target_id,
            external_key=row.external_key,
            base=Base(**json.loads(base)),
            generation=generation,
            missing_since=row.missing_since,
            unresolved=intents.get(key, ()),
            choices=read_choices(choices) if choices != "{}" else {},
            verdict=read_verdict(choices) if choices != "{}" else None,
            refused=read_refusals(refused) if refused != "{}" else {},
            reason=Reason(row.reason) if row.reason else None,
        )
    return links, rows


def find_pairs(object_sync_id: UUID, side: Side, ids: Sequence[str]) -> dict[str, Link]:
    """Return links by any id ever seen on that side: their ids and states, nothing else of them."""
    found = query(
        """
        SELECT alias.record_id, link.id, link.state, link.hubspot_id, link.target_id
        FROM integrations_alias AS alias
        JOIN integrations_recordlink AS link ON link.id = alias.link_id
        WHERE alias.object_sync_id = %s AND alias.side = %s AND alias.record_id = ANY(%s)
        """,
        [object_sync_id, side.value, list(ids)],
    )
    return {
        record_id: Link(key, LinkState(state), *sides) for record_id, key, state, *sides in found
    }


def read_rows(link_ids: Iterable[int]) -> dict[int, Row]:
    """Return what is stored now about these links, without their bases."""
    wanted = list(link_ids)
    if not wanted:
        return {}
    found = query(
        """
        SELECT id, hubspot_id, target_id, external_key, state, reason, detail, missing_since,
            choices
        FROM integrations_recordlink WHERE id = ANY(%s)
        """,
        [wanted],
    )
    rows = {line[0]: Row(*line[:-1]) for line in found}
    for line in found:
        rows[line[0]].choices = line[-1]
    return rows


def holders(object_sync_id: UUID, ids: Iterable[tuple[Side, str]]) -> dict[tuple[Side, str], Row]:
    """Return the links to which these ids belong so far."""
    wanted = list(ids)
    if not wanted:
        return {}
    rows = query(
        """
        SELECT alias.side, alias.record_id, link.id, link.hubspot_id, link.target_id,
            link.external_key, link.state, link.reason, link.detail, link.missing_since
        FROM integrations_alias AS alias
        JOIN unnest(%s::text[], %s::text[]) AS wanted (side, record_id) USING (side, record_id)
        JOIN integrations_recordlink AS link ON link.id = alias.link_id
        WHERE alias.object_sync_id = %s
        """,
        [*columns([(side.value, record_id) for side, record_id in wanted]), object_sync_id],
    )
    return {(Side(row[0]), row[1]): Row(*row[2:]) for row in rows}


def insert_links(
    tenant_id: UUID, object_sync_id: UUID, rows: Sequence[Row], version: int, now: datetime
) -> None:
    """Store new links with an alias per id, and fill in their keys."""
    if not rows:
        return
    stored = query(
        """
        WITH stored AS (
            INSERT INTO integrations_recordlink (tenant_id, object_sync_id, hubspot_id, target_id,
                external_key, state, reason, detail, missing_since, base, refused, generation,
                version_number, created_at, decided_at)
            SELECT %s, %s, new.hubspot_id, new.target_id, new.external_key, new.state, new.reason,
                new.detail, new.missing_since, coalesce(new.base, '{}'),
                coalesce(new.refused, '{}'), 0, %s, %s, %s
            FROM jsonb_to_recordset(%s::jsonb) AS new (hubspot_id text, target_id text,
                external_key text, state text, reason text, detail text, missing_since float8,
                base jsonb, refused jsonb)
            RETURNING hubspot_id, target_id, id
        ), named AS (
            INSERT INTO integrations_alias (object_sync_id, side, record_id, link_id)
            SELECT %s, side, record_id, id FROM stored
            CROSS JOIN LATERAL (VALUES ('hubspot', hubspot_id), ('target', target_id))
                AS ids (side, record_id)
            WHERE record_id <> ''
            ON CONFLICT (object_sync_id, side, record_id) DO UPDATE SET link_id = excluded.link_id
        )
        SELECT hubspot_id, target_id, id FROM stored
        """,
        [tenant_id, object_sync_id, version, now, now, as_json(rows), object_sync_id],
    )
    keys = {(hubspot_id, target_id): key for hubspot_id, target_id, key in stored}
    for row in rows:
        row.id = keys[row.hubspot_id, row.target_id]


def update_links(rows: Sequence[Row], version: int, now: datetime) -> None:
    """Store changed links.

    A verdict is about one deletion: it stays only from a held one to the same held one, also if a
    person stored it after the link was read.
    """
    if not rows:
        return
    execute(
        """
        UPDATE integrations_recordlink AS link
        SET hubspot_id = new.hubspot_id, target_id = new.target_id,
            external_key = new.external_key, state = new.state, reason = new.reason,
            detail = new.detail, missing_since = new.missing_since,
            base = coalesce(new.base, link.base),
            refused = coalesce(new.refused, link.refused), version_number = %s, decided_at = %s,
            choices = CASE WHEN new.keeps_verdict AND link.state = %s AND link.reason = %s
                THEN link.choices
                WHEN new.state = 'held' OR link.choices <> new.choices::jsonb
                THEN link.choices - %s ELSE '{}' END
        FROM jsonb_to_recordset(%s::jsonb) AS new (id bigint, hubspot_id text, target_id text,
            external_key text, state text, reason text, detail text, missing_since float8,
            base jsonb, refused jsonb, choices text, keeps_verdict boolean)
        WHERE link.id = new.id
        """,
        [version, now, LinkState.HELD.value, Reason.DELETE_HELD.value, VERDICT, as_json(rows)],
    )


def supersede(link_ids: Sequence[int], reason: str, detail: str, now: datetime) -> None:
    """End links whose records live on under another link."""
    if link_ids:
        execute(
            """
            UPDATE integrations_recordlink SET state = %s, reason = %s, detail = %s, decided_at = %s
            WHERE id = ANY(%s)
            """,
            [LinkState.SUPERSEDED.value, reason, detail, now, list(link_ids)],
        )


def move(moves: Sequence[tuple[int, str]], reason: str, now: datetime) -> None:
    """Let links (id, new HubSpot id) follow merges: one generation on. What failed goes on so."""
    execute(
        """
        UPDATE integrations_recordlink AS link
        SET hubspot_id = moved.new_id, generation = generation + 1, decided_at = %s,
            reason = CASE WHEN state = ANY(%s) THEN reason ELSE %s END,
            detail = CASE WHEN state = ANY(%s) THEN detail ELSE '' END
        FROM unnest(%s::bigint[], %s::text[]) AS moved (id, new_id) WHERE link.id = moved.id
        """,
        [now, STUCK, reason, STUCK, *columns(moves)],
    )


def insert_aliases(object_sync_id: UUID, aliases: Sequence[tuple[Side, str, int]]) -> None:
    """Let ids (side, id, link) lead to their links from now on."""
    if not aliases:
        return
    rows = {(side.value, record_id): link_id for side, record_id, link_id in aliases}
    execute(
        """
        INSERT INTO integrations_alias AS held (object_sync_id, side, record_id, link_id)
        SELECT %s, side, record_id, link_id
        FROM unnest(%s::text[], %s::text[], %s::bigint[]) AS new (side, record_id, link_id)
        ON CONFLICT (object_sync_id, side, record_id) DO UPDATE SET link_id = excluded.link_id
        WHERE held.link_id <> excluded.link_id
        """,
        [object_sync_id, *columns([(*key, link_id) for key, link_id in rows.items()])],
    )


def adopt(object_sync_id: UUID, heirs: Sequence[tuple[int, int]]) -> None:
    """Hand the HubSpot ids of links over: pairs (old link, new link). Target ids stay."""
    execute(
        """
        UPDATE integrations_alias AS alias SET link_id = heir.new
        FROM unnest(%s::bigint[], %s::bigint[]) AS heir (old, new)
        WHERE alias.object_sync_id = %s AND alias.side = 'hubspot' AND alias.link_id = heir.old
        """,
        [*columns(heirs), object_sync_id],
    )
