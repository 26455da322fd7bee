"""Lists of org admins stay fast whatever the size: read from the queries' plans."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from integrations.models import Integration
from tests import bulk, factories
from tests.services.stage import Stage
from tests.views.conftest import Enter

QUERIES = {
    "records": ("", "?state=failing", "?state=linked&reason=updated", "?reason=gave_up"),
    "audit": ("", "?id=31007", "?id=T31007", "?reason=gave_up", "?reason=updated"),
    "reviews": ("", "?all=1"),
    "runs": ("",),
}


@pytest.mark.parametrize("name", sorted(QUERIES))
def test_no_list_reads_a_whole_table(
    name: str, stage: Stage, joined: Integration, enter: Enter
) -> None:
    bulk.fill(factories.object_sync(), joined.object_syncs.get())
    args = ["acme"] if name == "audit" else ["acme", joined.pk]
    client = enter(stage.ada)

    for query in QUERIES[name]:
        with CaptureQueriesContext(connection) as caught:
            assert client.get(reverse(name, args=args) + query).status_code == 200

        assert len(caught) < 12
        for plan in bulk.plans(caught.captured_queries):
            for table in bulk.TABLES:
                assert f"Seq Scan on {table} " not in plan, f"{query}: {plan}"
