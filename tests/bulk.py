"""A history of many rows, written by the database itself, for tests that read query plans."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.utils import timezone

from integrations.models import ObjectSync

ROWS = 50_000
TABLES = ("integrations_auditentry", "integrations_recordlink", "integrations_event")
FILL = (
    """
    INSERT INTO integrations_auditentry (tenant_id, at, action, reason, detail, link_id,
        hubspot_id, target_id, side, version_number, before, after, sealed, duration_ms)
    SELECT %(tenant)s, %(now)s, 'update', CASE n %% 9000 WHEN 7 THEN 'gave_up' ELSE 'updated' END,
        '', n, n::text, 'T' || n, 'target', 1, '{}', '{"City": "Easton"}', 'sealed-value', 5
    FROM generate_series(%(first)s, %(last)s) n
    """,
    """
    INSERT INTO integrations_recordlink (tenant_id, object_sync_id, hubspot_id, target_id,
        external_key, state, reason, detail, base, generation, version_number, missing_since,
        created_at, decided_at)
    SELECT %(tenant)s, %(sync)s, n::text, 'T' || n, '', 'linked',
        CASE n %% 9000 WHEN 7 THEN 'gave_up' ELSE 'updated' END, '', '{"hubspot": {}}', 0, 1, 0,
        %(now)s, %(now)s
    FROM generate_series(%(first)s, %(last)s) n
    """,
    """
    INSERT INTO integrations_event (tenant_id, connection_id, dedup_key, object_type, kind,
        record_id, property, occurred_at, received_at, routed_at, outcome)
    SELECT %(tenant)s, %(hubspot)s, n::text, 'contacts', 'changed', n::text, '', %(now)s, %(now)s,
        %(now)s, ''
    FROM generate_series(%(first)s, %(last)s) n
    """,
)


def fill(*syncs: ObjectSync) -> None:
    """Share `ROWS` audit entries, links and events among some object syncs.

    Record n has the HubSpot id "n" and the target id "Tn"; a few ended with the rare "gave_up".
    """
    share = ROWS // len(syncs)
    with connection.cursor() as cursor:
        for place, row in enumerate(syncs):
            values: dict[str, Any] = {
                "tenant": row.tenant_id,
                "sync": row.pk,
                "hubspot": row.integration.hubspot_id,
                "first": place * share,
                "last": (place + 1) * share - 1,
                "now": timezone.now(),
            }
            for statement in FILL:
                cursor.execute(statement, values)
        # Joined tables too: what tests before left of their statistics would sway the plans.
        for table in (*TABLES, "integrations_tenant", "auth_user"):
            cursor.execute(f"ANALYZE {table}")


def plans(queries: list[dict[str, str]]) -> list[str]:
    """Return the plan of each captured SELECT."""
    found = []
    with connection.cursor() as cursor:
        for query in queries:
            if query["sql"].startswith("SELECT"):
                cursor.execute(f"EXPLAIN {query['sql']}")
                found.append("\n".join(line for (line,) in cursor.fetchall()))
    return found
