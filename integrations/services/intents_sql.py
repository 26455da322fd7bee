"""The statements about intents, and how statements are run. No decisions here.

All of them run inside the caller's transaction and work on a whole slice at once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection as database

from integrations.engine.pairs import Action, IntentState, OpenIntent
from integrations.engine.records import Side
from integrations.services.link_json import VERDICT


@dataclass(frozen=True, slots=True)
class PlannedWrite:
    """An intent about to be stored. `decided`: a person said that this record is archived."""

    link_id: int
    side: Side
    action: Action
    external_key: str
    fields: tuple[str, ...]
    decided: bool = False


def open_intents(
    object_sync_id: UUID, link_ids: Sequence[int]
) -> Mapping[int, tuple[OpenIntent, ...]]:
    """Return the writes of these links whose end is not known, oldest first."""
    found: dict[int, tuple[OpenIntent, ...]] = {}
    for key, link_id, side, action, external_key, fields in query(
        """
        SELECT id, link_id, side, action, external_key, fields FROM integrations_intent
        WHERE object_sync_id = %s AND link_id = ANY(%s) AND state IN ('planned', 'unknown')
        ORDER BY id
        """,
        [object_sync_id, list(link_ids)],
    ):
        names = tuple(name for name in json.loads(fields) if name != VERDICT)
        intent = OpenIntent(key, Side(side), Action(action), external_key, names)
        found[link_id] = (*found.get(link_id, ()), intent)
    return found


def insert_intents(
    object_sync_id: UUID,
    fence: int,
    run_id: int | None,
    writes: Sequence[PlannedWrite],
    now: datetime,
) -> list[int]:
    """Store intents as planned and return their ids in the order given.

    There is at most one per link and side. What a person decided is marked among the fields, of
    which an archive has none.
    """
    rows = [
        (w.link_id, w.side.value, w.action.value, w.external_key, json.dumps(_marked(w)))
        for w in writes
    ]
    stored = query(
        """
        INSERT INTO integrations_intent (object_sync_id, link_id, side, action, external_key,
            fields, state, fence, run_id, error, created_at)
        SELECT %s, link_id, side, action, external_key, fields::jsonb, %s, %s, %s, '', %s
        FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[])
            AS new (link_id, side, action, external_key, fields)
        RETURNING link_id, side, id
        """,
        [object_sync_id, IntentState.PLANNED.value, fence, run_id, now, *columns(rows)],
    )
    ids = {(link_id, side): key for link_id, side, key in stored}
    return [ids[write.link_id, write.side.value] for write in writes]


def _marked(write: PlannedWrite) -> tuple[str, ...]:
    return (*write.fields, VERDICT) if write.decided else write.fields


def count_archives(object_sync_id: UUID, since: datetime, but: Sequence[int] = ()) -> int:
    """Count the pairs whose records the policy has archived since then, or may have.

    What a person decided does not count, nor do the extra records of merges: their links are
    superseded. Several attempts at one pair count once, refused ones not at all. `but` are links
    that are counted elsewhere.
    """
    [(count,)] = query(
        """
        SELECT count(DISTINCT intent.link_id) FROM integrations_intent AS intent
        JOIN integrations_recordlink AS link ON link.id = intent.link_id
        WHERE intent.object_sync_id = %s AND intent.action = 'archive' AND intent.created_at > %s
            AND intent.state IN ('planned', 'unknown', 'confirmed')
            AND NOT intent.fields @> %s::jsonb AND link.state <> 'superseded'
            AND intent.link_id <> ALL(%s)
        """,
        [object_sync_id, since, json.dumps([VERDICT]), list(but)],
    )
    return int(count)


def close_intents(
    object_sync_id: UUID, ends: Sequence[tuple[int, IntentState, str]], now: datetime
) -> None:
    """Store how intents (id, state, error code) ended; an unknown one stays open."""
    if not ends:
        return
    execute(
        """
        UPDATE integrations_intent AS intent SET state = ended.state, error = ended.error,
            settled_at = CASE WHEN ended.state = 'unknown' THEN NULL ELSE %s END
        FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS ended (id, state, error)
        WHERE intent.id = ended.id AND intent.object_sync_id = %s
        """,
        [now, *columns([(key, state.value, error) for key, state, error in ends]), object_sync_id],
    )


def abandon_intents(object_sync_id: UUID, fence: int) -> None:
    """Let intents that an earlier holder left planned count as unknown."""
    execute(
        """
        UPDATE integrations_intent SET state = 'unknown'
        WHERE object_sync_id = %s AND state = 'planned' AND fence < %s
        """,
        [object_sync_id, fence],
    )


def retarget(object_sync_id: UUID, heirs: Sequence[tuple[int, int]]) -> None:
    """Hand the open intents of links over: pairs (old link, new link)."""
    execute(
        """
        UPDATE integrations_intent AS intent SET link_id = heir.new
        FROM unnest(%s::bigint[], %s::bigint[]) AS heir (old, new)
        WHERE intent.object_sync_id = %s AND intent.link_id = heir.old
            AND intent.state IN ('planned', 'unknown')
        """,
        [*columns(heirs), object_sync_id],
    )


def columns(rows: Sequence[tuple[Any, ...]]) -> list[list[Any]]:
    """Turn rows into the arrays that `unnest` takes."""
    return [list(column) for column in zip(*rows, strict=True)]


def query(sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Run a statement and return its rows."""
    with database.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def execute(sql: str, parameters: Sequence[Any]) -> None:
    """Run a statement that returns nothing."""
    with database.cursor() as cursor:
        cursor.execute(sql, parameters)
