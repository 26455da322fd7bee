"""Which pairs a pass has met already: one statement per page, none of it changes an outcome."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from integrations.engine.records import Side
from integrations.services.intents_sql import execute, query


def mark(object_sync_id: UUID, side: Side, ids: Collection[str], number: int) -> None:
    """Note on the links of these ids which pass met them; in the caller's transaction."""
    if ids:
        execute(
            """
            UPDATE integrations_recordlink AS link SET seen_mark = %s
            FROM integrations_alias AS alias
            WHERE alias.object_sync_id = %s AND alias.side = %s AND alias.record_id = ANY(%s)
                AND link.id = alias.link_id AND link.seen_mark <> %s
            """,
            [number, object_sync_id, side.value, list(ids), number],
        )


def marks(object_sync_id: UUID, side: Side, ids: Sequence[str]) -> dict[str, int]:
    """Return the mark of each id's link; ids without a link are left out."""
    if not ids:
        return {}
    found = query(
        """
        SELECT alias.record_id, link.seen_mark FROM integrations_alias AS alias
        JOIN integrations_recordlink AS link ON link.id = alias.link_id
        WHERE alias.object_sync_id = %s AND alias.side = %s AND alias.record_id = ANY(%s)
        """,
        [object_sync_id, side.value, list(ids)],
    )
    return {record_id: number for record_id, number in found}
