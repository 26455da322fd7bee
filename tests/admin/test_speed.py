"""Support's lists stay fast whatever the size: read from the queries' plans, not from a clock."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from integrations.admin.base import COUNT_LIMIT
from integrations.models import ObjectSync
from tests import bulk, factories

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
    bulk.fill(sync, factories.object_sync(factories.tenant("Crow")))
    return sync


@pytest.fixture
def plans(support: Client) -> Plans:
    """Open a page as support and return the plan of each of its queries."""

    def explained(address: str) -> list[str]:
        with CaptureQueriesContext(connection) as caught:
            assert support.get(address).status_code == 200
        return bulk.plans(caught.captured_queries)

    return explained


def test_no_list_reads_a_whole_table(history: ObjectSync, plans: Plans) -> None:
    for page in PAGES:
        for plan in plans(f"/admin/integrations/{page}"):
            for table in bulk.TABLES:
                assert f"Seq Scan on {table} " not in plan, f"{page}: {plan}"


def test_a_list_counts_to_its_limit_and_no_further(history: ObjectSync, support: Client) -> None:
    with CaptureQueriesContext(connection) as caught:
        answer = support.get("/admin/integrations/auditentry/")

    counts = [query["sql"] for query in caught.captured_queries if "COUNT(" in query["sql"]]
    assert answer.context["cl"].result_count == COUNT_LIMIT
    assert "search to see others" in answer.content.decode()
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
