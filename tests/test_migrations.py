"""Migrations that move data do so both ways."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.apps.registry import Apps
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tests import factories

BEFORE, AFTER = "0023_typed_stages", "0026_no_periods_of_syncs"
Go = Callable[[str], Apps]


@pytest.fixture
def go(transactional_db: None) -> Iterator[Go]:
    """Give a way to any migration; afterwards everything is as the code wants it."""

    def migrate(name: str) -> Apps:
        executor = MigrationExecutor(connection)
        executor.migrate([("integrations", name)])
        return executor.loader.project_state([("integrations", name)]).apps

    yield migrate
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


def rows(apps: Apps, name: str) -> Any:
    """Return a model's rows as they were at some migration."""
    return apps.get_model("integrations", name).objects


def test_periods_become_jobs_and_periods_again(go: Go) -> None:
    key = factories.object_sync().pk
    old = rows(go(BEFORE), "ObjectSync")
    assert old.get().poll_minutes == 5, "what the column starts with"
    old.update(poll_minutes=15, safety_hours=8, full_days=0)

    jobs = rows(go(AFTER), "Job")
    assert set(jobs.values_list("key", "minutes", "enabled")) == {
        ("changes:patients", 15, True),
        ("safety:patients", 480, True),
        ("full:patients", 0, True),
    }
    jobs.filter(key="changes:patients").update(enabled=False)
    jobs.filter(key="safety:patients").update(minutes=500)
    jobs.filter(key="full:patients").update(minutes=30 * 1440)

    back = rows(go(BEFORE), "ObjectSync").get(pk=key)
    assert (back.poll_minutes, back.safety_hours, back.full_days) == (60, 8, 30)


def test_on_the_way_back_one_open_run_of_a_kind_is_left(go: Go) -> None:
    sync = factories.object_sync()
    now = go(AFTER)
    job = rows(now, "Job").create(
        tenant_id=sync.tenant_id, integration_id=sync.integration_id, key="queue", minutes=10
    )
    for kind, owner in (("settled", None), ("settled", job.pk), ("refresh", job.pk)):
        rows(now, "JobRun").create(
            tenant_id=sync.tenant_id,
            object_sync_id=sync.pk,
            kind=kind,
            state="queued",
            job_id=owner,
        )
    kept = rows(go(BEFORE), "JobRun").order_by("id").values_list("kind", "state")
    assert list(kept) == [("settled", "queued"), ("settled", "cancelled"), ("refresh", "cancelled")]
