"""Support's lists stay fast whatever the size: read from the queries' plans, not from a clock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from integrations.admin.base import COUNT_LIMIT
from integrations.models import ObjectSync
from tests import factories

ROWS = 50_000
BIG = ("integrations_auditentry", "integrations_recordlink", "integrations_event")
PAGES = (
    "auditentry/",
    "auditentry/?p=3",
    "auditentry/?q=31007",
    "auditentry/?q=T31007",
    "auditentry/?q=gave_up",
    "auditentry/?q=no-such-id",
    "auditentry/?reason=gave_up",
    "auditentry/?reason=updated",
    "auditentry/?reason=conflict",
    "recordlink/",
    "recordlink/?q=31007",
    "recordlink/?q=T31007",
    "recordlink/?q=gave_up",
    "recordlink/?reason=gave_up",
    "event/",
    "event/?q=31007",
)
Plans = Callable[[str], list[str]]


@pytest.fixture
def history(sync: ObjectSync) -> ObjectSync:
    """Fill audit log, links and inbox of two tenants; rare values hide among common ones."""
    other = factories.object_sync(factories.tenant("Crow"))
    with connection.cursor() as cursor:
        for row, first in ((sync, 0), (other, ROWS // 2)):
            values: dict[str, Any] = {
                "tenant": row.tenant_id,
                "sync": row.pk,
                "hubspot": row.integration.hubspot_id,
                "first": first,
                "last": first + ROWS // 2 - 1,
                "now": timezone.now(),
            }
            for statement in FILL:
                cursor.execute(statement, values)
        for table in BIG:
            cursor.execute(f"ANALYZE {table}")
    return sync


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


@pytest.fixture
def plans(support: Client) -> Plans:
    """Open a page as support and return the plan of each of its queries."""

    def explained(address: str) -> list[str]:
        with CaptureQueriesContext(connection) as caught:
            assert support.get(address).status_code == 200
        found = []
        with connection.cursor() as cursor:
            for query in caught.captured_queries:
                if query["sql"].startswith("SELECT"):
                    cursor.execute(f"EXPLAIN {query['sql']}")
                    found.append("\n".join(line for (line,) in cursor.fetchall()))
        return found

    return explained


def test_no_list_reads_a_whole_table(history: ObjectSync, plans: Plans) -> None:
    for page in PAGES:
        for plan in plans(f"/admin/integrations/{page}"):
            for table in BIG:
                assert f"Seq Scan on {table} " not in plan, f"{page}: {plan}"


def test_a_list_counts_to_its_limit_and_no_further(history: ObjectSync, support: Client) -> None:
    with CaptureQueriesContext(connection) as caught:
        answer = support.get("/admin/integrations/auditentry/")

    counts = [query["sql"] for query in caught.captured_queries if "COUNT(" in query["sql"]]
    assert answer.context["cl"].result_count == COUNT_LIMIT
    assert counts
    assert all(f"LIMIT {COUNT_LIMIT}" in count for count in counts)


def test_a_list_takes_few_queries_for_any_number_of_rows(
    history: ObjectSync, support: Client
) -> None:
    for page in ("auditentry", "recordlink", "event"):
        with CaptureQueriesContext(connection) as caught:
            support.get(f"/admin/integrations/{page}/")

        assert len(caught) < 10, page


def test_a_search_finds_what_is_asked_and_nothing_else(
    history: ObjectSync, support: Client
) -> None:
    answer = support.get("/admin/integrations/auditentry/?q=31007")

    assert [row.hubspot_id for row in answer.context["cl"].result_list] == ["31007"]
