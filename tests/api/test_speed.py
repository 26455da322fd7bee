"""Lists of the REST API stay fast whatever the size: read from the queries' plans."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from integrations.models import ObjectSync
from tests import bulk
from tests.api.conftest import Api

QUERIES = (
    "integrations/", "object-syncs/", "runs/", "runs/?object_sync={sync}", "audit/",
    "audit/?record=31007", "audit/?record=T31007", "audit/?reason=gave_up",
    "audit/?reason=updated&before=20000", "audit/?action=update&failed=true",
    "audit/?object_sync={sync}&since=2026-01-01T00:00:00Z", "records/?object_sync={sync}",
    "records/?object_sync={sync}&state=failing",
    "records/?object_sync={sync}&state=linked&reason=updated&before=20000",
    "records/?object_sync={sync}&reason=gave_up",
)  # fmt: skip
HALVING = 40
"""Most look-ups by which an instant becomes an id: one by the key for each bit of the id."""


@pytest.fixture
def filled(sync: ObjectSync, other: ObjectSync) -> ObjectSync:
    """Give Acme's object sync among many rows of two tenants."""
    bulk.fill(other, sync)
    return sync


def test_no_list_reads_a_whole_table(filled: ObjectSync, ada: Api) -> None:
    for query in QUERIES:
        with CaptureQueriesContext(connection) as caught:
            assert ada.get(query.format(sync=filled.pk)).status_code == 200

        assert len(caught) < (10 + HALVING if "since" in query else 10), query
        for plan in bulk.plans(caught.captured_queries):
            for table in bulk.TABLES:
                assert f"Seq Scan on {table} " not in plan, f"{query}: {plan}"
